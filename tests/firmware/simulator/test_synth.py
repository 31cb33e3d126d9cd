"""The synthesiser: the notes of the CVs, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.simulator.synth import render
from firmware.simulator.trace import CvNote
from firmware.simulator.wav import SAMPLE_RATE

SECOND = 1_000_000_000


def note(start_s=0.25, pitch_volts=0.0, velocity_volts=4.0, *, accent=False):
    start_ns = round(start_s * SECOND)
    return CvNote(start_ns, start_ns + SECOND // 8, pitch_volts, velocity_volts, accent=accent)


def loudest_hz(mix):
    spectrum = np.abs(np.fft.rfft(mix[:, 0]))
    return np.argmax(spectrum) * SAMPLE_RATE / len(mix)


def test_silence_stays_silent():
    assert not render([[], [], []], 0, SECOND).any()


def test_a_note_starts_with_its_gate():
    mix = render([[note(0.25)]], 0, SECOND)
    first = np.flatnonzero(mix.any(axis=1))[0]
    assert 0 <= first - SAMPLE_RATE // 4 <= 2
    assert np.abs(mix).max() == pytest.approx(0.9)


def test_a_volt_is_an_octave():
    low, high = (
        loudest_hz(render([[note(0.0, pitch, velocity_volts=0.1)]], 0, SECOND, echo_s=2.0))
        for pitch in (0.0, 1.0)
    )
    # Played softly its fundamental is loudest; the bass sounds C3 for 0 V.
    assert low == pytest.approx(130.81, rel=0.03)
    assert high == pytest.approx(261.63, rel=0.03)


def test_velocity_and_accent_are_louder():
    pairs = [(note(0.1, velocity_volts=1.0), note(0.6, velocity_volts=5.0))]
    pairs += [(note(0.1), note(0.6, accent=True))]
    for soft, loud in pairs:
        mix = render([[soft, loud]], 0, SECOND, echo_s=2.0)
        halves = np.abs(mix[: SAMPLE_RATE // 2]).max(), np.abs(mix[SAMPLE_RATE // 2 :]).max()
        assert halves[1] > halves[0]


def test_voices_stand_from_left_to_right():
    one = [render([[], [note()], []], 0, SECOND, echo_s=2.0)]
    one += [render([[], [], [note()]], 0, SECOND, echo_s=2.0)]
    left, right = (np.abs(mix).sum(axis=0) for mix in one)
    assert left[0] > left[1]
    assert right[1] > right[0]


notes = st.lists(
    st.builds(
        lambda start, length, pitch, velocity, accent: CvNote(
            start, start + length, pitch, velocity, accent=accent
        ),
        st.integers(-SECOND // 10, SECOND // 3),
        st.integers(1, SECOND // 4),
        st.floats(-3.2, 5.3),
        st.floats(-0.1, 5.3),
        st.booleans(),
    ),
    max_size=6,
)


@given(st.lists(notes, max_size=3))
def test_any_notes_give_the_same_finite_samples_twice(voices):
    first, second = (render(voices, 0, SECOND // 4) for _ in range(2))
    assert first.shape == (SAMPLE_RATE // 4, 2)
    assert np.isfinite(first).all()
    assert np.abs(first).max(initial=0.0) <= 0.9001
    assert np.array_equal(first, second)
