"""A small synthesiser: notes to samples, for loops of the project's own making."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from trainer.audio.audio_file import SAMPLE_RATE, Samples

_TABLE = 2048
_HARMONICS = np.array([1.0, 1.6, 2.5, 4.0, 6.3, 10.0, 16.0, 25.0, 40.0])
_WAVES = ("sine", "triangle", "square", "saw", "pulse", "noise")


@dataclass(frozen=True, slots=True)
class Sound:
    """How a note sounds.

    wave: one of sine, triangle, square, saw, pulse, noise.
    bright, dark: cutoff of the low-pass at the attack and at rest, in harmonics of the note.
    sweep_s: time constant with which the cutoff falls from bright to dark.
    drop: fall of the pitch at the attack, in octaves (drums).
    detune: second oscillator, as a frequency ratio; 1 for none.
    low_cut_hz: what lies below is attenuated (hats, shakers); 0 for nothing.
    """

    wave: str
    attack_s: float
    decay_s: float
    sustain: float
    release_s: float
    bright: float = 16.0
    dark: float = 4.0
    sweep_s: float = 0.1
    drop: float = 0.0
    detune: float = 1.0
    low_cut_hz: float = 0.0

    def __post_init__(self) -> None:
        if self.wave not in _WAVES:
            raise ValueError(f"unknown waveform: {self.wave}")


@dataclass(frozen=True, slots=True)
class Note:
    """When, how high (MIDI note), how long and how loud (0..1)."""

    start_s: float
    pitch: float
    gate_s: float
    velocity: float


def frequency_hz(pitch: float) -> float:
    """Return the equal-tempered frequency of a MIDI note, A4 = 69 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


@cache
def _tables(wave: str) -> Samples:
    """Return one cycle per cutoff in _HARMONICS, shape (cutoffs, _TABLE), peak 1."""
    if wave == "noise":
        return _noise_tables()
    k = np.arange(1, 129)
    amplitude = {
        "sine": np.where(k == 1, 1.0, 0.0),
        "triangle": np.where(k % 2 == 1, 1.0 / k**2, 0.0),
        "square": np.where(k % 2 == 1, 1.0 / k, 0.0),
        "saw": 1.0 / k,
        "pulse": np.sin(np.pi * k * 0.2) / k,
    }[wave]
    # A four-pole low-pass, as a weight on each harmonic.
    weight = amplitude / (1.0 + (k / _HARMONICS[:, None]) ** 4)
    spectrum = np.zeros((len(_HARMONICS), _TABLE // 2 + 1), complex)
    spectrum[:, 1:129] = -1j * weight
    cycles = np.fft.irfft(spectrum, axis=1)
    return np.asarray(cycles / np.abs(cycles[-1]).max(), np.float32)


def _noise_tables() -> Samples:
    """Return noise low-passed at each cutoff; read slowly enough never to sound periodic."""
    size = 1 << 16
    white = np.fft.rfft(np.random.default_rng(0).standard_normal(size))
    bins = np.arange(white.size) / white.size
    weight = 1.0 / (1.0 + (bins / (_HARMONICS[:, None] / _HARMONICS[-1])) ** 4)
    cycles = np.fft.irfft(white * weight, axis=1)
    return np.asarray(cycles / (3 * cycles[-1].std()), np.float32)


def _envelope(sound: Sound, gate_s: float) -> Samples:
    """Return the loudness of a note from attack to the end of its release."""
    attack = max(1, round(sound.attack_s * SAMPLE_RATE))
    held = max(attack, round(gate_s * SAMPLE_RATE))
    tail = max(1, round(sound.release_s * SAMPLE_RATE))
    t = np.arange(held, dtype=np.float32)
    decay = np.exp(-np.maximum(0, t - attack) / (sound.decay_s * SAMPLE_RATE))
    body = np.minimum(1, t / attack) * (sound.sustain + (1 - sound.sustain) * decay)
    fading = body[-1] * np.linspace(1, 0, tail)
    return np.asarray(np.concatenate([body, fading]), np.float32)


def _phase(sound: Sound, pitch: float, count: int) -> NDArray[np.float64]:
    """Return the phase in cycles; noise runs through its table at the sample rate."""
    if sound.wave == "noise":
        return np.arange(count) / _tables("noise").shape[1]
    hz = frequency_hz(pitch)
    if not sound.drop:
        return np.arange(count) * (hz / SAMPLE_RATE)
    fall = sound.drop * np.exp(-np.arange(count) / (0.02 * SAMPLE_RATE))
    return np.asarray(np.cumsum(hz * 2.0**fall) / SAMPLE_RATE)


def render_note(sound: Sound, note: Note) -> Samples:
    """Return a note's samples from its start; louder notes are brighter too."""
    envelope = _envelope(sound, note.gate_s)
    tables = _tables(sound.wave)
    t = np.arange(envelope.size, dtype=np.float32)
    sweep = np.exp(-t / (sound.sweep_s * SAMPLE_RATE))
    bright = sound.bright * (0.4 + 0.6 * note.velocity)
    cutoff = sound.dark + max(0.0, bright - sound.dark) * sweep
    place = np.interp(np.log(cutoff), np.log(_HARMONICS), np.arange(len(_HARMONICS)))
    lower = np.minimum(place.astype(np.intp), len(_HARMONICS) - 2)
    mix = (place - lower).astype(np.float32)
    phase = _phase(sound, note.pitch, envelope.size)
    total = np.zeros(envelope.size, np.float32)
    for ratio in {1.0, sound.detune}:
        index = (phase * ratio * tables.shape[1]).astype(np.intp) % tables.shape[1]
        total += tables[lower, index] * (1 - mix) + tables[lower + 1, index] * mix
    shaped = total * envelope * np.float32(note.velocity)
    return _without_lows(shaped, sound.low_cut_hz) if sound.low_cut_hz else shaped


def _without_lows(samples: Samples, cut_hz: float) -> Samples:
    """Return the samples less their moving average over half a period of `cut_hz`."""
    width = max(2, round(SAMPLE_RATE / (2 * cut_hz)))
    sums = np.cumsum(np.pad(samples.astype(np.float64), (width, 0)))
    return np.asarray(samples - (sums[width:] - sums[:-width]) / width, np.float32)


def render(sound: Sound, notes: Sequence[Note], length_s: float, *, wrap: bool) -> Samples:
    """Return a loop of notes; tails and early notes wrap around, or tails are cut."""
    size = round(length_s * SAMPLE_RATE)
    loop = np.zeros(size, np.float32)
    for note in notes:
        start = round(note.start_s * SAMPLE_RATE)
        samples = render_note(sound, note)
        if not wrap and start >= 0:
            samples = samples[: size - start]
        np.add.at(loop, np.arange(start, start + samples.size) % size, samples)
    return loop


def echo(loop: Samples, delay_s: float, feedback: float, level: float) -> Samples:
    """Return a loop with repeats of itself, as a delay that has run for a long time."""
    wet, gain = np.zeros_like(loop), level
    for repeat in range(1, 12):
        wet += gain * np.roll(loop, round(repeat * delay_s * SAMPLE_RATE))
        gain *= feedback
    return loop + wet


def normalised(loop: Samples, peak: float = 0.9) -> Samples:
    """Return the loop at the given peak (a silent one stays silent)."""
    top = float(np.abs(loop).max(initial=0.0))
    return (loop * (peak / top)).astype(np.float32) if top else loop
