"""Loops of many kinds with known onsets: what the step decision is fitted and judged on.

Wider than the demo loops: any tempo, drums with ghost notes, pads, legato bass, echoes,
reverberation, noise. Sounds are drawn anew for every loop.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tests.bench.random_patterns import FAMILIES
from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.grid import Grid
from trainer.audio.synth import Note, Sound, echo, normalised, render

KINDS = ("machine", "human", "arp", "bass", "pluck", "pad", "fx")
TAILS = ("wrapped", "wrapped", "cut", "chopped")
"""wrapped: what rings on rings into the start; cut: only an early first note does; chopped:
nothing passes the end."""

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Rendering:
    """A loop and its truth, by step: onset, velocity of the loudest note, its timing in s."""

    kind: str
    bpm: float
    bars: int
    samples: Samples
    onset: NDArray[np.bool_]
    velocity: NDArray[np.float64]
    offset_s: NDArray[np.float64]

    def grid(self) -> Grid:
        """Return the truth in the form in which loops are detected."""
        return Grid(self.onset, self.velocity, self.offset_s * self.bpm / 15)


@dataclass(frozen=True, slots=True)
class Part:
    """One voice of a loop: a sound and its notes by (step, note).

    A note of velocity v sounds at amplitude gain * v ** curve.
    """

    sound: Sound
    notes: list[tuple[int, Note]]
    gain: float = 1.0
    curve: float = 1.0

    def samples(self, length_s: float, tail: str) -> Samples:
        """Return the voice alone; see TAILS."""
        loud = [
            replace(note, velocity=self.gain * note.velocity**self.curve)
            for _, note in self.notes
        ]
        if tail == "chopped":  # an early first note is all that is left of it, at the end
            loud = [
                replace(note, start_s=note.start_s + length_s) if note.start_s < 0 else note
                for note in loud
            ]
        return render(self.sound, loud, length_s, wrap=tail == "wrapped")


def draw_loop(rng: Random, kind: str) -> tuple[float, int, list[Part]]:
    """Return tempo, bars and parts of a loop; at least one note."""
    usual = rng.random() < 0.6
    bpm = rng.normal(118, 24) if usual else np.exp(rng.uniform(np.log(60), np.log(215)))
    bpm = float(np.round(np.clip(bpm, 60, 215)))
    bars = int(rng.choice([1, 2, 2, 2, 4]))
    maker = _drums if kind in {"machine", "human"} else _line
    parts: list[Part] = []
    while not any(part.notes for part in parts):
        parts = maker(rng, kind, bars * 16, 15 / bpm)
    return bpm, bars, parts


def rendering(seed: int, kind: str) -> Rendering:
    """Return one synthesised loop; the same for the same seed and kind, always."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    bpm, bars, parts = draw_loop(rng, kind)
    tail = str(rng.choice(TAILS))
    samples = np.sum([part.samples(bars * 240 / bpm, tail) for part in parts], axis=0)
    samples = room(rng, samples, 15 / bpm, far=kind == "fx")
    return with_truth(kind, bpm, bars, samples, parts)


def with_truth(
    kind: str, bpm: float, bars: int, samples: Samples, parts: list[Part]
) -> Rendering:
    """Return samples with the truth of the parts they were made from."""
    steps, step_s = bars * 16, 15 / bpm
    onset, velocity, offset_s = np.zeros(steps, bool), np.zeros(steps), np.zeros(steps)
    for part in parts:
        for step, note in part.notes:
            onset[step] = True
            if note.velocity > velocity[step]:
                velocity[step] = note.velocity
                offset_s[step] = note.start_s - step * step_s
    return Rendering(kind, bpm, bars, normalised(samples), onset, velocity, offset_s)


def _kick(rng: Random) -> Sound:
    attack_s, decay_s = rng.uniform(0.0005, 0.004), rng.uniform(0.06, 0.35)
    return Sound("sine", attack_s, decay_s, 0, 0.05, 20, 8, drop=rng.uniform(0.8, 3.5))


def _snare(rng: Random) -> Sound:
    decay_s = rng.uniform(0.04, 0.2)
    return Sound("noise", rng.uniform(0.0005, 0.003), decay_s, 0, 0.05, 40, 6, decay_s)


def _hat(rng: Random) -> Sound:
    return Sound("noise", 0.0005, rng.uniform(0.012, 0.12), 0, 0.02, 40, 38, 0.1)


def _tom(rng: Random) -> Sound:
    return Sound("triangle", 0.001, rng.uniform(0.03, 0.15), 0, 0.03, 10, 4, drop=rng.random())


DRUMS = {"kick": _kick, "snare": _snare, "hat": _hat, "tom": _tom}
_PITCHES = {"kick": 34.0, "snare": 60.0, "hat": 90.0, "tom": 55.0}


def drum_hits(rng: Random, steps: int) -> dict[str, NDArray[np.float64]]:
    """Return the velocity of each drum at each step, 0 where it is silent."""
    place = np.arange(steps)
    beat, back = place % 4 == 0, place % 8 == 4
    chance = np.resize([0.5, 0.08, 0.3, 0.12], steps) * rng.uniform(0.4, 1.2)
    every = int(rng.choice([1, 2, 2, 4]))
    hits = {
        "kick": (place % 16 == 0) | (rng.random(steps) < chance),
        "snare": (back | (rng.random(steps) < rng.choice([0.02, 0.12, 0.3]))),
        "hat": (place % every == rng.choice([0, every // 2])) | (rng.random(steps) < 0.08),
        "tom": rng.random(steps) < rng.choice([0.0, 0.0, 0.1]),
    }
    level = {name: rng.uniform(0.6, 1.3) for name in hits}
    loud = {
        "kick": np.where(beat, 0.85, 0.6) * rng.normal(1, 0.15, steps),
        "snare": np.where(back, 0.85, 0.28) * rng.normal(1, 0.2, steps),
        "hat": np.where(beat, 0.6, 0.42) * rng.normal(1, 0.25, steps) * rng.uniform(0.7, 1.4),
        "tom": rng.normal(0.6, 0.2, steps),
    }
    return {
        name: np.where(
            _repeated(rng, row & (rng.random(steps) < 0.96)),
            np.clip(loud[name] * level[name], 0.05, 1),
            0,
        )
        for name, row in hits.items()
    }


def _repeated(rng: Random, row: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Play the first bar again, with a few changes."""
    if row.size <= 16 or rng.random() < 0.3:
        return row
    return np.where(rng.random(row.size) < 0.08, row, np.resize(row[:16], row.size))


def _drums(rng: Random, kind: str, steps: int, step_s: float) -> list[Part]:
    human = kind == "human"
    feel_s = _feel(rng, steps, step_s) if human else np.zeros(steps)
    gains = {
        "kick": 1.0,
        "snare": rng.uniform(0.3, 1),
        "hat": rng.uniform(0.12, 0.6),
        "tom": 0.6,
    }
    if rng.random() < 0.35:  # as they come from the sample pack
        gains = dict.fromkeys(gains, 1.0)
    curve = float(rng.choice([0.7, 1.0, 1.5, 2.0]))
    parts = []
    for name, loud in drum_hits(rng, steps).items():
        spread_s = np.clip(rng.normal(0, 0.004 if human else 0, steps), -0.01, 0.01) * 0.4
        pitch = _PITCHES[name] + rng.uniform(-6, 8)
        notes = [
            (step, Note(step * step_s + feel_s[step] + spread_s[step], pitch, 0.3, loud[step]))
            for step in np.flatnonzero(loud)
        ]
        parts.append(Part(DRUMS[name](rng), notes, gains[name], curve))
    return parts


def _feel(rng: Random, steps: int, step_s: float) -> NDArray[np.float64]:
    """Return timing in seconds: swing, leaning back or forward, and a hand's spread."""
    swing_s = rng.choice([0, 0, 0.1, 0.2]) * step_s * (np.arange(steps) % 2)
    leaning_s = rng.normal(0, rng.choice([0.004, 0.02]))
    feel_s = swing_s + leaning_s + rng.normal(0, rng.uniform(0.003, 0.024), steps)
    return np.clip(feel_s, -0.5 * step_s, 0.5 * step_s)


_SCALE = np.array([-5, -2, 0, 3, 5, 7, 10, 12])


def line_sound(rng: Random, kind: str) -> Sound:
    """Return a sound of a kind: arp, bass, pluck, pad or fx."""
    wave = str(rng.choice(["sine", "triangle", "square", "saw", "saw", "pulse"]))
    bright = float(np.exp(rng.uniform(np.log(2), np.log(40))))
    dark = max(1.0, bright * rng.uniform(0.1, 1.0))
    detune = float(rng.choice([1.0, 1.0, 1.004, 1.01, 0.5, 2.0, 1.5, 2.76]))
    attack_s, decay_s, sustain, release_s, sweep_s = {
        "arp": (
            rng.uniform(0.001, 0.006),
            rng.uniform(0.06, 0.25),
            rng.uniform(0, 0.6),
            0.05,
            0.08,
        ),
        "bass": (
            rng.uniform(0.001, 0.012),
            rng.uniform(0.1, 0.4),
            rng.uniform(0.2, 0.9),
            0.03,
            0.1,
        ),
        "pluck": (0.001, rng.uniform(0.1, 0.8), 0, rng.uniform(0.03, 0.3), 0.06),
        "fx": (
            rng.uniform(0.001, 0.01),
            rng.uniform(0.05, 0.5),
            rng.uniform(0, 0.3),
            0.05,
            0.08,
        ),
        "pad": (
            np.exp(rng.uniform(np.log(0.03), np.log(0.6))),
            1.0,
            0.9,
            rng.uniform(0.05, 0.5),
            0.4,
        ),
    }[kind]
    return Sound(
        wave, attack_s, decay_s, sustain, release_s, bright, dark, sweep_s, detune=detune
    )


def line_rhythm(rng: Random, kind: str, steps: int) -> NDArray[np.bool_]:
    """Return where a line has notes: one of the demo's families, thinned for slow sounds."""
    family = str(rng.choice(list(FAMILIES)))
    row = np.resize(FAMILIES[family](rng), steps)
    if kind == "pad":
        row = np.zeros(steps, bool)
        row[
            rng.choice(steps, max(1, steps // int(rng.choice([3, 4, 6, 8]))), replace=False)
        ] = True
        row &= np.arange(steps) % int(rng.choice([1, 2, 4])) == 0
    elif kind == "bass":
        row &= rng.random(steps) < rng.choice([0.5, 0.8, 1.0])
    return row


def line_notes(rng: Random, kind: str, steps: int, step_s: float) -> list[tuple[int, Note]]:
    """Return the notes of a line, now and then chords, legato or short."""
    places = np.flatnonzero(line_rhythm(rng, kind, steps))
    root = {"bass": 33, "pad": 52}.get(kind, 57) + int(rng.integers(14))
    human = rng.random() < 0.5
    feel_s = _feel(rng, steps, step_s) if human else np.zeros(steps)
    accents = rng.uniform(0.4, 1.0, steps) if rng.random() < 0.6 else np.full(steps, 0.8)
    legato = rng.random() < (0.7 if kind in {"pad", "bass"} else 0.3)
    chord = kind == "pad" or rng.random() < 0.15
    short_s = step_s * rng.uniform(0.3, 1.2)
    scale = rng.choice(_SCALE, int(rng.choice([1, 2, 3, 5, 8])), replace=False)
    chords = [rng.choice(_SCALE, 3, replace=False) for _ in range(int(rng.choice([1, 2, 4])))]
    notes = []
    for at, following in zip(places, [*places[1:], steps], strict=False):
        gate_s = (following - at) * step_s * rng.uniform(0.9, 1.02) if legato else short_s
        start_s = at * step_s + feel_s[at]
        pitches = chords[rng.integers(len(chords))] if chord else [rng.choice(scale)]
        notes += [
            (int(at), Note(start_s, float(root + pitch), gate_s, accents[at]))
            for pitch in pitches
        ]
    return notes


def _line(rng: Random, kind: str, steps: int, step_s: float) -> list[Part]:
    curve = float(rng.choice([1.0, 1.5]))
    notes = line_notes(rng, kind, steps, step_s)
    parts = [Part(line_sound(rng, kind), notes, curve=curve)]
    if rng.random() < 0.3:  # a second layer
        parts.append(Part(line_sound(rng, kind), notes, rng.uniform(0.2, 1.0), curve))
    if rng.random() < 0.3:  # breath, pick or bow
        noise = Sound("noise", rng.uniform(0.001, 0.03), rng.uniform(0.01, 0.1), 0, 0.02)
        parts.append(Part(noise, notes, rng.uniform(0.02, 0.2), curve))
    return parts


def room(rng: Random, samples: Samples, step_s: float, *, far: bool) -> Samples:
    """Return the loop with echoes and reverberation if it is far, and a little noise."""
    if far:
        delay_s = step_s * float(rng.choice([1, 1.5, 2, 3, 4]))
        samples = echo(samples, delay_s, rng.uniform(0.2, 0.5), rng.uniform(0.15, 0.5))
    if far or rng.random() < 0.15:
        samples = reverberated(rng, samples, rng.uniform(0.2, 1.2), rng.uniform(0.05, 0.25))
    if rng.random() < 0.6:
        samples = coloured(rng, samples)
    if rng.random() < 0.3:
        samples = np.tanh(normalised(samples) * rng.uniform(1, 6)).astype(np.float32)
    noise = rng.standard_normal(samples.size) * 10 ** rng.uniform(-5, -2.7)
    return (samples + noise * np.abs(samples).max()).astype(np.float32)


def reverberated(rng: Random, samples: Samples, decay_s: float, level: float) -> Samples:
    """Return the loop in a room that has rung since long before."""
    size = samples.size
    t = np.arange(size) / SAMPLE_RATE
    tail = rng.standard_normal(size) * np.exp(-t / (decay_s / 3)) * (t > 0.01)
    tail /= np.sqrt(np.sum(tail**2))
    wet = np.fft.irfft(np.fft.rfft(samples) * np.fft.rfft(tail), size)
    return (samples + level * wet).astype(np.float32)


def coloured(rng: Random, samples: Samples) -> Samples:
    """Return the loop through an equaliser: a slope, and bumps anywhere."""
    spectrum = np.fft.rfft(samples)
    octave = np.log2(np.arange(1, spectrum.size + 1) * SAMPLE_RATE / samples.size / 1000)
    gain_db = rng.uniform(-3, 3) * octave
    for _ in range(3):
        width = rng.uniform(0.3, 1.5)
        gain_db += rng.normal(0, 5) * np.exp(-(((octave - rng.uniform(-4, 4)) / width) ** 2))
    gain = 10 ** (np.clip(gain_db, -40, 20) / 20)
    return np.fft.irfft(spectrum * gain, samples.size).astype(np.float32)
