import numpy as np
import pytest

from trainer.audio.audio_file import SAMPLE_RATE
from trainer.audio.features import step_features
from trainer.audio.onset_strength import EDGE, FIRST, PAD, onset_strength
from trainer.audio.spectrum import HOP
from trainer.audio.synth import Note, Sound, normalised, render

STEP_S = 0.125
CLICK = Sound("pulse", 0.001, 0.05, 0.0, 0.01, bright=40, dark=10)


def clicks(places: dict[float, float], steps: int = 32) -> np.ndarray:
    """Return a loop with clicks at places in steps, with their velocities."""
    notes = [Note(at * STEP_S, 60, 0.05, velocity) for at, velocity in places.items()]
    return normalised(render(CLICK, notes, steps * STEP_S, wrap=True), 1)


def test_the_context_is_a_whole_number_of_frames() -> None:
    assert PAD == FIRST * HOP
    assert EDGE > PAD


def test_part_of_a_loop_looks_the_same_as_in_the_whole() -> None:
    samples = clicks({0: 1, 5: 0.5, 9.1: 0.7, 20: 1, 30.8: 0.4})
    whole = onset_strength(samples, 0, samples.size)
    start = 200 * HOP
    part = onset_strength(samples, start, start + 150 * HOP)
    inner = slice(60, len(part.curves) - 60)
    assert part.curves[inner] == pytest.approx(whole.curves[200:][inner], abs=1e-4)


def test_each_step_has_a_row_and_each_hit_its_place_and_level() -> None:
    hits = {1.0: 1.0, 3.1: 0.5, 8.2: 1.0, 15.9: 0.8, 31.7: 0.6}
    samples = clicks(hits)
    found = step_features(samples, onset_strength(samples, 0, samples.size), 32, STEP_S)
    assert found.table.shape[0] == found.offset_s.size == found.level.size == 32
    assert found.table.dtype == np.float32
    assert np.isfinite(found.table).all()
    for place, velocity in hits.items():
        step = round(place) % 32
        offset = place - round(place)
        assert found.offset_s[step] / STEP_S == pytest.approx(offset, abs=0.06)
        assert found.level[step] == pytest.approx(velocity, rel=0.5)


def test_the_number_of_features_does_not_depend_on_the_loop() -> None:
    shapes = set()
    for steps in (4, 16, 32, 48):
        samples = clicks({0: 1, 2: 0.5}, steps)
        rows = step_features(samples, onset_strength(samples, 0, samples.size), steps, STEP_S)
        shapes.add(rows.table.shape[1])
    assert len(shapes) == 1


def test_silence_is_described_without_a_word_of_nan() -> None:
    samples = np.zeros(round(16 * STEP_S * SAMPLE_RATE), np.float32)
    found = step_features(samples, onset_strength(samples, 0, samples.size), 16, STEP_S)
    assert np.isfinite(found.table).all()
    assert not found.level.any()
