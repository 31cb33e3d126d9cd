"""Each figure on maps whose figure is known."""

import numpy as np
import pytest

from tests.trainer.rhythms import rhythms
from trainer.model.measures import (
    GRID,
    RANKED,
    coverage,
    error_beside_mean,
    explained,
    f1_score,
    held_out_figures,
    map_figures,
    overlap,
    parent_share,
    ranking,
    style_distance,
)
from trainer.model.rhythm import features

LOOPS = rhythms(40)


def figures(drawn: np.ndarray) -> dict[str, float]:
    return map_figures(drawn, LOOPS, np.random.default_rng(0))


def still_map(pattern: np.ndarray) -> np.ndarray:
    return np.tile(pattern, (GRID, GRID, 1))


def stairs() -> np.ndarray:
    """One more onset every two columns: density is X and nothing else."""
    onsets = np.arange(GRID) // 2
    row = np.arange(32)[None] < onsets[:, None]
    return np.tile(row[None], (GRID, 1, 1))


def test_a_map_of_one_pattern_is_still_and_poor() -> None:
    known = figures(still_map(LOOPS[0]))
    assert (known["still"], known["jump"], known["neighbour_distance"]) == (1, 0, 0)
    assert (known["distinct"], known["effective"], known["plausible"]) == (1, 1, 0)
    assert known["plausible_area"] == known["parents"] == 1


def test_a_staircase_is_in_order() -> None:
    known = figures(stairs())
    assert known["r2_density"] == pytest.approx(1, abs=0.01)
    assert known["x_density"] > 0.99
    assert known["dense_share"] == pytest.approx(14 / 64)
    assert known["distinct"] == 32
    assert known["still"] == pytest.approx((1 + 32 / 63) / 2)


def test_noise_jumps() -> None:
    noise = np.random.default_rng(0).random((GRID, GRID, 32)) < 0.5
    known = figures(noise)
    assert known["jump"] > 0.99
    assert known["r2_density"] < 0.01
    assert known["style"] > 0.2


def test_loops_have_their_own_style() -> None:
    described = features(LOOPS)
    assert style_distance(described, described) == 0
    assert style_distance(described + described.std(0), described) == pytest.approx(1)


def test_what_the_loops_all_share_is_no_style() -> None:
    described = features(LOOPS)
    assert style_distance(described, described[:1]) == 0
    one, two = np.hstack([described, described * 0]), np.hstack([described, described * 0 + 7])
    shifted = one + np.append(described.std(0), np.zeros(described.shape[1]))
    assert style_distance(shifted, two) == pytest.approx(1)


def test_coverage_counts_what_is_within_four_steps() -> None:
    wanted = np.zeros((2, 32), bool)
    wanted[0, :4], wanted[1, :5] = True, True
    assert coverage(np.zeros((3, 32), bool), wanted) == 0.5


@pytest.mark.parametrize(
    ("played", "truth", "score"), [([1, 1, 0], [1, 0, 0], 2 / 3), ([0, 0, 0], [0, 0, 0], 1)]
)
def test_f1(played: list[int], truth: list[int], score: float) -> None:
    assert f1_score(np.array(played, bool), np.array(truth, bool)) == pytest.approx(score)


def test_onsets_that_no_near_loop_has_are_foreign() -> None:
    loops = np.zeros((3, 32), bool)
    loops[0, :4], loops[1, 4:8], loops[2, 20:] = True, True, True
    pattern = loops[0] | loops[1]
    assert parent_share(pattern[None], loops) == 1
    pattern[15] = True
    assert parent_share(pattern[None], loops) == pytest.approx(8 / 9)


def test_overlap_is_what_voices_share_at_a_place() -> None:
    first, second = np.zeros((2, 32), bool), np.zeros((2, 32), bool)
    first[:, :4], second[:, 2:6] = True, True
    assert overlap(first, second) == pytest.approx(1 / 3)
    silent, single = np.zeros((1, 32), bool), np.eye(32, dtype=bool)[:1]
    assert (overlap(silent, silent), overlap(single, single)) == (0, 1)


def test_a_plane_explains_a_plane() -> None:
    places = np.random.default_rng(0).random((200, 2))
    assert explained(places, places @ [2.0, -3.0]) == pytest.approx(1)
    assert explained(places, np.ones(200)) == 0


def test_errors_stand_beside_those_of_the_mean() -> None:
    onset = np.ones((40, 32), bool)
    values = np.tile(np.repeat([0.2, 0.8], 20)[:, None], 32)
    own, mean = error_beside_mean(values, onset, values, (onset, values))
    assert own == 0
    assert mean == pytest.approx(0.3, abs=0.01)


def test_what_is_held_back_is_measured_beside_the_loops() -> None:
    unseen = rhythms(40, seed=9)
    grid = np.resize(np.arange(40), GRID * GRID)
    drawn = unseen[grid].reshape(GRID, GRID, 32)
    known = held_out_figures(drawn, LOOPS, unseen, np.random.default_rng(0))
    assert known["held_coverage"] == 1 > known["held_coverage_loops"]
    assert known["c2st"] < known["c2st_floor"]


@pytest.mark.parametrize("name", sorted(RANKED))
def test_every_ranked_figure_counts(name: str) -> None:
    plain = dict.fromkeys(RANKED, 0.5)
    better = {**plain, name: 0.5 + 0.1 * RANKED[name]}
    assert ranking([plain, better, plain]) == [1, 0, 2]
