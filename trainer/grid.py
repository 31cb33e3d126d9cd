"""Onsets to sixteenths: one hit per step, with velocity and micro-timing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.pattern import STEPS
from trainer.onsets import Onsets, Times

STEPS_PER_BAR = 16


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A loop of n sixteenths.

    onset: bool (n,); velocity: (n,) 0..1, 0 where no onset; offset: (n,) fraction of a
    step in (-0.5, 0.5], 0 where no onset.
    """

    onset: NDArray[np.bool_]
    velocity: Times
    offset: Times


def to_grid(onsets: Onsets, steps: int, step_s: float) -> Grid:
    """Move each onset to its nearest step; the strongest of several in a step wins.

    An onset just before the loop's end belongs to step 0, early.
    """
    place = onsets.times_s / step_s
    nearest = np.ceil(place - 0.5)
    grid = Grid(np.zeros(steps, bool), np.zeros(steps), np.zeros(steps))
    for hit in np.argsort(onsets.strength, kind="stable"):
        step = int(nearest[hit]) % steps
        grid.onset[step] = True
        grid.velocity[step] = onsets.level[hit]
        grid.offset[step] = place[hit] - nearest[hit]
    loudest = grid.velocity.max(initial=0.0)
    return Grid(grid.onset, grid.velocity / (loudest or 1.0), grid.offset)


def windows(grid: Grid) -> list[Grid]:
    """Cut a loop into patterns of two bars; shorter ones repeat, an odd bar wraps around."""
    steps = grid.onset.size
    starts = range(0, steps, STEPS)
    places = [np.arange(start, start + STEPS) % steps for start in starts]
    return [Grid(grid.onset[at], grid.velocity[at], grid.offset[at]) for at in places]
