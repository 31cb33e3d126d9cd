"""What a map should play at any place: a blend of the loops around it.

A Gaussian blend alone has three faults. Many steps change at the same place, half way between
two loops, so each step is read at a small displacement of its own. Probabilities below a half
vanish where loops disagree, so the logits of a place are shifted until as many steps sound as
in the blended loops. And onsets of many loops mix, so steps that none of the loops most similar
has are made less probable.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from trainer.model.layout import Layout
from trainer.model.network import sigmoid
from trainer.model.rhythm import Matrix, Onsets
from trainer.model.sampling import spread

BAND = 0.62
"""Standard deviation of the blend, in cells."""

STAGGER = 0.49
"""How far aside a step is read at most, along X and Y, in cells."""

LEAST = np.float32(1e-3)
"""The least blended probability, and of a rest."""

SHIFT_MAX = 2.5
"""How far the logits of a place may be shifted to keep the number of onsets."""

FOREIGN = np.float32(0.9)
"""What the logit of a step loses that none of the most similar loops has."""

SIMILAR = 0.5
"""Steps by which a loop differs more than the second most similar one and counts 1 / e of it.

All or nothing would change many steps at the place where another loop becomes the second."""

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
    logits -= FOREIGN * _foreign(logits, onset)
    return sigmoid(GAIN * logits)


def kernel_blend(places: Matrix, onset: Onsets, layout: Layout) -> Probabilities:
    """Give the Gaussian blend (m, 32) without any correction."""
    grid = _Grid(layout)
    return np.stack([grid.mean(places, onset[:, step]) for step in range(STEPS)], 1)


def _foreign(logits: Probabilities, onset: Onsets) -> Probabilities:
    """Give how far each step of places (m, 32) is from any loop similar to them, 0..1."""
    probable, loops = sigmoid(GAIN * logits), onset.astype(np.float32)
    differing = probable.sum(1)[:, None] + loops.sum(1) - 2 * probable @ loops.T
    second = min(1, len(loops) - 1)
    more = differing - np.partition(differing, second, axis=1)[:, second : second + 1]
    similar = np.exp(-np.maximum(more, 0) / np.float32(SIMILAR))
    foreign: Probabilities = np.maximum(1 - similar @ loops, 0)
    return foreign


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
