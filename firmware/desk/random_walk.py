"""A random walk over a bundle's maps, for the simulator in virtual time."""

from collections.abc import Sequence
from math import hypot
from random import Random

from firmware.bundle.manifest import VoiceModel

MapPosition = tuple[float, float]

CANDIDATES = 12
"""Of this many random training points, the farthest from the last position is next."""


def random_walk(voice: VoiceModel, stops: int, seed: int) -> tuple[MapPosition, ...]:
    """Return `stops` positions on a map, each a training point far from the one before."""
    random = Random(f"{seed} {voice.name}")  # noqa: S311 - a walk, not a secret
    points = [point for point in voice.training_points if _on_map(point)]
    positions: list[MapPosition] = [random.choice(points) if points else (0.5, 0.5)]
    while len(positions) < stops:
        positions.append(_far_from(positions[-1], points, random))
    return tuple(positions[:stops])


def _far_from(
    position: MapPosition, points: Sequence[MapPosition], random: Random
) -> MapPosition:
    candidates = random.sample(points, min(CANDIDATES, len(points)))
    return max(
        candidates or [(random.random(), random.random())],
        key=lambda point: hypot(point[0] - position[0], point[1] - position[1]),
    )


def _on_map(point: MapPosition) -> bool:
    return all(0.0 <= value <= 1.0 for value in point)
