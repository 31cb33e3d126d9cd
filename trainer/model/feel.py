"""Velocity and micro-timing that carry over to rhythms nobody played.

What one loop does at a step is mostly its own. So feel is shrunk: the mean of the step over all
loops, plus a share of how the most similar loops deviate from it. The share is the one that
predicts a loop best from the others; 0 leaves the mean of the step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.model.rhythm import Matrix, Onsets, hamming

SHARES = (0.0, 0.25, 0.5, 0.7)
PSEUDO_ONSETS = 4.0
"""Onsets of the overall mean that are added to each step, for steps with few of their own."""

PSEUDO_NEIGHBOURS = 0.5
"""Neighbours without deviation that are added to those that are found."""

NEAR = 1.5
"""Steps by which a loop differs more than the most similar one and counts 1 / e of it."""

NEVER = 99


def step_means(onset: Onsets, values: Matrix) -> Matrix:
    """Give the mean of a step's values over its onsets (32), shrunk towards that of all."""
    overall = values[onset].mean() if onset.any() else 0.0
    total: Matrix = (values * onset).sum(0) + PSEUDO_ONSETS * overall
    means: Matrix = total / (onset.sum(0) + PSEUDO_ONSETS)
    return means


def feel(patterns: Onsets, onset: Onsets, values: Matrix, share: float) -> Matrix:
    """Predict values (m, 32) for patterns (m, 32) from loops (n, 32) with known values."""
    return _predict(hamming(patterns, onset), onset, values, share)


def best_share(onset: Onsets, values: Matrix) -> float:
    """Give the share of `SHARES` that predicts each loop best from all others."""
    distance = hamming(onset, onset)
    np.fill_diagonal(distance, NEVER)

    def error(share: float) -> float:
        misses = (_predict(distance, onset, values, share) - values)[onset]
        return float((misses**2).mean()) if misses.size else 0.0

    return min(SHARES, key=error)


def _predict(
    distance: NDArray[np.int64], onset: Onsets, values: Matrix, share: float
) -> Matrix:
    base = step_means(onset, values)
    if not share:
        return np.tile(base, (len(distance), 1))
    more = distance - distance.min(1, keepdims=True)
    similar = np.exp(-more / NEAR)
    deviation = similar @ ((values - base) * onset)
    predicted: Matrix = base + share * deviation / (similar @ onset + PSEUDO_NEIGHBOURS)
    return predicted
