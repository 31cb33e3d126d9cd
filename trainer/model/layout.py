"""Where each loop lies on the map: X by density, Y by syncopation, alike beside alike.

The map is a square of ceil(sqrt(n)) cells, one loop per cell. A linear assignment places every
loop as near as possible to its rank in density and syncopation; then near loops swap cells as
long as that lowers an energy: the Hamming distances of neighbours, and how far loops lie from
their wanted places. Nothing in it is random: the same loops lie in the same places after every
training, and nearly so when others are added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from firmware.engine.pattern import STEPS
from trainer.model.rhythm import Matrix, Onsets, density, hamming, ranks, syncopation

AXES = ("density", "syncopation")
"""What grows along X and along Y."""

NEIGHBOURS = 60
"""Nearest cells with which a loop may swap."""

ROUNDS = 30
PULL, PULL_MAX, PULL_LOOPS = 0.3, 2.0, 60
"""Weight of the wanted places: PULL, and more below 200 loops (PULL_LOOPS / n)."""

FAR, FAR_WEIGHT = 0.2, 3.0
"""The cost of a distance rises with its fourth power too, to FAR_WEIGHT at FAR: loops may leave
their wanted places for their neighbours, but not by far, or added loops would move them."""

AXIS_WEIGHT = np.array([1.0, 0.4])
"""Weight of X and Y in the distance to the wanted place."""

STAY = 0.5
"""Weight of the squared distance, in cells, to where a loop lay before."""

APART = 5.0
"""Weight of a loop's overlap with the loops that other voices have in the same cell."""

LEAST = 1e-9
"""A lower energy by less than this is a rounding error."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Places (n, 2) of loops on the unit square, X then Y, and the width of a cell."""

    places: Matrix
    cell: float


def lay_out(
    onset: Onsets, *, others: Sequence[Layout] = (), earlier: Matrix | None = None
) -> Layout:
    """Place distinct loops (n, 32), n at least 1, on the unit square.

    `others` are layouts of the same loops in other voices: in a cell where one of them has a
    loop, this voice prefers one that shares few onsets with it. `earlier` (n, 2) are places on
    an earlier map, NaN for a loop that was not on it: known loops start there and stay near.
    """
    cells, cell = cells_of(len(onset))
    wanted = wanted_places(onset)
    known = np.full_like(wanted, np.nan) if earlier is None else earlier
    unknown = np.isnan(known)
    places = _assigned(np.where(unknown, wanted, known), cells)
    pull = np.clip(PULL_LOOPS / len(onset), PULL, PULL_MAX)
    cost = pull * _squares(places, wanted, AXIS_WEIGHT)
    cost += STAY * _squares(places, np.where(unknown, 0, known), ~unknown)
    cost /= cell**2
    cost += FAR_WEIGHT * (_squares(places, wanted, np.ones(2)) / FAR**2) ** 2
    for other in others:
        cost += APART * _overlap(onset, places, other)
    squares = _squares(places, places, np.ones(2)) / cell**2
    order = _descend(hamming(onset, onset).astype(float), squares, cost)
    settled = np.empty_like(places)
    settled[order] = places
    return Layout(settled, cell)


def cells_of(count: int) -> tuple[Matrix, float]:
    """Give the centres (k * k, 2) of the smallest square of `count` cells, and its pitch."""
    side = math.ceil(math.sqrt(count))
    along = (np.arange(side) + 0.5) / side
    return np.stack(np.meshgrid(along, along), -1).reshape(-1, 2), 1 / side


def wanted_places(onset: Onsets) -> Matrix:
    """Give each loop's rank in density and in syncopation, 0..1: (n, 2).

    Ties in syncopation are broken by density, and those that remain by the steps themselves,
    so that no order of the loops changes the result.
    """
    tie = onset @ 0.5 ** np.arange(1, STEPS + 1) * 1e-3
    count = density(onset)
    ranked = ranks(count + tie), ranks(syncopation(onset) + count * 1e-2 / STEPS + tie)
    wanted: Matrix = (np.stack(ranked, 1) - 0.5) / len(onset)
    return wanted


def _assigned(wanted: Matrix, cells: Matrix) -> Matrix:
    """Give each loop a cell of its own, the sum of the squared distances the least."""
    loops, slots = linear_sum_assignment(_squares(cells, wanted, AXIS_WEIGHT).T)
    places = np.empty_like(wanted)
    places[loops] = cells[slots]
    return places


def _squares(places: Matrix, wanted: Matrix, weight: NDArray[Any]) -> Matrix:
    """Give the weighted squared distance from each place (m, 2) to each wanted one (n, 2)."""
    squares: Matrix = (((places[:, None] - wanted[None]) ** 2) * weight).sum(-1)
    return squares


def _overlap(onset: Onsets, places: Matrix, other: Layout) -> Matrix:
    """Give the Jaccard index of each loop with another voice's loop at each place: (m, n)."""
    near = _squares(places, other.places, np.ones(2))
    loop = near.argmin(1)
    there = near[np.arange(len(places)), loop] < (other.cell / 2) ** 2
    steps = onset.astype(float)
    common, count = steps @ steps.T, steps.sum(1)
    either = count[:, None] + count[None] - common
    return np.where(there[:, None], (common / np.maximum(either, 1))[loop], 0)


def _descend(distance: Matrix, squares: Matrix, cost: Matrix) -> NDArray[np.intp]:
    """Swap loops between near places while the energy falls; give the loop at each place.

    `distance` (n, n) in steps between loops, `squares` (n, n) in squared cells between places,
    `cost` (place, loop). Loop i starts at place i.
    """
    order = np.arange(len(distance))
    apart = distance.copy()  # between the loops at two places
    close = np.exp(-squares / 2)
    np.fill_diagonal(close, 0)
    near = np.argsort(squares.round(6), axis=1, kind="stable")[:, 1 : 1 + NEIGHBOURS]
    for _ in range(ROUNDS if near.size else 0):
        swaps = 0
        for place, around in enumerate(near):
            change = _change(apart, close, place, around)
            loop, loops = order[place], order[around]
            change += cost[around, loop] + cost[place, loops]
            change -= cost[place, loop] + cost[around, loops]
            best = around[change.argmin()]
            if change.min() < -LEAST:
                pair, swapped = [place, best], [best, place]
                order[pair] = order[swapped]
                apart[pair] = apart[swapped]
                apart[:, pair] = apart[:, swapped]
                swaps += 1
        if not swaps:
            break
    return order


def _change(apart: Matrix, close: Matrix, place: int, around: NDArray[np.intp]) -> Matrix:
    """Give how swapping a place's loop with each one around changes the neighbours' energy."""
    terms = (close[around] - close[place]) * (apart[place] - apart[around])
    terms[:, place] = 0
    terms[np.arange(len(around)), around] = 0
    change: Matrix = terms.sum(1)
    return change
