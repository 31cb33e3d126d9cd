"""Onsets to sixteenths: one hit per step, with velocity and micro-timing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A loop of n sixteenths.

    onset: bool (n,); velocity: (n,) 0..1, 0 where no onset; offset: (n,) fraction of a
    step in (-0.5, 0.5], 0 where no onset.
    """

    onset: NDArray[np.bool_]
    velocity: Values
    offset: Values


def to_grid(position: Values, velocity: Values, steps: int) -> Grid:
    """Move each note, at `position` in steps, to its nearest step; the loudest there wins.

    A note just before the loop's end belongs to step 0, early.
    """
    nearest = np.ceil(position - 0.5)
    grid = Grid(np.zeros(steps, bool), np.zeros(steps), np.zeros(steps))
    for hit in np.argsort(velocity, kind="stable"):
        step = int(nearest[hit]) % steps
        grid.onset[step] = True
        grid.velocity[step] = velocity[hit]
        grid.offset[step] = position[hit] - nearest[hit]
    return grid


def joined(parts: Sequence[Grid]) -> Grid:
    """Join the sections of a loop, and scale its velocities to a maximum of 1."""
    velocity = np.concatenate([part.velocity for part in parts])
    return Grid(
        np.concatenate([part.onset for part in parts]),
        velocity / (velocity.max(initial=0.0) or 1.0),
        np.concatenate([part.offset for part in parts]),
    )


def windows(grid: Grid) -> list[Grid]:
    """Cut a loop into patterns of two bars; shorter ones repeat, an odd bar wraps around."""
    steps = grid.onset.size
    starts = range(0, steps, STEPS)
    indices = [np.arange(start, start + STEPS) % steps for start in starts]
    return [Grid(grid.onset[at], grid.velocity[at], grid.offset[at]) for at in indices]
