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
    step in (-0.5, 0.5], 0 where no onset; steps_per_bar: 16 in 4/4.
    """

    onset: NDArray[np.bool_]
    velocity: Values
    offset: Values
    steps_per_bar: int = 16

    @property
    def window_steps(self) -> int:
        """Length of the patterns cut from the grid: two bars, or one if two exceed 32."""
        return 2 * self.steps_per_bar if 2 * self.steps_per_bar <= STEPS else self.steps_per_bar


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
    """Cut a loop into patterns of 32 steps; shorter loops repeat, an odd bar wraps around.

    In 4/4 a pattern is two bars. Where two bars are fewer steps they start again within the
    32; where they are more, a pattern is one bar.
    """
    steps, length = grid.onset.size, min(grid.window_steps, STEPS)
    within = np.arange(STEPS) % length
    indices = [(start + within) % steps for start in range(0, steps, length)]
    return [Grid(grid.onset[at], grid.velocity[at], grid.offset[at]) for at in indices]
