"""A classifier that is fooled by what is alike, and by nothing else."""

import numpy as np
import pytest

from tests.trainer.rhythms import rhythms
from trainer.model.two_sample import area_under_curve, distinguishability

LOOPS = rhythms(400, seed=2)


def area(first: np.ndarray, second: np.ndarray, seed: int = 0) -> float:
    return distinguishability(first, second, np.random.default_rng(seed))


def test_halves_of_a_set_are_not_distinguished() -> None:
    themes = np.random.default_rng(0).random((400, 32)) < 0.4
    assert area(themes[:200], themes[200:]) == pytest.approx(0.5, abs=0.08)


def test_random_patterns_are_distinguished_from_loops() -> None:
    random = np.random.default_rng(1).random((400, 32)) < LOOPS.mean()
    assert area(LOOPS, random) > 0.9


def test_one_step_is_enough() -> None:
    random = np.random.default_rng(1).random((400, 32)) < 0.5
    marked = random[200:].copy()
    marked[:, 7] = True
    assert area(random[:200], marked) > 0.7


def test_too_few_cannot_be_distinguished() -> None:
    assert area(LOOPS[:9], LOOPS[20:40]) == 0.5


def test_the_same_stream_gives_the_same_area() -> None:
    assert area(LOOPS[:100], LOOPS[100:200], 5) == area(LOOPS[:100], LOOPS[100:200], 5)


@pytest.mark.parametrize(
    ("score", "expected"),
    [([3, 2, 1, 0], 1.0), ([0, 1, 2, 3], 0.0), ([1, 1, 1, 1], 0.5), ([3, 1, 2, 0], 0.75)],
)
def test_area_under_the_curve(score: list[float], expected: float) -> None:
    labels = np.array([1, 1, 0, 0])
    assert area_under_curve(np.array(score, float), labels) == expected
