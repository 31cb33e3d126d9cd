import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.audio.audio_file import SAMPLE_RATE
from trainer.audio.onsets import between_frames, find_onsets, peaks
from trainer.audio.synth import Note, Sound, normalised, render

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


def spikes(heights: dict[int, float]) -> np.ndarray:
    curve = np.zeros(120, np.float32)
    curve[list(heights)] = list(heights.values())
    return curve


@pytest.mark.parametrize(
    ("heights", "found"),
    [
        ({50: 0.0525}, []),  # below 0.05, 2 % of the highest and the local mean
        ({50: 0.0545}, [50]),
        ({50: 1.0, 71: 0.1}, [50]),  # the mean looks 21 frames back
        ({50: 1.0, 72: 0.1}, [50, 72]),
        ({50: 0.5, 55: 1.0}, [55]),  # a peak is the highest within 5 frames
        ({50: 0.5, 56: 1.0}, [50, 56]),
        ({50: 1.0, 55: 0.5}, [50]),
        ({50: 1.0, 56: 0.5}, [50, 56]),
        ({0: 1.0, 119: 1.0}, [0, 119]),
        ({}, []),
    ],
)
def test_peaks_stand_out_from_their_surroundings(
    heights: dict[int, float], found: list[int]
) -> None:
    assert peaks(spikes(heights)).tolist() == found


@pytest.mark.parametrize("top", [5.0, 5.3, 4.8, 5.5])
def test_a_peak_lies_at_the_top_of_its_parabola(top: float) -> None:
    curve = (1 - 0.1 * (np.arange(11) - top) ** 2).astype(np.float32)
    assert between_frames(curve, np.array([5])) == pytest.approx([top], abs=1e-5)


def test_a_slope_moves_a_peak_by_half_a_frame_at_most() -> None:
    rising = np.arange(11, dtype=np.float32)
    frames = np.array([0, 5, 10])
    assert between_frames(rising, frames) == pytest.approx([1.5, 5.5, 9.5])
    assert between_frames(rising[::-1], frames) == pytest.approx([0.5, 4.5, 8.5])
