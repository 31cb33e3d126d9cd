"""Fit the network that tells loops from other sounds (trainer/audio/loop_check.npz).

    python -m tests.bench.fit_loop_check [-o FILE.npz]

Fits on one half of the sounds of strangers.py, sampled.py and renderings.py and prints how
many of the other half's loops are left out, and how many of its other sounds are taken.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from tests.bench import strangers
from tests.bench.renderings import KINDS as LOOPS
from tests.bench.renderings import rendering
from tests.bench.sampled import Sounds, sampled
from trainer.audio.audio_file import Samples
from trainer.audio.loop_check import KINDS, LEAST, LoopNetwork
from trainer.audio.loop_features import loop_features
from trainer.audio.synth import normalised
from trainer.data.demo_loops import make_loop

UNITS, DECAY = 16, 1e-3
ROUNDS = (5, 2)
"""Batches of each kind that are fitted on, and that are judged on."""

Values = NDArray[np.float64]
Job = tuple[str, int, int]


def _rendered(seed: int, _: int) -> list[Samples]:
    return [rendering(1000 * seed + at, kind).samples for at in range(7) for kind in LOOPS]


def _sampled(seed: int, half: int) -> list[Samples]:
    sounds = Sounds(strangers.FONTS[half], strangers.SHOTS, half)
    return [one.samples for kind in LOOPS for one in sampled(kind, 5, 1000 * seed, sounds)]


def _demo(seed: int, half: int) -> list[Samples]:
    return [make_loop(at, 10 * half + seed).samples for at in range(14)]


_MAKERS: dict[str, tuple[int, Callable[[int, int], list[Samples]]]] = {
    "rendered": (0, _rendered),
    "sampled": (0, _sampled),
    "demo": (0, _demo),
    "sparse": (0, lambda seed, half: strangers.sparse_loops(50, seed, half)),
    "one-shots": (1, lambda seed, half: strangers.one_shots(60, seed, half)),
    "noise": (2, lambda seed, half: strangers.noises(30, seed, half)),
    "speech": (3, lambda seed, half: strangers.speech(50, seed, half)),
    "flite": (3, lambda seed, half: strangers.speech(20, seed, half, flite=True)),
    "ambience": (4, lambda seed, half: strangers.ambience(22, seed, half)),
}
"""By name: the number of the kind in KINDS, and what makes a batch from seed and half."""


def batch(job: Job) -> tuple[str, Values]:
    """Return the features of one batch."""
    name, seed, half = job
    sounds = [one for one in _MAKERS[name][1](seed, half) if np.abs(one).max() > 1e-3]
    rows = [loop_features(np.asarray(normalised(one, 1.0), np.float32)) for one in sounds]
    return name, np.array(rows, float)


def gathered(pool: Pool, half: int) -> dict[str, Values]:
    """Return the features of all kinds of one half."""
    jobs: Iterator[Job] = (
        (name, seed + 1, half) for seed in range(ROUNDS[half]) for name in _MAKERS
    )
    rows: dict[str, list[Values]] = {}
    for name, found in pool.imap_unordered(batch, list(jobs)):
        rows.setdefault(name, []).append(found)
    return {name: np.concatenate(parts) for name, parts in rows.items()}


def fit(data: dict[str, Values], seed: int = 0) -> LoopNetwork:
    """Fit by cross-entropy with weight decay."""
    rows = np.concatenate(list(data.values()))
    kinds = np.concatenate(
        [np.full(len(part), _MAKERS[name][0]) for name, part in data.items()]
    )
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    inputs, wanted = np.clip((rows - mean) / spread, -4, 4), np.eye(len(KINDS))[kinds]
    width = inputs.shape[1]
    sizes = np.cumsum([width * UNITS, UNITS, UNITS * len(KINDS)])

    def parts(flat: Values) -> tuple[Values, Values, Values, Values]:
        one, bias, other, last = np.split(flat, sizes)
        return one.reshape(width, UNITS), bias, other.reshape(UNITS, len(KINDS)), last

    def loss(flat: Values) -> tuple[float, Values]:
        one, bias, other, last = parts(flat)
        units = np.tanh(inputs @ one + bias)
        logits = units @ other + last
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        value = -np.log((shares * wanted).sum(axis=1) + 1e-12).mean()
        slope = (shares - wanted) / len(rows)
        inner = (slope @ other.T) * (1 - units**2)
        gradient = [inputs.T @ inner, inner.sum(0), units.T @ slope, slope.sum(0)]
        flat_gradient = np.concatenate([part.ravel() for part in gradient])
        return float(value + DECAY * (flat**2).sum()), flat_gradient + 2 * DECAY * flat

    start = np.random.default_rng(seed).normal(0, 0.2, sizes[-1] + len(KINDS))
    settings = {"maxiter": 400}
    one, bias, other, last = parts(
        minimize(loss, start, jac=True, method="L-BFGS-B", options=settings).x
    )
    arrays = [part.astype(np.float32) for part in (mean, spread, one, other, bias, last)]
    return LoopNetwork(arrays[0], arrays[1], (arrays[2], arrays[3]), (arrays[4], arrays[5]))


def main() -> None:
    """Fit, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("loop_check.npz"))
    options = parser.parse_args()
    with Pool() as pool:
        network = fit(gathered(pool, 0))
        unseen = gathered(pool, 1)
    for name, rows in unseen.items():
        taken = (network.probabilities(rows.astype(np.float32))[:, 0] >= LEAST).mean()
        print(f"{name:12s} {len(rows):5d} sounds, taken {taken:.3f}")  # noqa: T201
    arrays = {"mean": network.mean, "spread": network.spread}
    for at in (0, 1):
        arrays |= {f"weights{at}": network.weights[at], f"biases{at}": network.biases[at]}
    np.savez(options.output, **arrays)


if __name__ == "__main__":
    main()
