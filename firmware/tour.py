"""A walk over a bundle's maps, for a simulator whose knobs nobody turns."""

from collections.abc import Sequence
from math import hypot
from random import Random

from firmware.manifest import VoiceModel

Place = tuple[float, float]

CANDIDATES = 12
"""Of so many training points the farthest from the last place is gone to."""


def tour(voice: VoiceModel, stops: int, seed: int) -> tuple[Place, ...]:
    """Give `stops` places on a voice's map, each a training point far from the one before."""
    random = Random(f"{seed} {voice.name}")  # noqa: S311 - a walk, not a secret
    points = [point for point in voice.training_points if _on_map(point)]
    places: list[Place] = [random.choice(points) if points else (0.5, 0.5)]
    while len(places) < stops:
        places.append(_far_from(places[-1], points, random))
    return tuple(places[:stops])


def _far_from(place: Place, points: Sequence[Place], random: Random) -> Place:
    candidates = random.sample(points, min(CANDIDATES, len(points)))
    return max(
        candidates or [(random.random(), random.random())],
        key=lambda point: hypot(point[0] - place[0], point[1] - place[1]),
    )


def _on_map(point: Place) -> bool:
    return all(0.0 <= value <= 1.0 for value in point)
