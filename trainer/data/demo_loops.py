"""Loops of the project's own making: two bars at 120 BPM, with their truth in INDEX.json."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from firmware.storage.files import write_whole
from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.synth import Note, Sound, echo, normalised, render

COUNT = 168
BPM = 120.0
BARS = 2
STEP_S = 60 / BPM / 4
INDEX = "INDEX.json"
_THEMES = COUNT // 2

_SOUNDS = {
    "arp": Sound("saw", 0.002, 0.12, 0.25, 0.04, bright=16, dark=3, sweep_s=0.08, detune=1.006),
    "blip": Sound("triangle", 0.002, 0.1, 0.0, 0.03, bright=12, dark=4),
    "bass": Sound("square", 0.003, 0.2, 0.5, 0.03, bright=12, dark=1.6, sweep_s=0.07),
    "acid": Sound("saw", 0.002, 0.25, 0.4, 0.02, bright=25, dark=2.5, sweep_s=0.06),
    "pluck": Sound("pulse", 0.001, 0.22, 0.0, 0.08, bright=40, dark=1.6, sweep_s=0.05),
    "stab": Sound("saw", 0.004, 0.3, 0.3, 0.12, bright=10, dark=2.5, detune=1.01),
    "bell": Sound("sine", 0.001, 0.35, 0.0, 0.1, bright=4, dark=2, detune=2.76),
    "zap": Sound("sine", 0.001, 0.08, 0.0, 0.02, bright=8, dark=8, drop=3.0),
    "hiss": Sound("noise", 0.001, 0.05, 0.0, 0.02, bright=40, dark=16, sweep_s=0.03),
}
_SCALE = np.array([0, 3, 5, 7, 10, 12, 15])

Pattern = NDArray[np.bool_]
Levels = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class DemoLoop:
    """A loop and its truth: per step onset, velocity 0..1 and timing in milliseconds."""

    name: str
    family: str
    sound: str
    samples: Samples
    onset: Pattern
    velocity: Levels
    offset_ms: Levels


def _pulses(rng: Random) -> Pattern:
    """Return a Euclidean rhythm over one bar, its second bar rotated or not."""
    hits, turn = rng.integers(3, 12), rng.integers(16)
    bar = (np.arange(16) * hits) % 16 < hits
    return np.concatenate([np.roll(bar, turn), np.roll(bar, turn + rng.choice([0, 0, 2, 5]))])


def _offbeats(rng: Random) -> Pattern:
    """Return hits between the beats, some doubled."""
    pattern = np.zeros(STEPS, bool)
    pattern[rng.choice([1, 2, 3]) :: 4] = True
    pattern[rng.integers(1, 8) :: 8] = True
    return pattern


def _clave(rng: Random) -> Pattern:
    """Return groups of 3 and 2 sixteenths, in an order of the day."""
    groups = rng.permutation([3, 3, 3, 3, 2, 2, 3, 3, 3, 3, 2, 2])
    pattern = np.zeros(STEPS, bool)
    pattern[np.concatenate([[0], np.cumsum(groups)[:-1]]) % STEPS] = True
    return pattern


def _runs(rng: Random) -> Pattern:
    """Return straight sixteenths with rests cut out."""
    pattern = np.ones(STEPS, bool)
    pattern[rng.choice(STEPS, rng.integers(4, 14), replace=False)] = False
    return pattern


def _phrase(rng: Random) -> Pattern:
    """Return a bar drawn by metrical weight, then the same bar answered."""
    weight = np.tile([0.9, 0.15, 0.5, 0.25], 4) * rng.uniform(0.6, 1.1)
    bar = rng.random(16) < weight
    answer = bar ^ (rng.random(16) < 0.25)
    return np.concatenate([bar, answer])


def _sparse(rng: Random) -> Pattern:
    """Return a few stabs over two bars."""
    pattern = np.zeros(STEPS, bool)
    pattern[rng.choice(STEPS, rng.integers(3, 8), replace=False)] = True
    return pattern


FAMILIES: dict[str, Callable[[Random], Pattern]] = {
    "pulses": _pulses,
    "offbeats": _offbeats,
    "clave": _clave,
    "runs": _runs,
    "phrase": _phrase,
    "sparse": _sparse,
}


def _rhythm(index: int, seed: int, rng: Random) -> tuple[str, Pattern]:
    """Return a family and a rhythm: a theme that another loop shares, with changed steps."""
    theme = index % _THEMES
    family = list(FAMILIES)[theme % len(FAMILIES)]
    pattern = FAMILIES[family](np.random.default_rng([seed, theme]))
    pattern[rng.choice(STEPS, 2, replace=False)] ^= True
    pattern[0] |= not pattern.any()
    return family, pattern


def _feel(onset: Pattern, rng: Random) -> tuple[Levels, Levels]:
    """Return velocity and timing: accents on the metre, swing, a human hand."""
    metre = np.resize([1.0, 0.55, 0.75, 0.6], STEPS)
    velocity = np.clip(metre * rng.normal(1, 0.12, STEPS) * rng.choice([0.9, 1.0]), 0.25, 1.0)
    swing_ms = rng.choice([0, 0, 8, 16]) * (np.arange(STEPS) % 2)
    offset_ms = np.clip(swing_ms + rng.normal(0, 5, STEPS), -25, 35)
    return np.where(onset, velocity, 0.0), np.where(onset, offset_ms, 0.0)


def _notes(
    sound: str, onset: Pattern, velocity: Levels, offset_ms: Levels, rng: Random
) -> list[Note]:
    root = {"bass": 33, "acid": 36, "zap": 43}.get(sound, 57) + int(rng.integers(12))
    gate_s = STEP_S * rng.choice([0.4, 0.7, 0.95])
    return [
        Note(
            start_s=float(step * STEP_S + offset_ms[step] / 1000),
            pitch=float(root + rng.choice(_SCALE)),
            gate_s=float(gate_s * rng.choice([1.0, 1.0, 1.7])),
            velocity=float(velocity[step]),
        )
        for step in np.flatnonzero(onset)
    ]


def make_loop(index: int, seed: int) -> DemoLoop:
    """Return loop number `index` of a collection; the same for the same seed, always."""
    rng = np.random.default_rng([seed, _THEMES + index])
    family, onset = _rhythm(index, seed, rng)
    sound = str(rng.choice(list(_SOUNDS)))
    velocity, offset_ms = _feel(onset, rng)
    notes = _notes(sound, onset, velocity, offset_ms, rng)
    samples = render(_SOUNDS[sound], notes, STEPS * STEP_S, wrap=bool(rng.integers(2)))
    if rng.random() < 0.1:
        samples = echo(samples, STEP_S * rng.choice([1.5, 3.0]), 0.35, 0.25)
    name = f"{family}_{sound}_{index + 1:03d}_120bpm.wav"
    return DemoLoop(name, family, sound, normalised(samples), onset, velocity, offset_ms)


def _truth(loop: DemoLoop) -> dict[str, Any]:
    return {
        "file": loop.name,
        "cls": loop.sound,
        "family": loop.family,
        "bpm": BPM,
        "bars": BARS,
        "steps": loop.onset.astype(int).tolist(),
        "velocity": np.round(loop.velocity, 4).tolist(),
        "offset_ms": [
            round(float(ms), 3) if on else None
            for on, ms in zip(loop.onset, loop.offset_ms, strict=True)
        ],
    }


def write_demo_loops(
    folder: Path,
    count: int = COUNT,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write `count` WAV files (16 bit, mono, 44.1 kHz) and their INDEX.json; return the files.

    `progress` is called with (done, all). Raises UserError when the folder cannot be
    written.
    """
    import soundfile  # noqa: PLC0415 - only writers need it

    written, truth = [], []
    for index in range(count):
        loop = make_loop(index, seed)
        packed = io.BytesIO()
        soundfile.write(packed, loop.samples, SAMPLE_RATE, format="WAV", subtype="PCM_16")
        write_whole(folder / loop.name, packed.getvalue())
        written.append(folder / loop.name)
        truth.append(_truth(loop))
        if progress:
            progress(index + 1, count)
    index_text = json.dumps({"seed": seed, "rendered": truth}, indent=1) + "\n"
    write_whole(folder / INDEX, index_text.encode())
    return written
