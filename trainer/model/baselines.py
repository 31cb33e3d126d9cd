"""Generators without a model, measured as the maps are: what a map must beat to be worth it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from trainer.model.maps import GRID, codes_of, map_metrics

Onsets = NDArray[np.bool_]


def baselines(onset: Onsets, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Measure each generator on as many patterns as a map has cells, by name.

    `onset` are the training patterns (n, 32).
    """
    drawn = {
        "random": random_patterns(onset, rng),
        "euclidean": euclidean_patterns(),
        "markov": markov_patterns(onset, rng),
    }
    training = codes_of(onset)
    return {
        name: map_metrics(codes_of(patterns).reshape(GRID, GRID), training)
        for name, patterns in drawn.items()
    }


def random_patterns(onset: Onsets, rng: np.random.Generator) -> Onsets:
    """Draw every step alone, as often as the loops have one."""
    patterns: Onsets = rng.random((GRID * GRID, STEPS)) < onset.mean()
    return patterns


def euclidean_patterns() -> Onsets:
    """Spread 0 to 32 onsets evenly, along X, and rotate them, along Y (Toussaint 2005)."""
    share = np.arange(GRID) / (GRID - 1)
    onsets = np.round(share * STEPS).astype(int)[None, :, None]
    rotation = np.floor(share * (STEPS - 1)).astype(int)[:, None, None]
    step = (np.arange(STEPS) - rotation) % STEPS
    patterns: Onsets = (step * onsets) % STEPS < onsets
    return patterns.reshape(-1, STEPS)


def markov_patterns(onset: Onsets, rng: np.random.Generator) -> Onsets:
    """Draw each step by how often the loops have it after the step before, on or off.

    The chain knows its place in the bar: each step has odds of its own.
    """
    patterns = np.zeros((GRID * GRID, STEPS), bool)
    patterns[:, 0] = rng.random(len(patterns)) < onset[:, 0].mean()
    for step in range(1, STEPS):
        before = onset[:, step - 1]
        odds = [_odds(onset[:, step], before == state) for state in (False, True)]
        chance = np.where(patterns[:, step - 1], odds[1], odds[0])
        patterns[:, step] = rng.random(len(patterns)) < chance
    return patterns


def _odds(step: Onsets, given: Onsets) -> float:
    """Give the share of onsets among the given rows; one imagined row of each kind beside."""
    return float((step[given].sum() + 0.5) / (given.sum() + 1))
