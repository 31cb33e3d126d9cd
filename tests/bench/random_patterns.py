"""Rhythms drawn without regard to metre, so that what is fitted on them expects none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS

Pattern = NDArray[np.bool_]
Random = np.random.Generator


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
