"""What a map should play at any place: a blend of the loops around it.

A Gaussian blend alone has three faults. Many steps change at the same place, half way between
two loops, so each step is read at a small displacement of its own. Probabilities below a half
vanish where loops disagree, so the logits of a place are shifted until as many steps sound as
in the blended loops. And onsets of many loops mix, so steps that neither of the two loops most
similar has are made less probable.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from trainer.model.layout import Layout
from trainer.model.rhythm import Matrix, Onsets, hamming
from trainer.model.sampling import spread

BAND = 0.6
"""Standard deviation of the blend, in cells."""

STAGGER = 0.45
"""How far aside a step is read at most, along X and Y, in cells."""

LEAST = np.float32(1e-3)
"""The least blended probability, and of a rest."""

SHIFT_MAX = 2.5
"""How far the logits of a place may be shifted to keep the number of onsets."""

FOREIGN = np.float32(0.2)
"""What the logit of a step loses that neither of the two most similar loops has."""

GAIN = np.float32(1.5)

Probabilities = NDArray[np.float32]


def blend(places: Matrix, onset: Onsets, layout: Layout) -> Probabilities:
    """Give the onset probabilities (m, 32) that a map should have at places (m, 2)."""
    grid = _Grid(layout)
    count = np.rint(grid.mean(places, onset.sum(1))).astype(np.intp)
    aside = displacements() * layout.cell
    blended = [grid.mean(places + aside[step], onset[:, step]) for step in range(STEPS)]
    share = np.clip(np.stack(blended, 1), LEAST, 1 - LEAST)
    logits = np.log(share / (1 - share))
    logits -= _shift(logits, count)
    logits -= FOREIGN * ~_parents(logits > 0, onset)
    result: Probabilities = 1 / (1 + np.exp(-GAIN * logits))
    return result


def kernel_blend(places: Matrix, onset: Onsets, layout: Layout) -> Probabilities:
    """Give the Gaussian blend (m, 32) without any correction."""
    grid = _Grid(layout)
    return np.stack([grid.mean(places, onset[:, step]) for step in range(STEPS)], 1)


def _parents(patterns: Onsets, onset: Onsets) -> Onsets:
    """Give the steps that one of the two loops nearest to each pattern (m, 32) has."""
    nearest = np.argsort(hamming(patterns, onset), axis=1, kind="stable")[:, :2]
    either: Onsets = onset[nearest].any(1)
    return either


def displacements() -> Matrix:
    """Give where each step is read (32, 2), in cells from the place that is asked for."""
    return (spread(STEPS, 2) - 0.5) * 2 * STAGGER


class _Grid:
    """Gaussian-weighted means of the loops' values; a weight is a product of X's and Y's."""

    def __init__(self, layout: Layout) -> None:
        found = [
            np.unique(layout.places[:, axis].round(9), return_inverse=True) for axis in range(2)
        ]
        self._lines = [lines for lines, _ in found]
        self._at = tuple(line.ravel() for _, line in found)
        self._width = BAND * layout.cell
        self._loops = self._spread(np.ones(len(layout.places)))

    def mean(self, places: Matrix, values: NDArray[Any]) -> Probabilities:
        """Average the loops' values (n) around each place (m, 2): (m)."""
        along, across = (self._factors(places[:, axis], axis) for axis in range(2))
        total = ((along @ self._spread(values)) * across).sum(1)
        mean: Probabilities = total / ((along @ self._loops) * across).sum(1)
        return mean

    def _factors(self, along: Matrix, axis: int) -> Probabilities:
        squares = ((along[:, None] - self._lines[axis]) / self._width) ** 2 / 2
        factors: Probabilities = np.exp(squares.min(1, keepdims=True) - squares).astype(
            np.float32
        )
        return factors

    def _spread(self, values: NDArray[Any]) -> Probabilities:
        """Lay a value per loop out on the grid; 0 in a cell without a loop."""
        cells = np.zeros([len(lines) for lines in self._lines], np.float32)
        cells[self._at] = values
        return cells


def _shift(logits: Probabilities, count: NDArray[np.intp]) -> Probabilities:
    """Give what to subtract from each row so that its `count` largest logits stay above 0."""
    falling = -np.sort(-logits, axis=1)
    padded = np.concatenate([falling[:, :1] + 1, falling, falling[:, -1:] - 1], 1)
    row = np.arange(len(logits))
    between = (padded[row, count] + padded[row, count + 1]) / 2
    shift: Probabilities = np.clip(between, -SHIFT_MAX, SHIFT_MAX)[:, None]
    return shift
