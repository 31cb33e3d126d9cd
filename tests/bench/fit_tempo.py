"""Fit the network that ranks tempi (trainer/audio/tempo.npz) on simulated onsets.

    python -m tests.bench.fit_tempo GROOVES [-o FILE.npz]

GROOVES holds the Groove MIDI Dataset (Gillick et al. 2019, CC BY 4.0) in folders train and
test, files named as there: ..._BPM_beat_4-4.mid. Human drum patterns, at their own tempo or
at any, and parts of the demo loops become onset times and strengths with misses, ghosts and
jitter, as a detector leaves them; no audio is made. `test` is never fitted on. Figures are
printed: the share of right tempi, and of wrong ones above a confidence.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from trainer.audio.tempo import CONFIDENT, candidates
from trainer.audio.tempo_inference import TempoNetwork, tempo_features
from trainer.data.demo_patterns import ROLES, make_part

UNITS, DECAY = 8, 1e-3
FIT, JUDGE = 8000, 1000
_BARS, _BAR_SHARES = (1, 2, 4, 8, 16, 3, 6, 12), (0.08, 0.34, 0.28, 0.14, 0.1, 0.02, 0.02, 0.02)
_SLOWEST, _FASTEST = 60, 220
_LEVELS = {
    35: 1.0,
    36: 1.0,
    37: 0.6,
    38: 0.9,
    40: 0.9,
    22: 0.35,
    26: 0.5,
    42: 0.35,
    44: 0.3,
    46: 0.5,
    49: 0.8,
    51: 0.45,
    52: 0.7,
    53: 0.5,
    55: 0.7,
    57: 0.8,
    59: 0.45,
}
"""How strong an onset of each General MIDI drum is."""

_LOW = (35, 36, 41, 43, 45, 47, 58)
_ROLE_LEVELS = {"kick": 1.0, "snare": 0.9, "hat": 0.4}

Values = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class Groove:
    """A drum recording: tempo, and (position in steps, key, velocity) of each note."""

    bpm: float
    notes: Values


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """Features of each candidate (candidates, features), and which is right."""

    features: Values
    bpm: Values
    right: int


def read_grooves(folder: Path) -> list[Groove]:
    """Read the recordings in 4/4 that are no fills."""
    found = []
    for path in sorted(folder.glob("*_beat_4-4.mid")):
        file, notes = mido.MidiFile(path, clip=True), []
        for track in file.tracks:
            tick = 0
            for message in track:
                tick += message.time
                if message.type == "note_on" and message.velocity:
                    place = tick / file.ticks_per_beat * 4
                    notes.append((place, message.note, message.velocity / 127))
        if len(notes) > 8:
            found.append(Groove(float(path.stem.split("_")[-3]), np.array(sorted(notes))))
    return found


def human(rng: Random, grooves: Sequence[Groove], bars: int) -> tuple[float, Values] | None:
    """Return a tempo and (position, level, level in the bass) of some bars of a recording."""
    groove = grooves[rng.integers(len(grooves))]
    whole = int(groove.notes[-1, 0] // 16) + 1
    if whole < bars:
        return None
    first = int(rng.integers(0, whole - bars + 1)) * 16
    inside = (groove.notes[:, 0] >= first - 0.4) & (
        groove.notes[:, 0] < first + bars * 16 - 0.4
    )
    place, key, velocity = groove.notes[inside].T
    level = np.array([_LEVELS.get(int(one), 0.6) for one in key]) * velocity
    own = rng.random() < 0.6
    bpm = groove.bpm * rng.uniform(0.93, 1.07) if own else rng.uniform(65, 217)
    return bpm, np.array([place - first, level, np.isin(key, _LOW) * level])


def ensemble(rng: Random, bars: int) -> tuple[float, Values]:
    """Return the same of one to three parts of the demo loops."""
    rows = []
    count = int(rng.integers(1, 4)) if rng.random() < 0.5 else 1
    for role in rng.choice(list(ROLES), count, replace=False):
        part = make_part(str(role), int(rng.integers(400)), int(rng.integers(1000)))
        for turn in range(-(-bars // 2)):
            for step in np.flatnonzero(part.onset):
                level = part.velocity[step] * _ROLE_LEVELS.get(str(role), 0.7)
                low = level if role in {"kick", "bass"} else 0.0
                rows.append((step + part.offset_ms[step] / 125 + 32 * turn, level, low))
    any_tempo = rng.random() < 0.35
    bpm = rng.uniform(65, 217) if any_tempo else 118 * 2 ** rng.normal(0, 0.35)
    return bpm, np.array([row for row in rows if row[0] < bars * 16]).T


def detected(rng: Random, notes: Values, step_s: float, duration_s: float) -> Values:
    """Return (time s, strength, strength in the bass) as a detector would find notes."""
    place, level, low = notes
    time_s = (place * step_s + rng.normal(0, 0.003, place.size)) % duration_s
    order = np.argsort(time_s)
    rows: list[list[float]] = []
    for at in order:
        if rows and time_s[at] - rows[-1][0] < 0.03:
            louder, softer = max(rows[-1][1], level[at]), min(rows[-1][1], level[at])
            rows[-1][1:] = [louder + 0.2 * softer, max(rows[-1][2], low[at])]
        else:
            rows.append([time_s[at], level[at], low[at]])
    found = np.array(rows).T
    found[1] = found[1] ** rng.uniform(0.5, 1) * np.exp(rng.normal(0, 0.15, found.shape[1]))
    dull = rng.uniform(0.4, 1) if rng.random() < 0.3 else 1.0
    found = found[:, rng.random(found.shape[1]) < np.clip(0.55 + 2 * found[1], 0, 1) * dull]
    false = rng.poisson(0.02 * found.shape[1])
    ghosts = [
        rng.uniform(0, duration_s, false),
        rng.uniform(0.05, 0.25, false),
        np.zeros(false),
    ]
    found = np.concatenate([found, ghosts], axis=1)
    found[0] += rng.uniform(0, 0.008)
    found[2] += 0.1 * found[1] * rng.random()
    return found


def example(rng: Random, grooves: Sequence[Groove]) -> Example | None:
    """Return one loop's candidates, None where the draw gives no usable loop."""
    bars = int(rng.choice(_BARS, p=_BAR_SHARES))
    drawn = human(rng, grooves, bars) if rng.random() < 0.65 else ensemble(rng, bars)
    if drawn is None or drawn[1].shape[1] < 3:
        return None
    bpm = float(
        np.clip(round(drawn[0]) if rng.random() < 0.8 else drawn[0], _SLOWEST, _FASTEST)
    )
    duration_s = bars * 240 / bpm
    times_s, strength, low = detected(rng, drawn[1], 15 / bpm, duration_s)
    tempi = candidates(duration_s)
    right = [abs(one.bpm / bpm - 1) < 0.005 and one.bars == bars for one in tempi]
    if times_s.size < 2 or not any(right):
        return None
    rows = [tempo_features(one, times_s, strength, low) for one in tempi]
    return Example(np.array(rows), np.array([one.bpm for one in tempi]), right.index(True))


def examples(grooves: Sequence[Groove], count: int, seed: int) -> list[Example]:
    """Return so many examples, the same for the same seed."""
    rng = np.random.default_rng(seed)
    found: list[Example] = []
    while len(found) < count:
        one = example(rng, grooves)
        if one is not None:
            found.append(one)
    return found


def fit(data: Sequence[Example], seed: int = 0) -> TempoNetwork:
    """Fit by the likelihood of the right candidate among those of its loop."""
    rows = np.concatenate([one.features for one in data])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    inputs = (rows - mean) / spread
    counts = np.array([len(one.features) for one in data])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    loop, right = np.repeat(np.arange(len(data)), counts), starts + [one.right for one in data]
    width = inputs.shape[1]

    def parts(flat: Values) -> tuple[Values, Values, Values, Values]:
        hidden, bias, output, linear = np.split(flat, np.cumsum([width * UNITS, UNITS, UNITS]))
        return hidden.reshape(width, UNITS), bias, output, linear

    def loss(flat: Values) -> tuple[float, Values]:
        hidden, bias, output, linear = parts(flat)
        units = np.tanh(inputs @ hidden + bias)
        scores = units @ output + inputs @ linear
        highest = np.maximum.reduceat(scores, starts)
        shares = np.exp(scores - highest[loop])
        total = np.add.reduceat(shares, starts)
        slope = shares / total[loop]
        slope[right] -= 1
        slope /= len(data)
        inner = np.outer(slope, output) * (1 - units**2)
        value = -(scores[right] - highest - np.log(total)).mean() + DECAY * (flat**2).sum()
        gradient = [(inputs.T @ inner).ravel(), inner.sum(0), units.T @ slope, inputs.T @ slope]
        return float(value), np.concatenate(gradient) + 2 * DECAY * flat

    start = np.random.default_rng(seed).normal(0, 0.1, width * UNITS + 2 * UNITS + width)
    settings = {"maxiter": 250}
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options=settings).x
    return TempoNetwork(mean, spread, *parts(best))


def judge(network: TempoNetwork, data: Sequence[Example]) -> dict[str, float]:
    """Return the share of right tempi, of confident ones, and of wrong among these."""
    right, confidence = [], []
    for one in data:
        scores = network.scores(one.features)
        shares = np.exp(scores - scores.max())
        best = int(np.argmax(shares))
        right.append(abs(one.bpm[best] / one.bpm[one.right] - 1) < 0.005)
        confidence.append(shares[best] / shares.sum())
    sure = np.array(confidence) >= CONFIDENT
    return {
        "right": float(np.mean(right)),
        "confident": float(sure.mean()),
        "confident and wrong": float((sure & ~np.array(right)).mean()),
    }


def main() -> None:
    """Fit, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("grooves", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("tempo.npz"))
    options = parser.parse_args()
    network = fit(examples(read_grooves(options.grooves / "train"), FIT, 1))
    unseen = examples(read_grooves(options.grooves / "test"), JUDGE, 2)
    for name, value in judge(network, unseen).items():
        print(f"{name:20s} {value:.3f}")  # noqa: T201 - the answer
    names = ("mean", "spread", "hidden", "bias", "output", "linear")
    arrays = {name: getattr(network, name).astype(np.float32) for name in names}
    np.savez(options.output, **arrays)


if __name__ == "__main__":
    main()
