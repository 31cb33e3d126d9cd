"""A small synthesiser patched to the simulated jacks.

Phase modulation: an index that falls after the attack darkens the sound as a filter would.
Up to three voices, from left to right, and an echo in time. No randomness: the same CVs give
the same samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from firmware.engine.voice import VELOCITY_VOLTS
from firmware.simulator.trace import CvNote
from firmware.simulator.wav import SAMPLE_RATE, frame_of

Samples = NDArray[np.float32]

C4_HZ = 440.0 * 2.0 ** (-9 / 12)
"""0 V, by VCV Rack's rule."""

_PEAK = 0.9
_RELEASE_S = 0.06
_ECHO = 0.3
_HIGHEST_HZ = 6_000.0
"""Above this there is no modulation, as it would alias."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """A voice's sound.

    ratio: modulator to carrier; index: depth of the modulation at the attack; close_s: time in
    which it falls; decay_s: of the loudness; pan: -1 left to 1 right; gain: in the mix;
    octave: where the voice sits against its CV.
    """

    ratio: float
    index: float
    close_s: float
    decay_s: float
    pan: float
    gain: float
    octave: int = 0


TIMBRES = (
    Timbre(ratio=1.0, index=3.2, close_s=0.09, decay_s=0.35, pan=0.0, gain=1.0, octave=-1),
    Timbre(ratio=2.0, index=1.6, close_s=0.12, decay_s=0.45, pan=-0.55, gain=0.6),
    Timbre(ratio=3.5, index=1.1, close_s=0.05, decay_s=0.25, pan=0.55, gain=0.5, octave=1),
)
"""Bass, electric piano, struck wood."""


def render(
    voices: Sequence[Sequence[CvNote]], start_ns: int, end_ns: int, echo_s: float = 0.375
) -> Samples:
    """Return the stereo mix of up to three voices, shape (frames, 2), peak 0.9.

    The echo is a dotted eighth at 120 BPM unless set otherwise.
    """
    frames = frame_of(end_ns - start_ns)
    mix = np.zeros((frames, 2), np.float32)
    for timbre, notes in zip(TIMBRES, voices, strict=False):
        left, right = np.sqrt([(1 - timbre.pan) / 2, (1 + timbre.pan) / 2]) * timbre.gain
        voice = _line(timbre, notes, start_ns, frames)
        mix += voice[:, None] * np.array([left, right], np.float32)
    warm: Samples = np.tanh(_with_echo(mix, echo_s))
    top = float(np.abs(warm).max(initial=0.0))
    if top:
        warm *= np.float32(_PEAK / top)
    return warm


def _line(timbre: Timbre, notes: Sequence[CvNote], start_ns: int, frames: int) -> Samples:
    """Return one voice, mono."""
    line = np.zeros(frames, np.float32)
    for note in notes:
        first = max(frame_of(note.start_ns - start_ns), 0)
        sound = sound_of(timbre, note)[: max(frames - first, 0)]
        line[first : first + len(sound)] += sound
    return line


def sound_of(timbre: Timbre, note: CvNote) -> Samples:
    """Return one note, mono, from its beginning to the end of its release."""
    held = frame_of(note.end_ns - note.start_ns)
    level = min(max(note.velocity_volts / VELOCITY_VOLTS, 0.0), 1.0)
    # Rounded, so that equal notes are rendered once: a cent, a percent.
    cents, percent = round(note.pitch_volts * 1200), round(level * 100)
    return _note(timbre, cents, held, percent, accent=note.accent)


@lru_cache(maxsize=128)
def _note(timbre: Timbre, cents: int, held: int, percent: int, *, accent: bool) -> Samples:
    """Return a note: loud and bright by velocity, more so with an accent."""
    level = percent / 100
    hz = C4_HZ * 2.0 ** (cents / 1200 + timbre.octave)
    t = np.arange(held + round(_RELEASE_S * SAMPLE_RATE)) / SAMPLE_RATE
    bright = timbre.index * (0.3 + 0.7 * level) * (1.5 if accent else 1.0)
    index = 0.0 if hz * timbre.ratio > _HIGHEST_HZ else bright * np.exp(-t / timbre.close_s)
    phase = 2 * np.pi * hz * t
    wave = np.sin(phase + index * np.sin(timbre.ratio * phase))
    loudness = (0.15 + 0.85 * level) * (1.3 if accent else 1.0)
    sound = 0.4 * loudness * wave * _envelope(timbre, t, held)
    return np.asarray(sound, np.float32)


def _envelope(timbre: Timbre, t: NDArray[np.float64], held: int) -> NDArray[np.float64]:
    """Two milliseconds of attack, a decay, and a release from where the gate fell."""
    attack = np.minimum(t / 0.002, 1.0)
    release = np.clip(1 - (t - held / SAMPLE_RATE) / _RELEASE_S, 0.0, 1.0)
    return np.asarray(attack * np.exp(-t / timbre.decay_s) * release**2)


def _with_echo(mix: Samples, delay_s: float) -> Samples:
    """Add four repeats that cross from side to side."""
    wet = mix.copy()
    delay = round(delay_s * SAMPLE_RATE)
    for repeat in range(1, 5):
        shift = repeat * delay
        if shift >= len(mix):
            break
        side = mix if repeat % 2 == 0 else mix[:, ::-1]
        wet[shift:] += np.float32(_ECHO**repeat) * side[:-shift]
    return wet
