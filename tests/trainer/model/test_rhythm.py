"""Descriptors against rhythms whose figures are known by hand."""

import numpy as np
import pytest

from firmware.engine.pattern import STEPS
from tests.trainer.rhythms import rhythms
from trainer.model.rhythm import (
    complexity,
    density,
    features,
    hamming,
    ranks,
    syncopation,
)


def pattern(text: str) -> np.ndarray:
    return np.array([[step == "x" for step in text * (STEPS // len(text))]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x---", 0),  # on the beat
        ("-" * 32, 0),
        ("x" * 32, 0),  # no rest to lean on
        ("--x-" * 8, 14),  # before the beats: 2 x (3 - 0 + 3 - 2 + 3 - 1 + 3 - 2)
        ("-" * 15 + "x" + "-" * 16, 4),  # before the second bar's first beat
    ],
)
def test_syncopation(text: str, expected: int) -> None:
    assert syncopation(pattern(text)).tolist() == [expected]


def test_distances_count_the_steps_that_differ() -> None:
    one, other = rhythms(7), rhythms(5, seed=3)
    expected = (one[:, None] != other[None]).sum(-1)
    assert np.array_equal(hamming(one, other), expected)


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert ranks(np.array([5.0, 1.0, 5.0, 0.0, 5.0, 7.0])).tolist() == [4, 2, 4, 1, 4, 6]


@pytest.mark.parametrize(
    ("text", "phrases"), [("-" * 32, 2), ("x-" * 16, 3), ("x" + "-" * 31, 3)]
)
def test_complexity_counts_new_phrases(text: str, phrases: int) -> None:
    assert complexity(pattern(text)[0]) == phrases


def test_features_describe_each_row_alone() -> None:
    loops = rhythms(12)
    assert np.array_equal(features(loops)[3], features(loops[3:4])[0])
    assert np.array_equal(features(loops)[:, 0], density(loops))
    bars = features(pattern("x---" * 4 + "x-------" * 2))[0]
    assert bars[3] == 2  # two steps differ between the bars
    assert bars[5] == 16  # all onsets on eighths
    assert bars[6] == 0  # none adjacent
