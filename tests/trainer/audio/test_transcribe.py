import numpy as np
import pytest

from trainer.audio.audio_file import SAMPLE_RATE, Audio
from trainer.audio.grid import to_grid
from trainer.audio.onsets import Onsets
from trainer.audio.synth import Note, Sound, normalised, render
from trainer.audio.tempo import NO_HINT, Hint, Tempo
from trainer.audio.transcribe import (
    OUTLINE,
    clearly_off_grid,
    fit_to_length,
    lead_in,
    off_grid,
    outline,
    transcribe,
)

CLICK = Sound("pulse", 0.001, 0.05, 0.0, 0.01, bright=40, dark=10)
TEMPO = Tempo(120, 2, "given", 1.0)


def clicks(places: list[float], length_s: float = 4.0) -> np.ndarray:
    notes = [Note(place * 0.125, 60, 0.05, 0.9) for place in places]
    return normalised(render(CLICK, notes, length_s, wrap=True), 1)


@pytest.mark.parametrize(
    ("size", "expected"), [(3, [1, 2, 3]), (2, [1, 2]), (5, [1, 2, 3, 0, 0])]
)
def test_fitted(size: int, expected: list[float]) -> None:
    assert fit_to_length(np.array([1, 2, 3], np.float32), size).tolist() == expected


@pytest.mark.parametrize(
    ("late_s", "spread_s", "found"), [(0.02, 0, True), (0.005, 0, False), (0.02, 0.05, False)]
)
def test_a_lead_in_is_what_all_hits_agree_on(
    late_s: float, spread_s: float, found: bool
) -> None:
    spread = spread_s * np.resize([-1, 0, 1], 16)
    onsets = Onsets(np.arange(16) * 0.25 + late_s + spread, np.ones(16), np.zeros(16))
    assert lead_in(onsets, TEMPO) == pytest.approx(late_s if found else 0, abs=1e-6)


def test_the_lead_in_of_a_compressed_file_is_taken_off() -> None:
    loop = clicks([0, 4, 6, 10, 16, 19, 22, 28])
    shifted = np.r_[np.zeros(1105, np.float32), loop, np.zeros(1000, np.float32)]
    found = transcribe(Audio(shifted, lossy=True), "a_120bpm.mp3", NO_HINT, "given", [])
    assert np.flatnonzero(found.grid.onset).tolist() == [0, 4, 6, 10, 16, 19, 22, 28]
    assert np.abs(found.grid.offset).max() * 125 < 8


@pytest.mark.parametrize(
    ("places", "low", "high"),
    [
        ([0, 4, 8], 0, 0.01),
        ([0.3, 4.3, 8.3], 0, 0.01),  # late, but together
        ([0, 4 / 3, 8 / 3], 0.9, 1),
        ([], 0, 0),
    ],
)
def test_off_grid_is_how_little_the_hits_agree(
    places: list[float], low: float, high: float
) -> None:
    grid = to_grid(np.array(places, float), np.ones(len(places)), 16)
    assert low <= off_grid(grid) <= high


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        ([-0.02, -0.02, -0.03, 0.11, -0.35, 0.11, 0.11, -0.36, 0.1, -0.3], False),
        ([0, 1 / 3, -1 / 3] * 2, True),
        ([0, 1 / 3, -1 / 3] * 8, True),
        ([0.0, 0.4], False),
        ([], False),
    ],
)
def test_few_hits_say_little_of_the_grid(offsets: list[float], expected: bool) -> None:
    place = np.arange(len(offsets)) + np.array(offsets)
    assert clearly_off_grid(to_grid(place, np.ones(len(offsets)), 32)) is expected


def test_a_file_shorter_than_a_bar_is_reported() -> None:
    found = transcribe(Audio(clicks([0, 2, 3, 5], 0.9)), "a.wav", Hint(133.3), "given", [])
    assert any("repeated to fill two" in warning for warning in found.warnings)


def test_an_unsure_tempo_says_what_would_help() -> None:
    drone = transcribe(
        Audio(np.ones(4 * SAMPLE_RATE, np.float32)), "a.wav", NO_HINT, "given", []
    )
    assert any("--bpm" in line and "--tempi" in line for line in drone.warnings)


@pytest.mark.parametrize("size", [1000, 44100, OUTLINE * 7 + 3])
def test_an_outline_has_the_peaks(size: int) -> None:
    samples = np.zeros(size, np.float32)
    samples[size // 2] = -1.0
    shape = outline(samples)
    assert shape.shape == (OUTLINE,)
    assert shape.max() == 255
    assert abs(int(shape.argmax()) - OUTLINE // 2) <= 1


@pytest.mark.parametrize(
    ("hint", "name", "tags", "source", "bpm"),
    [
        (Hint(120), "a_90bpm.wav", [60.0], "given", 120),
        (NO_HINT, "a_90bpm.wav", [60.0], "name", 90),
        (NO_HINT, "a.wav", [60.0], "tag", 60),
        (NO_HINT, "a.wav", [61.0], "onsets", 120),
    ],
)
def test_the_tempo_comes_from_the_best_that_is_known(
    hint: Hint, name: str, tags: list[float], source: str, bpm: float
) -> None:
    audio = Audio(clicks([0, 3, 4, 6, 10, 12, 16, 19, 22, 28, 31]))
    tempo = transcribe(audio, name, hint, "given", tags).tempo
    assert (tempo.source, tempo.bpm) == (source, bpm)


def test_only_an_unsure_ear_can_be_overruled() -> None:
    audio = Audio(clicks([0, 3, 4, 6, 10, 12, 16, 19, 22, 28, 31]))
    named = transcribe(audio, "a_120bpm.wav", NO_HINT, "given", [])
    assert not named.may_have_tempo(60)
    drone = transcribe(
        Audio(np.ones(4 * SAMPLE_RATE, np.float32)), "a.wav", NO_HINT, "given", []
    )
    assert drone.may_have_tempo(60) != (drone.tempo.bpm == 60)
    assert not drone.may_have_tempo(97)
