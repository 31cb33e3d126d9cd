"""Send bundles: the laptop's end of a push."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.connection import Connection
from deploy.protocol import PROTOCOL
from firmware.bundle.bundle import read_bundle
from firmware.bundle.manifest import (
    BundleError,
    Manifest,
    StoredFile,
    VoiceModel,
    manifest_bytes,
    parse_manifest,
)
from firmware.bundle.verify import BundleVerifier
from firmware.ipc.json_lines import BLOCK_BYTES, encode_line

Progress = Callable[[str, int, int], None]
"""Called with the name of the bundle, the bytes sent and the bytes in all."""


@dataclass(frozen=True, slots=True)
class PreparedBundle:
    """A verified bundle on this computer, ready to send."""

    folder: Path
    manifest: Manifest
    manifest_data: bytes

    @property
    def files(self) -> tuple[StoredFile | VoiceModel, ...]:
        """The files that the manifest names, in the order in which they are sent."""
        return self.manifest.stored

    @property
    def size_bytes(self) -> int:
        """The total number of bytes."""
        return len(self.manifest_data) + sum(file.size_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Pushed:
    """The result of one bundle.

    `playing` is None if it was not requested, False if no firmware runs. `seconds` counts from
    the request to the last reply, without connecting, and `sending_s` from the first byte of
    the files until the last is on the module's disk.
    """

    bundle: str
    sent_bytes: int
    playing: bool | None
    seconds: float
    sending_s: float


def pack(folders: Sequence[Path], name: str | None = None) -> tuple[PreparedBundle, ...]:
    """Read bundles, and rename one if requested. Raises `BundleError`."""
    return tuple(_prepare(folder, name) for folder in folders)


class Verification:
    """Verifies bundles on this computer as the module does, which takes a while.

    The processes start at once, so that connecting and reading continue meanwhile.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        """Start verifying."""
        self._started = ExitStack()
        self._left = {
            folder: self._started.enter_context(BundleVerifier()) for folder in folders
        }

    def wait(self) -> None:
        """Wait until all are verified. Raises `BundleError` for the first that is refused."""
        for folder, verifier in tuple(self._left.items()):
            try:
                verifier.verify(folder)
            except BundleError as error:
                raise BundleError(f"{folder}: {error}") from None
            del self._left[folder]

    def __enter__(self) -> "Verification":
        return self

    def __exit__(self, *_: object) -> None:
        self._started.close()


def push(link: Connection, bundle: PreparedBundle, progress: Progress, *, play: bool) -> Pushed:
    """Send a bundle, unless the module has it, and wait until it plays.

    Raises `RemoteError` with the module's reason.
    """
    started_s = time.monotonic()
    sending_s = 0.0
    link.send(_request("push", bundle, play=play) + bundle.manifest_data)
    reply = link.reply()
    while "ok" not in reply:
        if reply.get("event") == "send":
            sending_s = time.monotonic()
            _send_files(link, bundle, progress)
        elif reply.get("event") == "received":
            sending_s = time.monotonic() - sending_s
        reply = link.reply()
    return Pushed(
        bundle=str(reply.get("bundle")),
        sent_bytes=bundle.size_bytes if reply.get("sent") else 0,
        playing=reply.get("playing"),
        seconds=time.monotonic() - started_s,
        sending_s=sending_s,
    )


def preview(link: Connection, bundle: PreparedBundle) -> bool:
    """Return whether a push would send anything, and change nothing."""
    link.send(_request("preview", bundle) + bundle.manifest_data)
    return link.reply().get("unchanged") is not True


def _prepare(folder: Path, name: str | None) -> PreparedBundle:
    manifest = read_bundle(folder).manifest
    if name is not None:
        manifest = replace(manifest, name=name)
    data = manifest_bytes(manifest)
    return PreparedBundle(folder, parse_manifest(data, str(folder)), data)


def _request(operation: str, bundle: PreparedBundle, **options: bool) -> bytes:
    size = len(bundle.manifest_data)
    return encode_line(
        {"protocol": PROTOCOL, "op": operation, "manifest_bytes": size, **options}
    )


def _send_files(link: Connection, bundle: PreparedBundle, progress: Progress) -> None:
    sent = 0
    for block in _blocks(bundle):
        link.send(block)
        sent += len(block)
        progress(bundle.manifest.name, sent, bundle.size_bytes - len(bundle.manifest_data))


def _blocks(bundle: PreparedBundle) -> Iterator[bytes]:
    for file in bundle.files:
        data = (bundle.folder / file.file).read_bytes()
        if len(data) != file.size_bytes:
            raise BundleError(f"{bundle.folder / file.file}: changed while it was being sent")
        for start in range(0, len(data), BLOCK_BYTES):
            yield data[start : start + BLOCK_BYTES]
