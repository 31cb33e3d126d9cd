"""Loops that stand for the others."""

import numpy as np
import pytest

from tests.trainer.rhythms import rhythms
from trainer.model.prototypes import nearest_of, prototypes
from trainer.model.rhythm import hamming

LOOPS = np.unique(rhythms(300), axis=0)


def greedy(onset: np.ndarray, most: int) -> list[int]:
    """Choose by computing every gain anew."""
    nearest, chosen = np.full(len(onset), 33), []
    distance = hamming(onset, onset)
    for _ in range(most):
        gains = np.maximum(nearest[:, None] - distance, 0).sum(0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        nearest = np.minimum(nearest, distance[:, chosen[-1]])
    return sorted(chosen)


@pytest.mark.parametrize("most", [1, 5, 40])
def test_they_are_those_of_the_plain_greedy_algorithm(most: int) -> None:
    assert prototypes(LOOPS, most).tolist() == greedy(LOOPS, most)


def test_few_loops_stand_for_themselves() -> None:
    assert prototypes(LOOPS[:9], 9).tolist() == list(range(9))


def test_each_loop_goes_to_the_nearest() -> None:
    chosen = LOOPS[prototypes(LOOPS, 30)]
    nearest = hamming(LOOPS, chosen)
    at = nearest_of(LOOPS, chosen)
    assert (nearest[np.arange(len(LOOPS)), at] == nearest.min(1)).all()
