"""Installing, renewing, keeping and removing bundles."""

import fcntl
import shutil
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from firmware.bundle import store
from firmware.bundle.bundle import read_manifest
from firmware.bundle.manifest import BundleError, manifest_bytes
from firmware.bundle.store import StoreError
from firmware.bundle.verify import VerifiedMarks
from firmware.storage.paths import Home, InstalledBundle


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    store.make_home(home)
    return home


def add(home: Home, source: Path, name: str) -> InstalledBundle:
    """Install a bundle's files under a name."""
    with store.staging(home) as staged, store.locked(home):
        for file in source.iterdir():
            shutil.copyfile(file, staged / file.name)
        return store.install(home, staged, name)


def manifest_of(folder: Path) -> bytes:
    return manifest_bytes(read_manifest(folder))


@pytest.fixture
def three(home: Home, bundle_folder: Path) -> list[InstalledBundle]:
    return [add(home, bundle_folder, "drums") for _ in range(3)]


def test_numbers_rise_over_all_names(home: Home, bundle_folder: Path) -> None:
    names = ["drums", "bass", "drums"]
    installed = [add(home, bundle_folder, name) for name in names]
    assert installed == [
        InstalledBundle(1, "drums"),
        InstalledBundle(2, "bass"),
        InstalledBundle(3, "drums"),
    ]
    assert home.installed() == tuple(installed)
    assert home.folder(installed[0]).stat().st_mode & 0o777 == 0o755


def test_a_home_is_made_with_a_private_staging_folder(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "home")
    store.make_home(home)
    store.make_home(home)
    assert home.staging.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file: cannot be used \(Not a directory\)"):
        store.make_home(Home(tmp_path / "file"))


def test_what_is_installed_lasts(
    home: Home, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(store, "sync_folder", synced.append)
    version = add(home, bundle_folder, "drums")
    assert synced[0].parent == home.staging
    assert synced[1:] == [home.folder(version).parent, home.bundles]


def test_staging_is_gone_afterwards_and_what_is_held_stays(home: Home) -> None:
    left = home.staging / "left"
    left.mkdir()
    (left / "file").touch()
    (home.staging / "stray").touch()
    (home.staging / "link").symlink_to(home.bundles)
    with store.staging(home) as first, store.staging(home) as second:
        assert sorted(home.staging.iterdir()) == sorted([first, second])
        assert home.bundles.is_dir()
    assert list(home.staging.iterdir()) == []


def test_staging_is_removed_when_it_fails(home: Home) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with suppress(ValueError), store.staging(home) as folder:
        (folder / "file").touch()
        raise ValueError
    assert list(home.staging.iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("what", ["store", "play"])
def test_a_lock_is_held(home: Home, what: str) -> None:
    with (
        store.locked(home, what),
        (home.root / f".{what}.lock").open("ab") as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (home.root / f".{what}.lock").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_room_is_kept_free(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(_: Path) -> object:
        return SimpleNamespace(free=5 << 20)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    store.require_room(home, 1 << 20)
    with pytest.raises(StoreError, match=r"no room: 1\.0 MB to store and 5\.2 MB free"):
        store.require_room(home, (1 << 20) + 1)


def test_an_installed_bundle_is_found_by_name_and_manifest_if_its_files_hold(
    home: Home, bundle_folder: Path, three: list[InstalledBundle]
) -> None:
    data = manifest_of(bundle_folder)
    assert store.find(home, "drums", data) == three[2]
    assert store.find(home, "bass", data) is None
    assert store.find(home, "drums", data + b" ") is None
    next(home.folder(three[2]).glob("*.tflite")).write_bytes(b"?")
    assert store.find(home, "drums", data) == three[1]


def test_an_old_bundle_is_renewed_unless_it_is_current(home: Home, bundle_folder: Path) -> None:
    data = manifest_of(bundle_folder)
    assert store.renewed(home, "drums", data) is None
    drums = add(home, bundle_folder, "drums")
    assert store.renewed(home, "drums", data) == drums
    bass = add(home, bundle_folder, "bass")
    store.set_current(home, drums)
    assert store.renewed(home, "drums", data) == drums
    store.set_current(home, bass)
    assert store.renewed(home, "drums", data) == InstalledBundle(3, "drums")
    assert home.installed() == (bass, InstalledBundle(3, "drums"))


def test_the_last_five_and_the_current_one_are_kept(home: Home, bundle_folder: Path) -> None:
    drums = [add(home, bundle_folder, "drums") for _ in range(8)]
    bass = add(home, bundle_folder, "bass")
    store.set_current(home, drums[1])
    store.retain(home, "drums")
    assert home.installed() == (drums[1], *drums[3:], bass)


def test_a_bundle_is_discarded_with_its_mark(
    home: Home, bundle_folder: Path, three: list[InstalledBundle]
) -> None:
    other = add(home, bundle_folder, "bass")
    VerifiedMarks(home).add(home.folder(other))
    store.discard(home, other)
    assert home.installed() == tuple(three)
    assert not (home.bundles / "bass").exists()
    assert list(home.staging.iterdir()) == []
    assert list((home.root / "verified").iterdir()) == []
    store.set_current(home, three[0])
    with pytest.raises(StoreError, match="drums/000001: it plays"):
        store.discard(home, three[0])


def test_only_what_is_installed_can_be_current(
    home: Home, three: list[InstalledBundle]
) -> None:
    store.set_current(home, three[1])
    assert home.current_bundle() == three[1]
    assert home.current.readlink() == Path("bundles/drums/000002")
    with pytest.raises(StoreError, match="bass/000009: was removed"):
        store.set_current(home, InstalledBundle(9, "bass"))
    assert home.current_bundle() == three[1]


def test_the_one_before(home: Home, three: list[InstalledBundle]) -> None:
    assert store.before(home, three[2]) == three[1]
    for version in (three[0], None):
        with pytest.raises(StoreError, match="nothing older"):
            store.before(home, version)


def test_bundles_are_selected_by_name_or_reference(
    home: Home, three: list[InstalledBundle]
) -> None:
    assert store.select(home, "drums") == tuple(three)
    assert store.select(home, "drums/000002") == (three[1],)
    with pytest.raises(StoreError) as missing:
        store.select(home, "x" * 100)
    assert str(missing.value) == f"{'x' * 80}: no such kit here; `deploy list` shows them"


def test_a_copy_is_installed_once(home: Home, bundle_folder: Path, tmp_path: Path) -> None:
    name = read_manifest(bundle_folder).name
    shutil.rmtree(home.root)
    for _ in range(2):
        assert store.install_copy(home, bundle_folder) == InstalledBundle(1, name)
    copied = home.folder(InstalledBundle(1, name))
    manifest = read_manifest(bundle_folder)
    for file in ("manifest.json", *(stored.file for stored in manifest.stored)):
        assert (copied / file).read_bytes() == (bundle_folder / file).read_bytes()
    assert list(home.staging.iterdir()) == []
    damaged = shutil.copytree(bundle_folder, tmp_path / "damaged")
    next(damaged.glob("*.tflite")).write_bytes(b"?")
    other = Home(tmp_path / "other")
    with pytest.raises(BundleError, match="does not match its hash"):
        store.install_copy(other, damaged)
    assert other.installed() == ()
    assert list(other.staging.iterdir()) == []
