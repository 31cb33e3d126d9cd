"""The bundles on the module: listed, verified in a process of their own, then loaded.

A runtime that crashes on a bundle takes only the verifying child with it, and the panel says
why the bundle is refused.
"""

import subprocess
import sys
from dataclasses import dataclass

from firmware.bundle import read_bundle
from firmware.decoder import Decoder, load_decoders
from firmware.errors import UserError
from firmware.home import Home, Version, parse_reference
from firmware.manifest import BundleError

VERIFY_TIMEOUT_NS = 30_000_000_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a wish for a bundle: its decoders, or the reason why not."""

    version: Version
    decoders: tuple[Decoder, ...] = ()
    reason: str = ""


class Shelf:
    """The installed bundles: newest arrival of each name, by name; verified one by one."""

    def __init__(self, home: Home) -> None:
        """Look at what is there."""
        self.versions: tuple[Version, ...] = ()
        self._home = home
        self._child: subprocess.Popen[bytes] | None = None
        self._wanted: Version | None = None
        self._deadline_ns = 0
        self.refresh()

    def refresh(self) -> None:
        """Look again."""
        newest = {version.name: version for version in self._home.versions()}
        self.versions = tuple(newest[name] for name in sorted(newest))

    def find(self, name: str) -> Version:
        """Give a bundle by its name, or NAME/SEQUENCE. Raises `BundleError`."""
        self.refresh()
        for version in self.versions:
            if version.name == name:
                return version
        try:
            version = parse_reference(name)
        except UserError:
            raise BundleError(f"{name[:60]}: no such bundle here") from None
        if not self.is_there(version):
            raise BundleError(f"{version.reference}: not installed")
        return version

    def is_there(self, version: Version) -> bool:
        """Tell whether a bundle's folder is there."""
        return self._home.folder(version).is_dir()

    def give_up(self) -> bool:
        """End a verification that goes on; tell whether one did."""
        given_up, self._wanted = self._wanted, None
        self._end_child()
        return given_up is not None

    def want(self, version: Version, now_ns: int) -> None:
        """Begin to verify a bundle."""
        self.give_up()
        self._wanted = version
        self._deadline_ns = now_ns + VERIFY_TIMEOUT_NS
        command = [sys.executable, "-m", "firmware.check_bundle"]
        self._child = subprocess.Popen(
            [*command, str(self._home.folder(version))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def poll(self, now_ns: int) -> Arrival | None:
        """Give what became of the wanted bundle once that is known."""
        if self._child is None or self._wanted is None:
            return None
        code = self._child.poll()
        if code is None and now_ns < self._deadline_ns:
            return None
        reason = self._reason(self._child, code)
        version, self._wanted = self._wanted, None
        self._end_child()
        return Arrival(version, reason=reason) if reason else self.load(version)

    def load(self, version: Version) -> Arrival:
        """Load a bundle in this process, checking all but what would crash it."""
        try:
            decoders = load_decoders(read_bundle(self._home.folder(version)))
        except (BundleError, ImportError, ValueError, RuntimeError, OSError) as error:
            return Arrival(version, reason=str(error))
        return Arrival(version, decoders)

    def _reason(self, child: "subprocess.Popen[bytes]", code: int | None) -> str:
        if code == 0:
            return ""
        if code is None:
            return "cannot be verified: it takes too long"
        said = child.stdout.read(2000).decode(errors="replace").strip() if child.stdout else ""
        return said or f"crashes the runtime ({code})"

    def _end_child(self) -> None:
        if self._child is None:
            return
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        if self._child.stdout:
            self._child.stdout.close()
        self._child = None
