import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trainer.audio.audio_file import SAMPLE_RATE
from trainer.data.demo_loops import BPM, COUNT, make_loop, write_demo_loops
from trainer.data.demo_patterns import ROLES


@pytest.fixture(scope="module")
def onsets() -> np.ndarray:
    return np.array([make_loop(index, 0).onset for index in range(COUNT)])


def test_the_patterns_are_many_and_lie_close(onsets: np.ndarray) -> None:
    distance = np.count_nonzero(onsets[:, None] != onsets[None], axis=2)
    nearest = np.sort(distance, axis=1)[:, 1]
    assert len({row.tobytes() for row in onsets}) >= 150
    assert 2 <= np.median(nearest) <= 4


def test_no_pattern_is_empty_and_none_is_full(onsets: np.ndarray) -> None:
    counts = onsets.sum(axis=1)
    assert counts.min() >= 1
    assert counts.max() < 32


def test_the_files_are_two_bars_long_and_indexed(tmp_path: Path) -> None:
    shares: list[float] = []
    files = write_demo_loops(tmp_path, 7, 3, lambda event: shares.append(event.share))
    truth = json.loads((tmp_path / "INDEX.json").read_text())["rendered"]
    assert [entry["file"] for entry in truth] == [
        path.relative_to(tmp_path).as_posix() for path in files
    ]
    assert {entry["family"] for entry in truth} == set(ROLES)
    assert shares == [done / 7 for done in range(1, 8)]
    for path, entry in zip(files, truth, strict=True):
        facts = soundfile.info(path)
        assert (facts.samplerate, facts.channels) == (SAMPLE_RATE, 1)
        assert facts.frames == round(8 * 60 / BPM * SAMPLE_RATE)
        found = [step for step, on in enumerate(entry["steps"]) if on]
        assert found == [step for step, ms in enumerate(entry["offset_ms"]) if ms is not None]
        assert found == [step for step, velocity in enumerate(entry["velocity"]) if velocity]


def test_the_same_seed_gives_the_same_loop_and_another_gives_another() -> None:
    one, again, other = make_loop(5, 1), make_loop(5, 1), make_loop(5, 2)
    assert one.name == again.name
    assert np.array_equal(one.samples, again.samples)
    assert not np.array_equal(one.samples, other.samples)


@pytest.mark.parametrize("index", range(0, COUNT, 21))
def test_energy_rises_where_the_truth_says(index: int) -> None:
    """Around its onsets a loop is louder than just before its first one after a rest."""
    loop = make_loop(index, 0)
    assert np.abs(loop.samples).max() == pytest.approx(0.9, abs=1e-3)
    first = int(np.flatnonzero(loop.onset)[0])
    start = round((first * 0.125 + loop.offset_ms[first] / 1000) * SAMPLE_RATE)
    attack = np.abs(np.take(loop.samples, np.arange(start, start + 2000), mode="wrap")).max()
    assert attack > 0.02
