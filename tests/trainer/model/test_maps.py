"""The measures of a map."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.model.maps import (
    bit_count,
    codes_of,
    density_overlap,
    effective,
    f1_score,
    map_metrics,
    nearest_distance,
    neighbour_distance,
    ranking,
)

ONSETS = arrays(bool, st.tuples(st.integers(1, 12), st.just(32)))


@given(first=ONSETS, second=ONSETS)
def test_codes_carry_the_hamming_distance(first: np.ndarray, second: np.ndarray) -> None:
    expected = (first[:, None] != second[None]).sum(-1)
    assert np.array_equal(
        bit_count(codes_of(first)[:, None] ^ codes_of(second)[None]), expected
    )
    assert np.array_equal(nearest_distance(codes_of(first), codes_of(second)), expected.min(1))


def test_effective_counts_equal_patterns_and_discounts_rare_ones() -> None:
    assert effective(np.arange(16, dtype=np.uint32)) == pytest.approx(16)
    assert effective(np.zeros(16, np.uint32)) == pytest.approx(1)
    assert 1 < effective(np.array([0] * 99 + [1], np.uint32)) < 1.1


def test_density_overlap_of_likes_is_one_and_of_strangers_none() -> None:
    sparse, dense = np.array([1, 2, 4], np.uint32), np.array([0xFFFFFFFF], np.uint32)
    assert density_overlap(sparse, np.array([8, 16], np.uint32)) == pytest.approx(1)
    assert density_overlap(sparse, dense) == 0


def test_neighbour_distance_is_the_mean_step_to_the_next_cell() -> None:
    assert neighbour_distance(np.array([[0, 1], [0, 1]], np.uint32)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("played", "truth", "score"),
    [([1, 1, 0, 0], [1, 0, 0, 0], 2 / 3), ([0] * 4, [0] * 4, 1), ([0] * 4, [1] * 4, 0)],
)
def test_f1(played: list[int], truth: list[int], score: float) -> None:
    assert f1_score(np.array(played, bool), np.array(truth, bool)) == pytest.approx(score)


def test_plausible_is_new_and_yet_near() -> None:
    training = np.array([0b1111], np.uint32)
    cells = np.array([[0b1111, 0b11111], [0b111111111, 0b11111]], np.uint32)
    metrics = map_metrics(cells, training)
    assert metrics["plausible"] == 1
    assert metrics["plausible_area"] == 0.75
    assert metrics["distinct"] == 3


def candidate(**changes: float) -> dict[str, float]:
    whole = {"f1": 0.8, "plausible": 500, "effective": 300, "density_overlap": 0.6}
    return {**whole, "dead_latents": 0, **changes}


@pytest.mark.parametrize(
    ("candidates", "order"),
    [
        ([candidate(), candidate(plausible=600)], [1, 0]),
        ([candidate(f1=0.99, plausible=900, dead_latents=1), candidate()], [1, 0]),
        ([candidate(plausible=900, **{"flips_0.5": 0.7}), candidate()], [1, 0]),
        ([candidate(), candidate()], [0, 1]),
        ([candidate(f1=0.7, plausible=400, effective=999), candidate()], [1, 0]),
    ],
)
def test_ranking(candidates: list[dict[str, float]], order: list[int]) -> None:
    assert ranking(candidates) == order
