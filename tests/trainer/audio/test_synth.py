from dataclasses import replace

import numpy as np
import pytest

from trainer.audio.audio_file import SAMPLE_RATE
from trainer.audio.synth import Note, Sound, echo, normalised, render, render_note

PLUCK = Sound("saw", 0.002, 0.1, 0.2, 0.05)


@pytest.mark.parametrize("wave", ["sine", "triangle", "square", "saw", "pulse"])
def test_a_note_has_its_pitch(wave: str) -> None:
    sound = Sound(wave, 0.001, 10.0, 1.0, 0.01)
    samples = render_note(sound, Note(0, 69, 1.0, 1.0))[:SAMPLE_RATE]
    spectrum = np.abs(np.fft.rfft(samples))
    assert abs(int(spectrum[:600].argmax()) - 440) <= 1


def test_a_note_ends_with_its_release() -> None:
    samples = render_note(PLUCK, Note(0, 60, 0.5, 1.0))
    assert samples.size == round(0.5 * SAMPLE_RATE) + round(0.05 * SAMPLE_RATE)
    assert abs(samples[-1]) < 1e-3


def test_velocity_is_loudness() -> None:
    loud, soft = (np.abs(render_note(PLUCK, Note(0, 60, 0.2, v))).max() for v in (1.0, 0.3))
    assert soft < 0.5 * loud


def test_tails_and_early_notes_wrap_or_are_cut() -> None:
    late, early = Note(0.9, 60, 0.3, 1.0), Note(-0.05, 60, 0.1, 1.0)
    start = slice(0, round(0.1 * SAMPLE_RATE))
    assert render(PLUCK, [late], 1.0, wrap=True)[start].any()
    assert not render(PLUCK, [late], 1.0, wrap=False)[start].any()
    for wrap in (True, False):
        assert render(PLUCK, [early], 1.0, wrap=wrap)[round(0.96 * SAMPLE_RATE) :].any()


def test_an_echo_returns_around_the_loop() -> None:
    loop = np.zeros(1000 * 44, np.float32)
    loop[0] = 1.0
    wet = echo(loop, 0.75, 0.5, 0.4)
    at = round(0.75 * SAMPLE_RATE)
    assert wet[at] == pytest.approx(0.4)
    assert wet[2 * at % wet.size] == pytest.approx(0.2)


def test_an_unknown_wave_is_refused_and_silence_stays_silent() -> None:
    with pytest.raises(ValueError, match="theremin"):
        Sound("theremin", 0, 0, 0, 0)
    assert not normalised(np.zeros(4, np.float32)).any()


def test_a_low_cut_leaves_the_highs() -> None:
    """Measured on tones an octave and more around the cut."""
    for pitch, kept in ((45, False), (117, True)):
        sound = Sound("sine", 0.001, 10.0, 1.0, 0.01)
        plain = render_note(sound, Note(0, pitch, 0.5, 1.0))[2000:20000]
        cut = render_note(replace(sound, low_cut_hz=4000), Note(0, pitch, 0.5, 1.0))
        assert (np.std(cut[2000:20000]) > 0.7 * np.std(plain)) == kept
