import numpy as np
import pytest

from trainer.audio.loudness import loudness
from trainer.audio.onset_strength import FIRST, onset_strength
from trainer.audio.spectrum import FRAME_S
from trainer.audio.synth import Note, Sound, normalised, render

STEP_S = 0.125
KICK = Sound("sine", 0.002, 0.08, 0, 0.03, 20, 8, drop=2)
HAT = Sound("noise", 0.0005, 0.03, 0, 0.02, 40, 38, 0.1)
KINDS = 5  # the peak, and what is new in each of four regions


def table(hits: list[tuple[Sound, float, float]]) -> np.ndarray:
    """Describe a loop of one hit a step, each (sound, gain, velocity)."""
    sounds = [
        render(sound, [Note(step * STEP_S, 50, 0.05, gain * velocity)], 4.0, wrap=True)
        for step, (sound, gain, velocity) in enumerate(hits)
    ]
    samples = normalised(np.sum(sounds, axis=0), 1)
    best = FIRST + np.round(np.arange(len(hits)) * STEP_S / FRAME_S).astype(int)
    level = np.array([gain * velocity for _, gain, velocity in hits])
    envelope = onset_strength(samples, 0, samples.size)
    return loudness(envelope, best, level, np.ones(len(hits), np.float32))


def test_a_soft_kick_is_soft_though_it_is_louder_than_a_hard_hat() -> None:
    velocities = np.resize([0.9, 0.5, 0.7, 0.4, 0.8], 16)
    hits = [(KICK, 1.0, velocity) for velocity in velocities]
    hits += [(HAT, 0.1, velocity) for velocity in velocities]
    found = table(hits)
    peak, beside_its_like = found[:, 0], found[:, KINDS]
    drums, played = np.repeat([1, 0], 16), np.tile(velocities, 2)
    assert np.corrcoef(peak, drums)[0, 1] > 0.9
    assert abs(np.corrcoef(beside_its_like, drums)[0, 1]) < 0.2
    assert np.corrcoef(beside_its_like, played)[0, 1] > 0.9


@pytest.mark.parametrize("gain", [1.0, 0.01])
def test_only_what_lies_between_the_hits_counts(gain: float) -> None:
    hits = [(KICK, gain, velocity) for velocity in np.resize([1.0, 0.5], 8)]
    found = table(hits)
    assert found[::2, 0] == pytest.approx(0, abs=1e-6)
    assert (found[1::2, 0] < -0.2).all()
    assert (found[::2, KINDS] > found[1::2, KINDS]).all()


def test_a_hit_is_ranked_among_those_that_sound_like_it() -> None:
    """The share of softer hits, for the peak and for each region that has energy."""
    velocities = np.array([0.9, 0.3, 0.6, 0.8, 0.4, 0.5, 1.0, 0.7])
    found = table([(KICK, 1.0, velocity) for velocity in velocities])
    share = velocities.argsort().argsort() / velocities.size
    assert found[:, 3 * KINDS] == pytest.approx(share, abs=0.03)
    assert found[:, 3 * KINDS + 1] == pytest.approx(share, abs=0.03)


def test_silence_has_no_loudness_and_no_nan() -> None:
    silence = onset_strength(np.zeros(88200, np.float32), 0, 88200)
    best, nothing = np.arange(FIRST, FIRST + 16), np.zeros(16)
    found = loudness(silence, best, nothing, nothing.astype(np.float32))
    assert np.isfinite(found).all()
    assert not found[:, :KINDS].any()
