import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.errors import UserError
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.data.dataset import (
    Dataset,
    DatasetError,
    loop_name,
    merge,
    read_dataset,
    select,
    steps_text,
    summary,
    with_steps,
    write_dataset,
)


def made(seed: int = 0, rows: int = 5, names: str = "loop") -> Dataset:
    rng = np.random.default_rng(seed)
    onset = rng.random((rows, 32)) < 0.4
    return Dataset(
        onset=onset,
        velocity=np.where(onset, rng.uniform(0.1, 1, onset.shape), 0).astype(np.float32),
        offset=np.where(onset, rng.uniform(-0.5, 0.5, onset.shape), 0).astype(np.float32),
        names=tuple(f"{names}{row}.wav" for row in range(rows)),
        bpm=rng.uniform(60, 180, rows).astype(np.float32),
        loops=rows,
    )


def same(one: Dataset, other: Dataset) -> bool:
    arrays = ("onset", "velocity", "offset", "bpm")
    alike = all(np.array_equal(getattr(one, a), getattr(other, a)) for a in arrays)
    return alike and one.names == other.names and one.loops == other.loops


@given(seed=st.integers(0, 10_000), rows=st.integers(0, 9))
def test_what_was_written_is_read(
    seed: int, rows: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("set") / "d.npz"
    dataset = made(seed, rows)
    write_dataset(path, dataset)
    assert same(read_dataset(path), dataset)
    assert sorted(file.name for file in path.parent.iterdir()) == ["d.json", "d.npz"]


def test_the_same_dataset_gives_the_same_bytes(tmp_path: Path) -> None:
    write_dataset(tmp_path / "a.npz", made())
    write_dataset(tmp_path / "b.npz", made())
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_summary_shows_each_row(tmp_path: Path) -> None:
    dataset = made(rows=3)
    write_dataset(tmp_path / "d.npz", dataset)
    facts = json.loads((tmp_path / "d.json").read_text())
    assert facts == summary(dataset)
    assert [row["steps"] for row in facts["rows"]] == [steps_text(row) for row in dataset.onset]
    assert facts["loops"] == facts["patterns"] == 3


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("onset", np.zeros((5, 31), bool), "shape"),
        ("onset", np.zeros((5, 32), np.uint8), "uint8"),
        ("velocity", np.full((5, 32), 2, np.float32), "velocity"),
        ("velocity", np.full((5, 32), np.nan, np.float32), "velocity"),
        ("offset", np.full((5, 32), 0.7, np.float32), "offset"),
        ("offset", np.full((5, 32), 0.1, np.float32), "offset"),
        ("bpm", np.zeros(5, np.float32), "tempo"),
        ("bpm", np.full(4, 120, np.float32), "shape"),
        ("loops", -1, "loops"),
    ],
)
def test_what_does_not_hold_together_is_refused(
    name: str, value: object, complaint: str
) -> None:
    parts = {key: getattr(made(), key) for key in Dataset.__slots__}
    with pytest.raises(DatasetError, match=complaint):
        Dataset(**(parts | {name: value}))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.npz: no such file"):
        read_dataset(tmp_path / "gone.npz")


@given(data=st.data())
def test_a_damaged_file_is_refused_or_read_whole(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("set") / "d.npz"
    dataset = made()
    write_dataset(path, dataset)
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[at:]
    else:
        content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        found = read_dataset(path)
    except DatasetError as error:
        found, complaint = None, str(error)
    if found is None:
        assert complaint.startswith(str(path))
        assert "\n" not in complaint
    else:
        assert same(found, dataset)


def test_a_later_version_says_so(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    write_dataset(path, made())
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **(arrays | {"version": np.array(99)}))
    with pytest.raises(DatasetError, match="version 99 is newer"):
        read_dataset(path)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    write_dataset(path, made())
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **(arrays | {"names": np.array([object()] * 5)}))
    with pytest.raises(DatasetError):
        read_dataset(path)


def test_nothing_is_written_where_it_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_dataset(tmp_path / "file" / "d.npz", made())
    with pytest.raises(DatasetError, match=r"ends in \.npz"):
        write_dataset(tmp_path / "d.txt", made())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("row", "loop"),
    [("a.wav", "a.wav"), ("a.wav#2", "a.wav"), ("c#.wav", "c#.wav"), ("a#1.wav#12", "a#1.wav")],
)
def test_a_row_knows_its_loop(row: str, loop: str) -> None:
    assert loop_name(row) == loop


def test_merging_keeps_each_row_once() -> None:
    one, other = made(0, 4, "a"), made(1, 3, "b")
    both = merge([one, other, one])
    assert both.names == one.names + other.names
    assert both.loops == 7
    assert same(select(both, range(4)), one)


@given(seed=st.integers(0, 1000), wanted=st.lists(st.booleans(), min_size=32, max_size=32))
def test_edited_steps_are_the_steps_asked_for(seed: int, wanted: list[bool]) -> None:
    before = made(seed)
    after = with_steps(before, 2, np.array(wanted))
    assert after.onset[2].tolist() == wanted
    kept = before.onset[2] & after.onset[2]
    assert np.array_equal(after.velocity[2][kept], before.velocity[2][kept])
    assert np.array_equal(after.offset[2][kept], before.offset[2][kept])
    assert (after.velocity[2][after.onset[2]] > 0).all()
    others = [0, 1, 3, 4]
    assert same(select(after, others), select(before, others))


@pytest.mark.parametrize("content", ["", "[]", '{"a.wav": {"bpm": 120}}'])
def test_another_json_file_is_not_overwritten(tmp_path: Path, content: str) -> None:
    (tmp_path / "d.json").write_text(content)
    with pytest.raises(DatasetError, match="not a dataset's summary"):
        write_dataset(tmp_path / "d.npz", dataset_of(rhythms(3)))
    assert (tmp_path / "d.json").read_text() == content
    assert not (tmp_path / "d.npz").exists()


def test_a_dataset_overwrites_its_own_summary(tmp_path: Path) -> None:
    write_dataset(tmp_path / "d.npz", dataset_of(rhythms(3)))
    write_dataset(tmp_path / "d.npz", dataset_of(rhythms(5)))
    assert read_dataset(tmp_path / "d.npz").loops == 5
