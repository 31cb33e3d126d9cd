import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.loops import SAMPLE_RATE
from trainer.onsets import find_onsets
from trainer.synth import Note, Sound, normalised, render

CLICK = Sound("pulse", 0.001, 0.05, 0.0, 0.01, bright=40, dark=10)


def loop(times_s: list[float], length_s: float) -> np.ndarray:
    notes = [Note(time_s, 60, 0.05, 0.9) for time_s in times_s]
    return normalised(render(CLICK, notes, length_s, wrap=True), 1)


@settings(max_examples=15)
@given(steps=st.sets(st.integers(0, 19), min_size=1), shift_s=st.floats(0, 0.09))
def test_clicks_are_found_where_they_are(steps: set[int], shift_s: float) -> None:
    times_s = [step * 0.1 + shift_s for step in sorted(steps)]
    found = find_onsets(loop(times_s, 2.0)).times_s
    late_s = (found[:, None] - np.array(times_s) + 1) % 2 - 1
    nearest = np.abs(late_s).min(axis=1)
    assert found.size == len(times_s)
    assert nearest.max() < 0.008


def test_turning_a_loop_turns_its_onsets() -> None:
    samples = loop([0.1, 0.35, 0.6, 0.9, 1.3], 2.0)
    turn = round(0.7 * SAMPLE_RATE)
    plain, turned = find_onsets(samples), find_onsets(np.roll(samples, turn))
    expected = np.sort((plain.times_s + 0.7) % 2)
    assert turned.times_s == pytest.approx(expected, abs=0.004)


def test_a_long_loop_loses_nothing_between_its_sections() -> None:
    times_s = np.arange(0, 60, 0.25) + 0.03
    found = find_onsets(loop(times_s.tolist(), 60.0))
    assert found.times_s == pytest.approx(times_s, abs=0.008)


def test_silence_and_a_steady_tone_have_no_onsets() -> None:
    tone = np.sin(2 * np.pi * 441 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    for samples in (np.zeros(SAMPLE_RATE), tone):
        assert find_onsets(samples.astype(np.float32)).times_s.size == 0


def test_louder_hits_are_stronger() -> None:
    notes = [Note(0.2, 60, 0.05, 0.9), Note(0.7, 60, 0.05, 0.2)]
    found = find_onsets(normalised(render(CLICK, notes, 1.0, wrap=True), 1))
    assert found.strength[0] > found.strength[1]
