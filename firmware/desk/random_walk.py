"""A random walk over a bundle's maps, for the simulator in virtual time."""

from collections.abc import Callable, Sequence
from itertools import islice
from math import dist
from random import Random

from firmware.bundle.manifest import VoiceModel

MapPoint = tuple[float, float]

CANDIDATES = 12
"""Of this many random training points, the one about a stride away is next."""

STRIDE = 0.35
"""How far a move goes, as a share of a knob's travel: to another rhythm, not another piece."""

ONSETS_MAX = 18
"""Onsets of 32 steps beyond which a position is passed by. Two fewer than 20, so that no more
are played where a knob is read a little off the position."""


def random_walk(
    voice: VoiceModel, stops: int, seed: int, onsets_at: Callable[[MapPoint], int]
) -> tuple[MapPoint, ...]:
    """Return `stops` positions on a map, each a training point about a stride from the last.

    `onsets_at` counts what would be played at a position, of 32 steps. Silent and crowded
    positions are passed by where there are others.
    """
    random = Random(f"{seed} {voice.name}")  # noqa: S311 - a walk, not a secret
    points = [point for point in voice.training_points if _on_map(point)] or [(0.5, 0.5)]
    positions: list[MapPoint] = []
    while len(positions) < stops:
        candidates = _candidates(points, random, onsets_at)
        positions.append(_next(positions, candidates))
    return tuple(positions)


def _candidates(
    points: Sequence[MapPoint], random: Random, onsets_at: Callable[[MapPoint], int]
) -> list[MapPoint]:
    """Draw positions that are neither silent nor crowded; any where there are none."""
    drawn = random.sample(points, len(points))
    fitting = (point for point in drawn if 0 < onsets_at(point) <= ONSETS_MAX)
    return list(islice(fitting, CANDIDATES)) or drawn[:CANDIDATES]


def _next(before: Sequence[MapPoint], candidates: Sequence[MapPoint]) -> MapPoint:
    if not before:
        return candidates[0]
    return min(candidates, key=lambda point: abs(dist(point, before[-1]) - STRIDE))


def _on_map(point: MapPoint) -> bool:
    return all(0.0 <= value <= 1.0 for value in point)
