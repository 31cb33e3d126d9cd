"""Generators without a model."""

import numpy as np

from tests.trainer.rhythms import rhythms
from trainer.model.baselines import (
    baselines,
    euclidean_patterns,
    markov_patterns,
    random_patterns,
)

ONSET = rhythms(80)


def test_random_has_the_density_of_the_loops() -> None:
    drawn = random_patterns(ONSET, np.random.default_rng(0))
    assert drawn.shape == (4096, 32)
    assert abs(drawn.mean() - ONSET.mean()) < 0.01


def test_euclidean_rhythms_are_as_even_as_can_be() -> None:
    patterns = euclidean_patterns()
    assert {int(count) for count in patterns.sum(1)} == set(range(33))
    for pattern in patterns[::97]:
        steps = np.flatnonzero(pattern)
        if len(steps) > 1:
            gaps = np.diff(np.append(steps, steps[0] + 32))
            assert gaps.max() - gaps.min() <= 1


def test_the_chain_follows_the_loops_from_step_to_step() -> None:
    drawn = markov_patterns(ONSET, np.random.default_rng(0))
    assert np.abs(drawn.mean(0) - ONSET.mean(0)).max() < 0.05
    together = (drawn[:, 3] & drawn[:, 4]).mean()
    assert abs(together - (ONSET[:, 3] & ONSET[:, 4]).mean()) < 0.05


def test_a_loop_that_never_varies_is_followed_exactly_almost_always() -> None:
    one = np.tile(ONSET[0], (50, 1))
    drawn = markov_patterns(one, np.random.default_rng(0))
    assert (drawn == ONSET[0]).mean() > 0.95


def test_baselines_are_measured_as_maps_and_repeatable() -> None:
    first, second = (baselines(ONSET, np.random.default_rng(4)) for _ in range(2))
    assert first == second
    assert set(first) == {"random", "euclidean", "markov"}
    assert first["markov"]["density_overlap"] > first["euclidean"]["density_overlap"]
