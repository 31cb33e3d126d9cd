"""Adam (Kingma & Ba 2015) on one vector of weights, with warm-up and a cosine decay."""

from __future__ import annotations

import math

import numpy as np

from trainer.model.network import Array

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
WARM_UP = 0.03
"""Share of a training over which the learning rate rises from 0."""


class Adam:
    """The moments of a vector of weights."""

    def __init__(self, size: int) -> None:
        self._first = np.zeros(size, np.float32)
        self._second = np.zeros(size, np.float32)
        self._steps = 0

    def step(self, weights: Array, slopes: Array, learning_rate: float) -> None:
        """Move the weights, in place, against their gradient."""
        self._steps += 1
        self._first += np.float32(1 - BETA_1) * (slopes - self._first)
        self._second += np.float32(1 - BETA_2) * (slopes * slopes - self._second)
        correction = math.sqrt(1 - BETA_2**self._steps)
        rate = np.float32(learning_rate * correction / (1 - BETA_1**self._steps))
        root = np.sqrt(self._second)
        root += np.float32(EPSILON * correction)
        weights -= rate * (self._first / root)


def learning_rate(peak: float, share: float) -> float:
    """Give the rate at a share (0..1) of a training: a linear rise, then half a cosine to 0."""
    if share <= WARM_UP:
        return peak * share / WARM_UP
    return peak * 0.5 * (1 + math.cos(math.pi * share))
