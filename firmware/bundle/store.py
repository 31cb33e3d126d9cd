"""The installed bundles of a home: staging, installation, retention, removal.

The sequence number alone gives the order; no clock or file time is read. A process that changes
`bundles` or `current` holds the lock. A receiver locks its own staging folder, so that the next
push removes the unlocked folder of one that was interrupted.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from firmware.bundle.bundle import read_bundle, read_manifest
from firmware.bundle.manifest import MANIFEST, BundleError, manifest_bytes
from firmware.bundle.verify import VerifiedMarks
from firmware.errors import UserError
from firmware.storage.file_lock import FileLock
from firmware.storage.files import replace_link, sync_folder, write_new
from firmware.storage.paths import Home, InstalledBundle

KEPT = 5
"""How many installations of a bundle are kept besides the current one."""

SPARE_BYTES = 4 << 20
"""The space that a push leaves free, for presets and logs."""


class StoreError(UserError):
    """An operation of the store failed; the message gives the reason."""


def make_home(home: Home) -> None:
    """Make the folders that are missing."""
    try:
        home.bundles.mkdir(parents=True, exist_ok=True)
        home.staging.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{home.root}: cannot be used ({error.strerror})") from None


@contextmanager
def locked(home: Home, what: str = "store") -> Iterator[None]:
    """Lock the home for a change; others wait, and no holder takes long."""
    with FileLock(home.root / f".{what}.lock"):
        yield


@contextmanager
def staging(home: Home) -> Iterator[Path]:
    """Return a private folder that is removed afterwards, unless it was moved into place."""
    with locked(home):
        _sweep(home)
        folder = Path(tempfile.mkdtemp(dir=home.staging))
        lock = FileLock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def require_room(home: Home, size_bytes: int) -> None:
    """Raise `StoreError` unless so many bytes fit and the reserve stays free."""
    free = shutil.disk_usage(home.root).free
    if free < size_bytes + SPARE_BYTES:
        raise StoreError(
            f"no room: {size_bytes / 1e6:.1f} MB to store and {free / 1e6:.1f} MB free; "
            "free some with `deploy remove`"
        )


def find(home: Home, name: str, manifest: bytes) -> InstalledBundle | None:
    """Find the installed bundle with this manifest, if its files are still what that says."""
    for version in reversed(home.installed()):
        with suppress(OSError, BundleError):
            folder = home.folder(version)
            if version.name == name and (folder / MANIFEST).read_bytes() == manifest:
                read_bundle(folder)
                return version
    return None


def install(home: Home, staged: Path, name: str) -> InstalledBundle:
    """Move a verified staging folder among the bundles, as the newest. The lock is held."""
    version = InstalledBundle(_next_sequence(home), name)
    sync_folder(staged)
    staged.chmod(0o755)
    _move(home, staged, version)
    return version


def renewed(home: Home, name: str, manifest: bytes) -> InstalledBundle | None:
    """Find an installed bundle and make it the newest, as if it were installed again.

    The one that plays keeps its place. The lock is held.
    """
    version = find(home, name, manifest)
    if version is None or version in (home.current_bundle(), home.installed()[-1]):
        return version
    newest = InstalledBundle(_next_sequence(home), name)
    _move(home, home.folder(version), newest)
    return newest


def install_copy(home: Home, folder: Path) -> InstalledBundle:
    """Install a copy of a bundle, unless it is installed already; return which it is.

    Raises `BundleError` unless the hashes of the copy hold.
    """
    manifest = read_manifest(folder)
    data = manifest_bytes(manifest)
    make_home(home)
    with locked(home):
        if version := renewed(home, manifest.name, data):
            return version
    with staging(home) as staged:
        for stored in manifest.stored:
            write_new(staged / stored.file, [(folder / stored.file).read_bytes()])
        write_new(staged / MANIFEST, [data])
        read_bundle(staged)
        with locked(home):
            return install(home, staged, manifest.name)


def set_current(home: Home, version: InstalledBundle) -> None:
    """Point `current` at an installed bundle, atomically and durably.

    The running firmware does this for what it plays; without one, the program that installs.
    Raises `StoreError` if the bundle was removed meanwhile, `OSError` if writing fails.
    """
    with locked(home):
        if not home.folder(version).is_dir():
            raise StoreError(f"{version.reference}: was removed meanwhile; push it again")
        replace_link(home.current, Path("bundles") / version.reference)


def retain(home: Home, name: str) -> None:
    """Remove all but the last installations of a bundle; never the current one."""
    named = [version for version in home.installed() if version.name == name]
    for version in named[:-KEPT]:
        if version != home.current_bundle():
            discard(home, version)


def discard(home: Home, version: InstalledBundle) -> None:
    """Remove an installed bundle. Raises `StoreError` for the one that plays."""
    if version == home.current_bundle():
        raise StoreError(f"{version.reference}: it plays; push or roll back to another first")
    VerifiedMarks(home).remove(home.folder(version))
    # Out of the list in one step, then gone; a sweep finishes what a power cut leaves.
    doomed = Path(tempfile.mkdtemp(dir=home.staging)) / "doomed"
    home.folder(version).rename(doomed)
    with suppress(OSError):
        home.folder(version).parent.rmdir()
    shutil.rmtree(doomed.parent)


def before(home: Home, version: InstalledBundle | None) -> InstalledBundle:
    """Find the installation before this one. Raises `StoreError` if there is none."""
    earlier = [other for other in home.installed() if version and other < version]
    if not earlier:
        raise StoreError("nothing older is installed to go back to")
    return earlier[-1]


def select(home: Home, text: str) -> tuple[InstalledBundle, ...]:
    """Find the installations of NAME or NAME/SEQUENCE. Raises `StoreError` if none."""
    named = [
        version for version in home.installed() if text in (version.name, version.reference)
    ]
    if not named:
        raise StoreError(f"{text[:80]}: no such kit here; `deploy list` shows them")
    return tuple(named)


def _next_sequence(home: Home) -> int:
    versions = home.installed()
    return versions[-1].sequence + 1 if versions else 1


def _move(home: Home, folder: Path, version: InstalledBundle) -> None:
    target = home.folder(version)
    target.parent.mkdir(exist_ok=True)
    folder.rename(target)
    sync_folder(target.parent)
    sync_folder(home.bundles)


def _sweep(home: Home) -> None:
    """Remove the staging folders of interrupted receivers, but none that is locked."""
    for entry in home.staging.iterdir():
        if not entry.is_dir() or entry.is_symlink():
            entry.unlink()
            continue
        with suppress(BlockingIOError), FileLock(entry, wait=False):
            shutil.rmtree(entry, ignore_errors=True)
