"""Generators without a model."""

import numpy as np

from tests.trainer.rhythms import rhythms
from trainer.model.baselines import (
    baselines,
    euclidean_patterns,
    flipped_loop,
    markov_patterns,
    random_patterns,
    self_organised,
)
from trainer.model.layout import lay_out
from trainer.model.rhythm import hamming

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
    loops = np.unique(ONSET, axis=0)
    layout = lay_out(loops)
    first, second = (baselines(loops, layout, np.random.default_rng(4)) for _ in range(2))
    assert first == second
    assert set(first) == {"blend", "nearest loop", "random", "euclidean", "markov"}
    assert first["nearest loop"]["distinct"] == len(loops)
    assert first["markov"]["density_overlap"] > first["euclidean"]["density_overlap"]


def test_a_loop_with_flips_stays_near_it() -> None:
    changed = (flipped_loop(ONSET, np.random.default_rng(0)) != ONSET[0]).sum(1)
    assert set(changed.tolist()) == {1, 2, 3, 4}


def test_a_self_organising_map_plays_its_loops() -> None:
    drawn = self_organised(ONSET, np.random.default_rng(0))
    found = hamming(ONSET, np.unique(drawn, axis=0)).min(1)
    assert (found <= 4).mean() > 0.8
