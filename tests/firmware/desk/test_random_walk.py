"""The simulator's walk: neither silent nor crowded, and from rhythm to related rhythm."""

from itertools import pairwise
from math import dist

import pytest

from firmware.desk.random_walk import ONSETS_MAX, STRIDE, MapPoint, random_walk
from firmware.engine.pattern import STEPS
from tests.firmware.bundles import voice_of

SIDE = 9
GRID = tuple((x / (SIDE - 1), y / (SIDE - 1)) for x in range(SIDE) for y in range(SIDE))
VOICE = voice_of(training_points=GRID)


def rising(position: MapPoint) -> int:
    """Play more the further right, from none to all."""
    return round(position[0] * STEPS)


@pytest.mark.parametrize("seed", range(5))
def test_silent_and_crowded_positions_are_passed_by(seed: int) -> None:
    walk = random_walk(VOICE, 60, seed, rising)
    assert len(walk) == 60
    assert set(walk) <= set(GRID)
    played = [rising(position) for position in walk]
    assert min(played) > 0
    assert ONSETS_MAX - 4 <= max(played) <= ONSETS_MAX


@pytest.mark.parametrize("onsets", [0, STEPS])
def test_a_map_without_a_fitting_position_is_walked_all_the_same(onsets: int) -> None:
    walk = random_walk(VOICE, 10, 0, lambda _: onsets)
    assert len(set(walk)) > 5


def test_moves_are_about_a_stride() -> None:
    walk = random_walk(VOICE, 60, 0, lambda _: 8)
    moves = [dist(*move) for move in pairwise(walk)]
    assert sum(0.7 * STRIDE < move < 1.3 * STRIDE for move in moves) > 0.9 * len(moves)


def test_the_seed_decides() -> None:
    first, same, other = (random_walk(VOICE, 8, seed, rising) for seed in (1, 1, 2))
    assert first == same != other


def test_a_map_without_loops_is_played_in_its_middle() -> None:
    voice = voice_of(training_points=((1.4, 0.5),))
    assert random_walk(voice, 2, 0, rising) == ((0.5, 0.5),) * 2
