"""Loops of any usual length, tempo and metre, to fit and judge the tempo on.

Human drum patterns (performances.py) and parts of the demo loops, played on sampled kits and
synthesised sounds. Bars of other metres are made of bars in 4/4: beats left out or repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.bench.performances import Groove, drawn, played
from tests.bench.renderings import DRUMS, Random, line_sound, room
from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.synth import Note, normalised, render
from trainer.audio.tempo import COMMON, METERS, bar_s
from trainer.data.demo_patterns import ROLES, make_part

BARS, SHARES = (1, 2, 3, 4, 6, 8, 12, 16), (0.06, 0.38, 0.02, 0.28, 0.02, 0.14, 0.02, 0.08)
SLOWEST, FASTEST = 65.0, 215.0
OTHER_METERS = tuple(meter for meter in METERS if meter != COMMON)
_SOUNDS = {"bass": "bass", "chord": "pad", "lead": "pluck"}
_DRUMS = {"kick": "kick", "snare": "snare", "hat": "hat", "percussion": "tom"}

Notes = NDArray[np.float64]
"""Rows of (position in sixteenths, key or pitch, velocity)."""


@dataclass(frozen=True, slots=True, eq=False)
class MetredLoop:
    """A loop's samples and what a person would say of it."""

    samples: Samples
    bpm: float
    bars: int
    meter: str


def metred_loop(
    rng: Random,
    grooves: Sequence[Groove],
    kits: Sequence[str],
    *,
    other_meters: float = 0.0,
    any_tempo: float = 0.4,
) -> MetredLoop:
    """Return a loop; `other_meters` and `any_tempo` are shares."""
    bars = int(rng.choice(BARS, p=SHARES))
    meter = str(rng.choice(OTHER_METERS)) if rng.random() < other_meters else COMMON
    ensemble = rng.random() < 0.4
    bpm, parts = demo_parts(rng, bars) if ensemble else _human(rng, grooves, bars)
    if rng.random() < any_tempo:
        bpm = rng.uniform(SLOWEST, FASTEST)
    bpm = float(np.clip(round(bpm) if rng.random() < 0.8 else bpm, SLOWEST, FASTEST))
    size, step_s = round(bars * bar_s(bpm, meter) * SAMPLE_RATE), 15 / bpm
    total = np.zeros(size, np.float32)
    for role, notes in parts.items():
        remade = in_meter(notes, meter)
        if not len(remade):
            continue
        if role == "drums":
            total += played(rng, remade, step_s, size, str(rng.choice(kits)))
        else:
            total += np.float32(rng.uniform(0.4, 1)) * _line(rng, role, remade, step_s, size)
    samples = normalised(room(rng, total, step_s, far=rng.random() < 0.1), 1.0)
    return MetredLoop(np.asarray(samples, np.float32), bpm, bars, meter)


def in_meter(notes: Notes, meter: str) -> Notes:
    """Return notes in 4/4 with the bars of another metre: beats left out or repeated."""
    length = METERS[meter]
    rows = []
    for place, key, velocity in notes:
        bar, within = divmod(place + 0.5, 16)
        if within < length:
            rows.append((bar * length + within - 0.5, key, velocity))
        if length > 16 and within < length - 16:
            rows.append((bar * length + 16 + within - 0.5, key, velocity))
    return np.array(sorted(rows)).reshape(-1, 3)


def _human(rng: Random, grooves: Sequence[Groove], bars: int) -> tuple[float, dict[str, Notes]]:
    bpm, notes = drawn(rng, grooves, bars)
    return bpm, {"drums": notes}


def demo_parts(rng: Random, bars: int) -> tuple[float, dict[str, Notes]]:
    """Return one to three parts of the demo loops, repeated with variations."""
    count = int(rng.integers(1, 4)) if rng.random() < 0.5 else 1
    parts = {}
    for role in map(str, rng.choice(list(ROLES), count, replace=False)):
        number, seed = 2 * int(rng.integers(200)), int(rng.integers(1000))
        rows = []
        for turn in range(-(-bars // 2)):
            part = make_part(role, number + turn % 2, seed)
            for step in np.flatnonzero(part.onset):
                place = step + part.offset_ms[step] / 125
                rows.append((place + 32 * turn, rng.choice([0, 3, 5, 7]), part.velocity[step]))
        notes = np.array(rows)
        parts[role] = notes[notes[:, 0] < bars * 16 - 0.5]
    return 118 * 2 ** rng.normal(0, 0.35), parts


def _line(rng: Random, role: str, notes: Notes, step_s: float, size: int) -> Samples:
    if role in _DRUMS:
        sound, root, gate_s = DRUMS[_DRUMS[role]](rng), 45.0, 0.2
    else:
        sound = line_sound(rng, _SOUNDS[role])
        root, gate_s = 33.0 + 12 * (role != "bass"), step_s * rng.uniform(0.5, 3)
    played_notes = [
        Note(place * step_s, root + pitch, gate_s, velocity) for place, pitch, velocity in notes
    ]
    wrap = bool(rng.random() < 0.5)
    return render(sound, played_notes, size / SAMPLE_RATE, wrap=wrap)[:size]
