import os
from pathlib import Path

import pytest

from firmware.errors import UserError
from firmware.storage.files import (
    SystemDisk,
    replace_file,
    replace_link,
    write_new,
    write_whole,
)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What was synced, in order: a name and what it held by then, nothing for a folder."""
    found: list[tuple[str, bytes]] = []

    def fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        found.append((path.name, b"" if path.is_dir() else path.read_bytes()))

    monkeypatch.setattr(os, "fsync", fsync)
    return found


class Recorder(SystemDisk):
    """Names what is done, in order."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def write(self, path: Path, data: bytes) -> None:
        self.done.append("write")
        super().write(path, data)

    def sync(self, path: Path) -> None:
        self.done.append("sync")

    def replace(self, path: Path, name: Path) -> None:
        self.done.append(f"replace {name.name}")
        super().replace(path, name)

    def sync_folder(self, folder: Path) -> None:
        self.done.append(f"sync {folder.name}")


def test_a_file_appears_whole_in_folders_made_for_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "a.bin"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [file.name for file in path.parent.iterdir()] == ["a.bin"]


def test_a_refusal_leaves_nothing_and_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").write_text("kept")
    with pytest.raises(UserError, match="folder: cannot be written"):
        write_whole(tmp_path / "folder", b"content")
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize(
    ("synced", "order"),
    [
        (True, ["write", "sync", "replace old", "replace file", "sync folder"]),
        (False, ["write", "replace old", "replace file"]),
    ],
)
def test_data_reaches_the_disk_before_its_name_and_only_if_it_must(
    tmp_path: Path, synced: bool, order: list[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_bytes(b"one")
    disk = Recorder()
    replace_file(folder / "file", b"two", synced=synced, previous=folder / "old", disk=disk)
    assert disk.done == order
    assert (folder / "old").read_bytes() == b"one"


def test_the_system_s_disk_syncs_what_was_written(
    tmp_path: Path, synced: list[tuple[str, bytes]]
) -> None:
    write_whole(tmp_path / "a.bin", b"one")
    (part, content), folder = synced
    assert part.startswith(".a.bin.")
    assert content == b"one"
    assert folder == (tmp_path.name, b"")


def test_what_can_be_made_again_does_not_wait_for_the_disk(
    tmp_path: Path, synced: list[tuple[str, bytes]]
) -> None:
    write_whole(tmp_path / "a.bin", b"one", synced=False)
    assert synced == []
    assert (tmp_path / "a.bin").read_bytes() == b"one"


def test_a_new_file_is_synced_whole_and_never_replaces_one(
    tmp_path: Path, synced: list[tuple[str, bytes]]
) -> None:
    write_new(tmp_path / "a.bin", [b"one", b"two"])
    assert synced == [("a.bin", b"onetwo")]
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a.bin", [b"three"])


def test_a_link_is_replaced_and_what_a_power_cut_left_is_too(
    tmp_path: Path, synced: list[tuple[str, bytes]]
) -> None:
    (tmp_path / ".current.part").symlink_to("left")
    for target in ("one", "two"):
        replace_link(tmp_path / "current", Path(target))
        assert (tmp_path / "current").readlink() == Path(target)
    assert [path.name for path in tmp_path.iterdir()] == ["current"]
    assert synced == [(tmp_path.name, b"")] * 2


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        write_whole(tmp_path / "a.bin", b"one")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
