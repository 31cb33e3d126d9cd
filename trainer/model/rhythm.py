"""What a rhythm is like: how dense, how syncopated, and how far from another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS

Onsets = NDArray[np.bool_]
Matrix = NDArray[np.float64]
Counts = NDArray[np.int64]

METRICAL_WEIGHT = np.resize(
    [0, -4, -3, -4, -2, -4, -3, -4, -1, -4, -3, -4, -2, -4, -3, -4], STEPS
)
"""How strong each sixteenth of a 4/4 bar is, 0 the strongest (Longuet-Higgins & Lee 1984)."""

BAR = 16
BEAT = 4


def hamming(patterns: Onsets, others: Onsets) -> Counts:
    """Count the steps in which each pattern (n, 32) differs from each other (m, 32): (n, m)."""
    first, second = patterns.astype(np.float32), others.astype(np.float32)
    common = first @ second.T
    counts = first.sum(1)[:, None] + second.sum(1)[None] - 2 * common
    distance: Counts = np.rint(counts).astype(np.int64)
    return distance


def density(patterns: Onsets) -> Counts:
    """Count the onsets of each pattern (n, 32)."""
    count: Counts = patterns.sum(1, dtype=np.int64)
    return count


def syncopation(patterns: Onsets) -> Counts:
    """Sum how much stronger than each onset the strongest rest after it is.

    The pattern (n, 32) is a cycle; an onset before a weaker rest, or before none, adds nothing
    (Longuet-Higgins & Lee 1984).
    """
    strongest = np.full(patterns.shape, METRICAL_WEIGHT.min())
    resting = np.ones(patterns.shape, bool)
    for ahead in range(1, STEPS):
        resting &= ~np.roll(patterns, -ahead, axis=1)
        weight = np.roll(METRICAL_WEIGHT, -ahead)
        strongest = np.where(resting, np.maximum(strongest, weight), strongest)
    excess = np.maximum(strongest - METRICAL_WEIGHT, 0) * patterns
    total: Counts = excess.sum(1, dtype=np.int64)
    return total


def ranks(values: NDArray[Any]) -> Matrix:
    """Rank values (n) from 1 upwards; equal ones share the mean of their ranks."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    shared: Matrix = (np.cumsum(times) - (times - 1) / 2)[place.ravel()]
    return shared


def complexity(pattern: Onsets) -> int:
    """Count the phrases of a pattern (32) that were not seen before (Lempel & Ziv 1976)."""
    text = "".join("x" if step else "-" for step in pattern)
    start = count = 0
    while start < len(text):
        length = 1
        while (
            start + length <= len(text)
            and text[start : start + length] in text[: start + length - 1]
        ):
            length += 1
        count += 1
        start += length
    return count


def features(patterns: Onsets) -> Matrix:
    """Describe patterns (n, 32) by seven figures each: (n, 7).

    Density, syncopation, Lempel-Ziv complexity, steps that differ between the two bars and from
    beat to beat, the share of onsets on eighths (times 16), and pairs of adjacent onsets.
    """
    distinct, place = np.unique(patterns, axis=0, return_inverse=True)
    count = distinct.sum(1)
    columns: list[NDArray[Any]] = [
        count,
        syncopation(distinct),
        np.array([complexity(row) for row in distinct]),
        (distinct[:, :BAR] != distinct[:, BAR:]).sum(1),
        (distinct != np.roll(distinct, BEAT, 1)).sum(1),
        16 * distinct[:, ::2].sum(1) / np.maximum(count, 1),
        (distinct & np.roll(distinct, 1, 1)).sum(1),
    ]
    described: Matrix = np.stack(columns, 1).astype(float)[place.ravel()]
    return described
