"""How much each head of a pattern counts."""

import numpy as np
import pytest

from firmware.engine.pattern import STEPS
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.model.models import HEADS, Array
from trainer.model.targets import targets_of

QUARTER = 0.25
"""What the velocity and the micro-timing of a pattern count beside its onsets, each."""


def weights_of(onset: np.ndarray) -> Array:
    """Give the sum of weights, (patterns, heads)."""
    weights = targets_of(dataset_of(onset), HEADS).weights
    return weights.reshape(len(onset), len(HEADS), STEPS).sum(-1)


def every(step: int) -> np.ndarray:
    onset = np.zeros((6, STEPS), bool)
    onset[:, ::step] = True
    return onset


@pytest.mark.parametrize(
    "onset",
    [rhythms(56), rhythms(1), every(1), every(4), every(STEPS)],
    ids=["rhythms", "one", "full", "beats", "one onset"],
)
def test_feel_counts_a_quarter_of_the_onsets_in_the_mean_pattern(onset: np.ndarray) -> None:
    assert weights_of(onset).mean(0) == pytest.approx([1, QUARTER, QUARTER], rel=1e-4)


def test_each_onset_feels_as_much_as_any_other() -> None:
    onset = np.concatenate([every(4), every(8)])
    dense, sparse = weights_of(onset).reshape(2, 6, 3)[:, 0]
    assert dense[0] == pytest.approx(sparse[0])
    assert dense[1:] == pytest.approx(2 * sparse[1:])
    weights = targets_of(dataset_of(onset), HEADS).weights[:, STEPS:]
    assert len(set(weights[weights > 0].tolist())) == 1


def test_feel_that_nothing_sounds_with_counts_nothing() -> None:
    silent = np.zeros((4, STEPS), bool)
    assert weights_of(silent).tolist() == [[1, 0, 0]] * 4
