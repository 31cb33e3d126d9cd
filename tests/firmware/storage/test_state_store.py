import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.storage.files import SystemDisk
from firmware.storage.state_store import (
    DOCUMENT_BYTES_MAX,
    corrupt_of,
    load,
    previous_of,
    read,
    save,
)


def parse(data: bytes) -> int:
    value = json.loads(data)["value"]
    assert isinstance(value, int)
    return value


def data_of(value: int) -> bytes:
    return json.dumps({"value": value, "padding": "x" * 50}).encode()


def test_what_was_saved_is_loaded_and_the_one_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    save(path, data_of(1))
    save(path, data_of(2))
    assert load(path, parse).value == 2
    assert parse(previous_of(path).read_bytes()) == 1
    assert {name.name for name in tmp_path.iterdir()} == {"state.json", "state.json.previous"}


def test_nothing_there_is_nothing_wrong(tmp_path: Path) -> None:
    loaded = load(tmp_path / "state.json", parse)
    assert (loaded.value, loaded.notes) == (None, ())


@pytest.mark.parametrize("rubbish", [b"", b"{", b"\xff\x00", data_of(9)[:-20], b"[" * 100000])
def test_a_corrupt_file_is_set_aside_and_named(tmp_path: Path, rubbish: bytes) -> None:
    path = tmp_path / "state.json"
    save(path, data_of(1))
    save(path, data_of(2))
    path.write_bytes(rubbish)
    loaded = load(path, parse)
    assert loaded.value == 1
    assert corrupt_of(path).read_bytes() == rubbish
    assert "state.json.corrupt" in loaded.notes[0]
    assert "the previous copy" in loaded.notes[0]


def test_a_corrupt_file_without_a_copy_gives_way_to_defaults(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"?")
    loaded = load(path, parse)
    assert loaded.value is None
    assert "using defaults" in loaded.notes[0]


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"?")
    assert read(path, parse).value is None
    assert path.read_bytes() == b"?"


def test_a_disk_that_refuses_leaves_the_old_file(tmp_path: Path) -> None:
    class Full(SystemDisk):
        def write(self, path: Path, data: bytes) -> None:
            path.write_bytes(data[:5])
            raise OSError(28, "No space left on device")

    path = tmp_path / "state.json"
    save(path, data_of(1))
    with pytest.raises(OSError, match="No space"):
        save(path, data_of(2), Full())
    assert load(path, parse).value == 1
    assert [name.name for name in tmp_path.iterdir()] == ["state.json"]


def test_a_file_that_cannot_be_set_aside_is_named_and_passed_over(tmp_path: Path) -> None:
    class Stuck(SystemDisk):
        def replace(self, path: Path, name: Path) -> None:
            raise OSError(30, "Read-only file system")

    path = tmp_path / "state.json"
    path.write_bytes(b"?")
    loaded = load(path, parse, Stuck())
    assert "could not be set aside (Read-only file system)" in loaded.notes[0]
    assert path.read_bytes() == b"?"


def test_no_more_is_read_of_a_file_than_a_document_may_hold(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_bytes(bytes(DOCUMENT_BYTES_MAX + 1))
    assert read(tmp_path / "state.json", len).value == DOCUMENT_BYTES_MAX == 1 << 20


def test_a_note_is_of_bounded_length(tmp_path: Path) -> None:
    def refuse(_: bytes) -> int:
        raise ValueError("x" * 1000)

    (tmp_path / "state.json").write_bytes(b"?")
    (note,) = read(tmp_path / "state.json", refuse).notes
    assert len(note) == 300


class PowerCutError(Exception):
    """The power goes."""


class CacheDisk:
    """A disk whose cache is lost with the power: data and names live on only once synced.

    Names are journaled: of the changes since the last sync some first ones survive. Of a file's
    unsynced data any beginning survives. `operations` are allowed before the power goes.
    """

    def __init__(self, operations: int, cut: Callable[[int], int]) -> None:
        self.files: dict[int, tuple[bytes, bytes]] = {}
        self.names: dict[str, int] = {}
        self.journal: list[dict[str, int]] = []
        self.left = operations
        self.cut = cut

    def _operate(self) -> None:
        if self.left == 0:
            raise PowerCutError
        self.left -= 1

    def _rename(self, names: dict[str, int]) -> None:
        self.journal.append(dict(self.names))
        self.names = names

    def write(self, path: Path, data: bytes) -> None:
        self._operate()
        number = self.names.get(path.name, len(self.files))
        stored = self.files.get(number, (b"", b""))[0]
        self.files[number] = (stored, data)
        self._rename({**self.names, path.name: number})

    def sync(self, path: Path) -> None:
        self._operate()
        number = self.names[path.name]
        self.files[number] = (self.files[number][1], self.files[number][1])

    def link(self, path: Path, name: Path) -> None:
        self._operate()
        if path.name not in self.names:
            raise FileNotFoundError(path)
        assert name.name not in self.names
        self._rename({**self.names, name.name: self.names[path.name]})

    def replace(self, path: Path, name: Path) -> None:
        self._operate()
        names = {key: number for key, number in self.names.items() if key != path.name}
        self._rename({**names, name.name: self.names[path.name]})

    def remove(self, path: Path) -> None:
        self._operate()
        self._rename({key: n for key, n in self.names.items() if key != path.name})

    def sync_folder(self, folder: Path) -> None:
        self._operate()
        self.journal.clear()

    def power_cut(self, operations: int) -> None:
        """Lose what was not synced, some of it in part, and come back."""
        states = [*self.journal, self.names]
        self.names = states[self.cut(len(states) - 1)]
        self.journal.clear()
        for number, (stored, wanted) in self.files.items():
            if stored != wanted:
                torn = wanted[: self.cut(len(wanted))]
                self.files[number] = (torn, torn)
        self.left = operations

    def materialise(self, folder: Path) -> None:
        for name, number in self.names.items():
            (folder / name).write_bytes(self.files[number][1])


@given(st.lists(st.integers(0, 24), min_size=1, max_size=5), st.data())
def test_a_power_cut_at_any_write_loses_at_most_the_last_change(
    lives: list[int], data: st.DataObject
) -> None:
    disk = CacheDisk(lives[0], lambda most: data.draw(st.integers(0, most)))
    path = Path("state.json")
    done = 0
    for operations in [*lives[1:], 0]:
        attempt = done
        try:
            while True:
                attempt += 1
                save(path, data_of(attempt), disk)
                done = attempt
        except PowerCutError:
            disk.power_cut(operations)
        with TemporaryDirectory() as folder:
            disk.materialise(Path(folder))
            loaded = load(Path(folder) / path, parse)
        assert loaded.notes == ()
        assert (loaded.value or 0) in {done, attempt}
        done = loaded.value or 0
