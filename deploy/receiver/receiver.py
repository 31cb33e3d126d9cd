"""The module's end of every `deploy` command; it trusts nothing that it receives.

    python -m deploy.receiver.receiver --home DIR

It speaks `protocol.py` on standard input and output, and does nothing else: on a module it is
the only command that a laptop's key may run (`docs/deploy.md`).
"""

import argparse
import errno
import hashlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.protocol import LINE_BYTES_MAX, PROTOCOL
from deploy.receiver import handlers
from deploy.receiver.activate import activate
from firmware.bundle import store
from firmware.bundle.manifest import (
    MANIFEST,
    MANIFEST_BYTES_MAX,
    BundleError,
    Manifest,
    StoredFile,
    VoiceModel,
    manifest_bytes,
    parse_manifest,
)
from firmware.bundle.verify import BundleVerifier, VerifiedMarks
from firmware.errors import UserError
from firmware.ipc.json_lines import DisconnectedError, FrameReader, FramingError, encode_line
from firmware.storage.files import write_new
from firmware.storage.paths import Home, InstalledBundle

IDLE_S = 30.0
"""A laptop that sends nothing for this long during a push has disconnected."""

REASON_MAX = 500


class Receiver:
    """One connection: a home, a reader of requests, an output of replies."""

    def __init__(self, home: Home, reader: FrameReader, outlet: int) -> None:
        """Serve requests of `reader`, answer on the descriptor `outlet`."""
        self._home = home
        self._reader = reader
        self._outlet = outlet

    def serve(self) -> int:
        """Handle requests until the laptop disconnects or a request fails."""
        try:
            store.make_home(self._home)
            while True:
                self._send({"ok": True, **self._answer(self._reader.message())})
        except DisconnectedError:
            return 0
        except BrokenPipeError:
            return 1
        except (UserError, OSError) as error:
            self._refuse(reason_of(error))
            return 1

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("protocol") != PROTOCOL:
            raise FramingError(
                f"the module uses protocol {PROTOCOL}, the laptop {request.get('protocol')}; "
                "upgrade the older one"
            )
        match request:
            case {"op": "push", "manifest_bytes": int(size), **options}:
                return self._push(size, play=options.get("play") is True)
            case {"op": "preview", "manifest_bytes": int(size)}:
                manifest, data = self._manifest(size)
                return {"unchanged": store.find(self._home, manifest.name, data) is not None}
            case {"op": str(operation)} if operation in handlers.HANDLERS:
                return handlers.HANDLERS[operation](self._home, request)
        raise FramingError(f"no such request: {str(request.get('op'))[:40]}")

    def _push(self, manifest_size: int, *, play: bool) -> dict[str, Any]:
        home = self._home
        manifest, data = self._manifest(manifest_size)
        with store.locked(home):
            version = store.renewed(home, manifest.name, data)
        sent = version is None
        version = version or self._receive(manifest, data)
        self._send({"event": "installed", "bundle": version.reference})
        playing = self._play(version, fresh=sent) if play else None
        with store.locked(home):
            store.retain(home, version.name)
        return {"bundle": version.reference, "sent": sent, "playing": playing}

    def _manifest(self, size_bytes: int) -> tuple[Manifest, bytes]:
        """Read a manifest and write it again, so that nothing unchecked reaches the disk."""
        if not 0 < size_bytes <= MANIFEST_BYTES_MAX:
            raise BundleError(f"{MANIFEST}: {size_bytes} bytes is out of bounds")
        manifest = parse_manifest(self._reader.exactly(size_bytes))
        return manifest, manifest_bytes(manifest)

    def _receive(self, manifest: Manifest, data: bytes) -> InstalledBundle:
        store.require_room(self._home, sum(file.size_bytes for file in manifest.stored))
        with store.staging(self._home) as folder, BundleVerifier() as verifier:
            self._send({"event": "send"})
            for file in manifest.stored:
                write_new(folder / file.file, self._hashed(file))
            write_new(folder / MANIFEST, [data])
            self._send({"event": "received"})
            verifier.verify(folder)
            VerifiedMarks(self._home).add(folder)
            with store.locked(self._home):
                return store.install(self._home, folder, manifest.name)

    def _hashed(self, file: StoredFile | VoiceModel) -> Iterator[bytes]:
        """Pass a file's blocks on. Raises `BundleError` if they are not what was announced."""
        seen = hashlib.sha256()
        for block in self._reader.blocks(file.size_bytes):
            seen.update(block)
            yield block
        if seen.hexdigest() != file.sha256:
            raise BundleError(f"{file.file}: was changed in transit; push again")

    def _play(self, version: InstalledBundle, *, fresh: bool) -> bool:
        try:
            return activate(self._home, version).playing
        except UserError:
            if fresh:
                with store.locked(self._home), suppress(store.StoreError):
                    store.discard(self._home, version)
            raise

    def _send(self, document: dict[str, Any]) -> None:
        view = memoryview(encode_line(document))
        while view:
            view = view[os.write(self._outlet, view) :]

    def _refuse(self, reason: str) -> None:
        with suppress(OSError):
            self._send({"ok": False, "reason": reason})


def reason_of(error: UserError | OSError) -> str:
    """Return one line about what stopped the receiver."""
    if isinstance(error, UserError):
        return " ".join(str(error).split())[:REASON_MAX]
    hints = {
        errno.ENOSPC: "the module's disk is full; free space with `deploy remove`",
        errno.EDQUOT: "the module's disk is full; free space with `deploy remove`",
        errno.EROFS: "the module's disk is read-only; see docs/deploy.md",
        errno.EACCES: "the receiver may not write there; provision the module again",
        errno.EIO: "the module's disk is failing; replace its card",
    }
    hint = hints.get(error.errno or 0, error.strerror or type(error).__name__)
    return f"{error.filename}: {hint}" if error.filename else hint


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve one conversation on standard input and output."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.receiver.receiver", description=__doc__
    )
    parser.add_argument("--home", type=Path, required=True, help="the module's home folder")
    options = parser.parse_args(arguments)
    os.umask(0o022)
    # What ends it must unwind it, so that staging is cleaned.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    reader = FrameReader(sys.stdin.fileno(), IDLE_S, LINE_BYTES_MAX)
    return Receiver(Home(options.home.absolute()), reader, sys.stdout.fileno()).serve()


if __name__ == "__main__":
    sys.exit(main())
