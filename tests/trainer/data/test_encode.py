import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from unittest.mock import patch

import numpy as np
import pytest
import soundfile

from firmware.errors import UserError
from trainer.audio.audio_file import SAMPLE_RATE, Audio, read_audio
from trainer.audio.synth import Note, Sound, render
from trainer.audio.tempo import Hint
from trainer.audio.transcribe import OUTLINE
from trainer.data.cache import Cache
from trainer.data.demo_loops import STEP_S, make_loop, write_demo_loops
from trainer.data.encode import Encoding, Settings, encode_paths, to_dataset
from trainer.data.encoding_json import to_json
from trainer.data.progress import Cancelled, Progress, cancellable

CLICK = Sound("pulse", 0.001, 0.05, 0.0, 0.01, bright=40, dark=10)


def clicks(path: Path, places: np.ndarray, step_s: float, length_s: float) -> Path:
    """Write short notes at places counted in sixteenths."""
    notes = [Note(float(place) * step_s, 60, 0.05, 0.9) for place in places]
    soundfile.write(path, render(CLICK, notes, length_s, wrap=True), SAMPLE_RATE)
    return path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo_loops(folder, 24, 5)
    return folder


@pytest.fixture(scope="module")
def encoded(demo: Path) -> Encoding:
    return encode_paths([demo])


def test_the_demo_loops_are_transcribed_as_they_were_made(encoded: Encoding) -> None:
    """The whole way, against the truth: steps, timing and loudness."""
    hits = false = missed = 0
    errors: list[float] = []
    for loop in encoded.loops:
        truth = make_loop(int(loop.name.split("_")[2]) - 1, 5)
        found = loop.transcription.grid
        hits += int((truth.onset & found.onset).sum())
        false += int((found.onset & ~truth.onset).sum())
        missed += int((truth.onset & ~found.onset).sum())
        both = truth.onset & found.onset
        errors += list(found.offset[both] * STEP_S * 1000 - truth.offset_ms[both])
    assert 2 * hits / (2 * hits + false + missed) > 0.96
    assert abs(np.median(errors)) < 4
    assert np.abs(errors).mean() < 6


def test_the_dataset_holds_the_transcriptions(encoded: Encoding) -> None:
    dataset = to_dataset(encoded)
    assert dataset.loops == len(dataset) == 24
    for row, loop in enumerate(encoded.loops):
        assert dataset.names[row] == loop.name
        assert np.array_equal(dataset.onset[row], loop.transcription.grid.onset)
        assert loop.transcription.outline.shape == (OUTLINE,)


def test_the_json_describes_each_file(encoded: Encoding) -> None:
    answer = to_json(encoded)
    for entry in answer.values():
        assert (entry["bpm"], entry["bars"], entry["source"]) == (120, 2, "name")
        assert (entry["meter"], entry["steps_per_bar"]) == ("4/4", 16)
        assert len(entry["steps"]) == len(entry["velocity"]) == len(entry["offset_ms"]) == 32
        assert set(entry["steps"]) <= {0, 1}
        silent = [not on for on in entry["steps"]]
        assert [ms is None for ms in entry["offset_ms"]] == silent
        assert [velocity == 0 for velocity in entry["velocity"]] == silent


def test_a_second_run_uses_the_cache(demo: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    first = to_json(encode_paths([demo], cache=cache))
    kept = sorted(tmp_path.rglob("*.json"))
    assert len(kept) == 24
    before = [path.stat().st_mtime_ns for path in kept]
    assert to_json(encode_paths([demo], cache=cache)) == first
    assert [path.stat().st_mtime_ns for path in kept] == before
    for path in kept:
        path.write_text(path.read_text()[:40])
    assert to_json(encode_paths([demo], cache=cache)) == first


def test_another_tempo_is_not_read_from_the_cache(demo: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    files = sorted(demo.rglob("*.wav"))[:1]
    assert encode_paths(files, cache=cache).loops[0].transcription.tempo.bars == 2
    other = encode_paths(files, Settings(Hint(60)), cache=cache).loops[0].transcription.tempo
    assert (other.bars, other.source) == (1, "given")


def test_a_cache_that_cannot_be_written_is_done_without(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    files = sorted(demo.rglob("*.wav"))[:1]
    assert encode_paths(files, cache=Cache(tmp_path / "file")).loops


def test_copies_and_unreadable_files_are_counted(demo: Path, tmp_path: Path) -> None:
    original = sorted(demo.rglob("*.wav"))[0]
    shutil.copy(original, tmp_path / "a.wav")
    shutil.copy(original, tmp_path / "b.wav")
    (tmp_path / "broken.wav").write_bytes(original.read_bytes()[:30])
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere")
    encoding = encode_paths([tmp_path])
    assert [loop.name for loop in encoding.loops] == ["a.wav"]
    assert encoding.copies == (("b.wav", "a.wav"),)
    assert sorted(name for name, _ in encoding.skipped) == ["broken.wav", "gone.wav"]
    answer = to_json(encoding)
    assert answer["b.wav"]["copy_of"] == "a.wav"
    assert answer["b.wav"]["steps"] == answer["a.wav"]["steps"]
    assert set(answer["broken.wav"]) == {"error"}


def test_no_readable_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("words")
    (tmp_path / "b.wav").write_text("more words")
    with pytest.raises(UserError, match=r"a\.wav: not an audio file.*and 1 more"):
        encode_paths([tmp_path])


def test_progress_counts_every_file(demo: Path) -> None:
    events: list[Progress] = []
    encode_paths([demo], on_progress=events.append)
    for phase in ("reading", "analysing"):
        shares = [event.share for event in events if event.phase == phase]
        assert shares == sorted(shares)
        assert set(shares) - {0} == {done / 24 for done in range(1, 25)}
    names = {event.item for event in events if event.phase == "analysing" and event.share}
    assert names == {path.relative_to(demo).as_posix() for path in demo.rglob("*.wav")}


@pytest.mark.parametrize("phase", ["reading", "analysing"])
def test_encoding_is_cancelled_without_waiting_for_files(demo: Path, phase: str) -> None:
    cancelled = Event()
    running = Event()

    def slow(path: Path) -> Audio:
        running.wait(10)
        return read_audio(path)

    def cancel(event: Progress) -> None:
        if event.phase == phase:
            cancelled.set()

    with patch("trainer.data.encode.read_audio", slow), pytest.raises(Cancelled):
        encode_paths([demo], on_progress=cancellable(cancel, cancelled.is_set))
    assert not running.is_set()
    running.set()


@pytest.mark.parametrize(("bars", "rows"), [(1, 1), (2, 1), (3, 2), (4, 2)])
def test_loops_become_windows_of_two_bars(bars: int, rows: int, tmp_path: Path) -> None:
    bar_starts = 16 * np.arange(bars)[:, None]
    places = np.union1d(np.add(bar_starts, [0, 3, 6, 10]), bars * 16 - 2)
    path = clicks(tmp_path / "loop_120bpm.wav", places, 0.125, bars * 2.0)
    encoding = encode_paths([path])
    assert (
        np.flatnonzero(encoding.loops[0].transcription.grid.onset).tolist() == places.tolist()
    )
    names = ("loop_120bpm.wav", "loop_120bpm.wav#2")[:rows]
    assert to_dataset(encoding).names == names


def test_the_table_goes_before_the_flags_and_both_before_the_name(tmp_path: Path) -> None:
    path = clicks(tmp_path / "loop_120bpm.wav", np.arange(0, 32, 2), 0.125, 4.0)
    by_table = Settings(Hint(90), {"loop_120bpm.wav": Hint(60, 1)})
    tempo = encode_paths([path], by_table).loops[0].transcription.tempo
    assert (tempo.bpm, tempo.bars, tempo.source) == (60, 1, "table")
    by_flag = Settings(Hint(bars=4))
    tempo = encode_paths([path], by_flag).loops[0].transcription.tempo
    assert (tempo.bpm, tempo.bars, tempo.source) == (240, 4, "given")


def test_a_folder_settles_what_one_loop_leaves_open(tmp_path: Path) -> None:
    for number in range(4):
        clicks(tmp_path / f"a{number}_90bpm.wav", np.arange(number, 32, 3), 1 / 6, 16 / 3)
    clicks(tmp_path / "drone.wav", np.array([0.3]), 1 / 6, 16 / 3)
    found = {
        loop.name: loop.transcription.tempo
        for loop in encode_paths([tmp_path], Settings(include_all=True)).loops
    }
    assert found["drone.wav"].bpm == pytest.approx(90, abs=0.1)


def test_triplets_are_reported_with_a_figure(tmp_path: Path) -> None:
    path = clicks(tmp_path / "loop_120bpm.wav", np.arange(0, 32, 4 / 3), 0.125, 4.0)
    found = encode_paths([path]).loops[0].transcription
    assert found.off_grid > 0.5
    assert "triplets" in " ".join(found.warnings)


def test_a_loop_of_another_length_is_reported(tmp_path: Path) -> None:
    path = clicks(tmp_path / "odd_120bpm.wav", np.arange(0, 21, 2), 0.125, 2.6)
    encoding = encode_paths([path], Settings(include_all=True))
    warnings = " ".join(encoding.loops[0].transcription.warnings)
    assert "lasts 1.30 bars at 120 bpm" in warnings


def test_impossible_bars_skip_the_file_and_say_why(tmp_path: Path) -> None:
    path = clicks(tmp_path / "a.wav", np.arange(0, 480, 2), 0.125, 60.0)
    with pytest.raises(UserError, match=r"1 bars in 60\.00 s would be 4\.0 bpm"):
        encode_paths([path], Settings(Hint(bars=1)))


def test_every_hit_of_a_long_file_is_found(tmp_path: Path) -> None:
    """Two minutes are worked on in sections; none is lost where they meet."""
    places = np.arange(0, 960, 3)
    path = clicks(tmp_path / "long_120bpm.wav", places, 0.125, 120.0)
    grid = encode_paths([path]).loops[0].transcription.grid
    assert np.flatnonzero(grid.onset).tolist() == places.tolist()


# A child's peak counts what its parent held when it was made, so a small parent is needed.
_PEAK_MEMORY = """
import resource, subprocess, sys
options = ["--no-cache", "--json", "--include-all"]
subprocess.run([sys.executable, "-m", "trainer", "encode", *options, sys.argv[1]],
               check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.soak
def test_a_long_file_needs_little_memory(
    tmp_path: Path, soak: Callable[[int, int], int]
) -> None:
    """Ten minutes in less than 500 MB, decoded, resampled and transcribed."""
    minutes = soak(3, 10)
    click = np.zeros((24000, 2), np.float32)
    click[:2000] = np.linspace(0.9, 0, 2000)[:, None] * np.resize([1, -1], (2000, 1))
    with soundfile.SoundFile(tmp_path / "a.flac", "w", 48000, 2) as file:
        for _ in range(minutes * 120):
            file.write(click)
    command = [sys.executable, "-c", _PEAK_MEMORY, str(tmp_path / "a.flac")]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    peak_bytes = int(answer) * (1 if sys.platform == "darwin" else 1024)
    assert peak_bytes < (120 + 38 * minutes) * 1e6


def test_a_loop_without_onsets_becomes_no_pattern(tmp_path: Path) -> None:
    t = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    soundfile.write(tmp_path / "a_120bpm.wav", 0.5 * np.sin(2 * np.pi * 100 * t), SAMPLE_RATE)
    encoding = encode_paths([tmp_path])
    assert encoding.loops[0].transcription.warnings == ("no onsets found",)
    with pytest.raises(UserError, match="no onset in any"):
        to_dataset(encoding)


@pytest.mark.paper
def test_the_papers_method_is_late_and_without_velocity(tmp_path: Path) -> None:
    path = clicks(tmp_path / "a_120bpm.wav", np.array([4, 10, 20, 28]), 0.125, 4.0)
    grid = encode_paths([path], Settings(method="paper")).loops[0].transcription.grid
    assert np.flatnonzero(grid.onset).tolist() == [4, 10, 20, 28]
    assert (grid.velocity[grid.onset] == 1).all()
    assert (grid.offset[grid.onset] > 0.05).all()
