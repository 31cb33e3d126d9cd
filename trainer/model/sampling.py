"""Points that fill the unit cube evenly, without chance."""

from __future__ import annotations

from itertools import product

import numpy as np

from trainer.model.rhythm import Matrix

ITERATIONS = 50


def spread(count: int, dimensions: int, shift: float | Matrix = 0.5) -> Matrix:
    """Give an additive recurrence on powers of the generalised golden ratio: (count, d).

    (Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018.) `shift` moves
    all points, 0..1 along each dimension; what leaves the cube comes in again opposite.
    """
    ratio = 2.0
    for _ in range(ITERATIONS):
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    powers = ratio ** -np.arange(1, dimensions + 1)
    points: Matrix = (shift + np.arange(1, count + 1)[:, None] * powers) % 1
    return points


def with_corners(count: int, dimensions: int) -> Matrix:
    """Give the corners of the unit cube, then points inside: (count, d), count >= 2 ** d."""
    corners = np.array(list(product((0.0, 1.0), repeat=dimensions)))
    return np.concatenate([corners, spread(count - len(corners), dimensions)])


def square_grid(size: int, dimensions: int = 2) -> Matrix:
    """Give the knob positions of a map, row by row from low Y; others are 0.5.

    Shape (size * size, d); X varies fastest.
    """
    along = np.linspace(0, 1, size)
    positions = np.full((size * size, dimensions), 0.5)
    positions[:, 0] = np.tile(along, size)
    positions[:, 1] = np.repeat(along, size)
    return positions
