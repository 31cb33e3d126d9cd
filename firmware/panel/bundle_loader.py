"""Lists the installed bundles and loads them, after verification in a separate process.

A bundle that crashes its decoder ends only the verifying process, and the panel reports why
the bundle is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import Decoder, make_decoders
from firmware.bundle.manifest import BundleError
from firmware.bundle.verify import VERIFY_S, BundleVerifier, VerifiedMarks, too_slow
from firmware.errors import UserError
from firmware.storage.paths import Home, InstalledBundle, parse_reference


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The decoders of a bundle, or the reason why it is refused."""

    version: InstalledBundle
    decoders: tuple[Decoder, ...] = ()
    reason: str = ""


class BundleLoader:
    """The installed bundles, the newest of each name by name; loads one at a time."""

    def __init__(
        self, home: Home, loaded: Mapping[InstalledBundle, Sequence[Decoder]] | None = None
    ) -> None:
        """List the installed bundles. `loaded` are decoders that are verified already."""
        self.bundles: tuple[InstalledBundle, ...] = ()
        self.marks = VerifiedMarks(home)
        self._home = home
        self._given = dict(loaded or {})
        self._loaded: set[Path] = set()
        self._verifier: BundleVerifier | None = None
        self._verifying: InstalledBundle | None = None
        self._deadline_ns = 0
        self.refresh()

    def refresh(self) -> None:
        """List the installed bundles again."""
        newest = {version.name: version for version in self._home.installed()}
        self.bundles = tuple(newest[name] for name in sorted(newest))

    def find(self, name: str) -> InstalledBundle:
        """Return a bundle by its name, or NAME/SEQUENCE. Raises `BundleError`."""
        self.refresh()
        for version in self.bundles:
            if version.name == name:
                return version
        try:
            version = parse_reference(name)
        except UserError:
            raise BundleError(f"{name[:60]}: no such kit here") from None
        if not self.is_installed(version):
            raise BundleError(f"{version.reference}: not installed")
        return version

    def is_installed(self, version: InstalledBundle) -> bool:
        """Return whether a bundle's folder exists."""
        return self._home.folder(version).is_dir()

    def cancel(self) -> bool:
        """End a verification in progress; return whether there was one."""
        cancelled = self._verifying is not None
        self._end()
        return cancelled

    def start(self, version: InstalledBundle, now_ns: int) -> LoadResult | None:
        """Load a bundle that was verified, or start to verify it and return None.

        Its mark is removed first: if it crashes this process all the same, it is verified
        again before it is next loaded.
        """
        self.cancel()
        if version in self._given:
            return LoadResult(version, tuple(self._given[version]))
        folder = self._home.folder(version)
        if self._is_verified(folder):
            self.marks.remove(folder)
            return self._load(version)
        self._verifier = BundleVerifier()
        self._verifier.start(folder)
        self._verifying = version
        self._deadline_ns = now_ns + int(VERIFY_S * 1e9)
        return None

    def poll(self, now_ns: int) -> LoadResult | None:
        """Return the result of the verification that was started, once it is known."""
        if self._verifier is None or self._verifying is None:
            return None
        reason = self._verifier.poll()
        if reason is None and now_ns < self._deadline_ns:
            return None
        version = self._verifying
        self._end()
        if reason is None:
            reason = too_slow()
        if reason:
            return LoadResult(version, reason=f"{version.reference}: {reason}")
        return self._load(version)

    def _load(self, version: InstalledBundle) -> LoadResult:
        try:
            folder = self._home.folder(version)
            decoders = make_decoders(read_bundle(folder, verified=True))
            self._loaded.add(self.marks.path(folder))
        except (ImportError, ValueError, RuntimeError, OSError) as error:
            return LoadResult(version, reason=str(error))
        return LoadResult(version, decoders)

    def _is_verified(self, folder: Path) -> bool:
        """Return whether this very manifest was verified, by this process or an earlier one."""
        try:
            return self.marks.path(folder) in self._loaded or self.marks.has(folder)
        except OSError:
            return False

    def _end(self) -> None:
        if self._verifier:
            self._verifier.close()
        self._verifier = self._verifying = None
