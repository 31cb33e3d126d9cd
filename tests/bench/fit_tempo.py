"""Fit the network that ranks tempi (trainer/audio/tempo.npz) on simulated onsets.

    python -m tests.bench.fit_tempo GROOVES [-o FILE.npz]

GROOVES holds the Groove MIDI Dataset (Gillick et al. 2019, CC BY 4.0). Human drum patterns and
parts of the demo loops become onset times and strengths with misses, ghosts and jitter, as a
detector leaves them; no audio is made. The split "test" is never fitted on. Figures
are printed: the share of right tempi, and of wrong ones above a confidence.

The shipped weights come from an earlier version of this script with the same features. What it
writes now is no better on 200 loops like those of bench_tempo.py, so they stayed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from tests.bench.metred_loops import BARS, FASTEST, SHARES, SLOWEST, demo_parts
from tests.bench.performances import Groove, drawn, read_grooves
from trainer.audio.tempo import CONFIDENT, Tempo, bar_s, candidates
from trainer.audio.tempo_inference import TempoNetwork, tempo_features

UNITS, DECAY = 8, 1e-3
FIT, JUDGE = 8000, 1000
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
class Example:
    """Features of each candidate (candidates, features), and which is right."""

    features: Values
    tempi: tuple[Tempo, ...]
    right: int


def human(rng: Random, grooves: Sequence[Groove], bars: int) -> tuple[float, Values]:
    """Return a tempo and (position, level, level in the bass) of some bars of a recording."""
    bpm, notes = drawn(rng, grooves, bars)
    place, key, velocity = notes.T
    level = np.array([_LEVELS.get(int(one), 0.6) for one in key]) * velocity
    return bpm, np.array([place, level, np.isin(key, _LOW) * level])


def ensemble(rng: Random, bars: int) -> tuple[float, Values]:
    """Return the same of one to three parts of the demo loops."""
    bpm, parts = demo_parts(rng, bars)
    rows = []
    for role, notes in parts.items():
        level = notes[:, 2] * _ROLE_LEVELS.get(role, 0.7)
        low = level * (role in {"kick", "bass"})
        rows.append(np.array([notes[:, 0], level, low]))
    return bpm, np.concatenate(rows, axis=1)


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
    bars = int(rng.choice(BARS, p=SHARES))
    bpm, notes = human(rng, grooves, bars) if rng.random() < 0.6 else ensemble(rng, bars)
    if rng.random() < 0.35:
        bpm = rng.uniform(SLOWEST, FASTEST)
    bpm = float(np.clip(round(bpm) if rng.random() < 0.8 else bpm, SLOWEST, FASTEST))
    if notes.shape[1] < 3:
        return None
    duration_s = bars * bar_s(bpm)
    times_s, strength, low = detected(rng, notes, 15 / bpm, duration_s)
    tempi = candidates(duration_s)
    right = [abs(one.bpm / bpm - 1) < 0.005 and one.bars == bars for one in tempi]
    if times_s.size < 2 or not any(right):
        return None
    rows = [tempo_features(one, times_s, strength, low) for one in tempi]
    return Example(np.array(rows), tuple(tempi), right.index(True))


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
        best, truth = one.tempi[int(np.argmax(shares))], one.tempi[one.right]
        right.append(abs(best.bpm / truth.bpm - 1) < 0.005)
        confidence.append(shares.max() / shares.sum())
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
    network = fit(examples(read_grooves(options.grooves, "train"), FIT, 1))
    unseen = examples(read_grooves(options.grooves, "test"), JUDGE, 2)
    for name, value in judge(network, unseen).items():
        print(f"{name:20s} {value:.3f}")  # noqa: T201 - the answer
    names = ("mean", "spread", "hidden", "bias", "output", "linear")
    arrays = {name: getattr(network, name).astype(np.float32) for name in names}
    np.savez(options.output, **arrays)


if __name__ == "__main__":
    main()
