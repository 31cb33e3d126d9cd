"""Loops lie where their density and syncopation put them, whatever else is drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.pattern import STEPS
from tests.trainer.rhythms import rhythms
from trainer.model import layout
from trainer.model.layout import cells_of, lay_out, wanted_places
from trainer.model.rhythm import density, hamming, syncopation

LOOPS = np.unique(rhythms(90), axis=0)


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first, second)[0, 1])


@pytest.mark.parametrize("count", [1, 2, 5, 20, 60])
def test_every_loop_has_a_cell_of_its_own(count: int) -> None:
    laid_out = lay_out(LOOPS[:count])
    cells, pitch = cells_of(count)
    assert laid_out.cell == pitch
    known = {tuple(cell) for cell in cells.round(6)}
    places = {tuple(place) for place in laid_out.places.round(6)}
    assert len(places) == count
    assert places <= known


def test_x_rises_with_density_and_y_with_syncopation() -> None:
    x, y = lay_out(LOOPS).places.T
    assert correlation(x, density(LOOPS)) > 0.8
    assert correlation(y, syncopation(LOOPS)) > 0.6


@given(st.permutations(range(20)))
def test_the_order_of_the_loops_changes_no_place(order: list[int]) -> None:
    loops = LOOPS[:20]
    assert np.allclose(wanted_places(loops)[order], wanted_places(loops[order]))


def test_neighbours_are_more_alike_than_by_rank_alone() -> None:
    def alike(places: np.ndarray) -> float:
        squares = ((places[:, None] - places[None]) ** 2).sum(-1)
        np.fill_diagonal(squares, 9)
        nearest = np.argsort(squares, 1, kind="stable")[:, :4]
        return float(np.take_along_axis(hamming(LOOPS, LOOPS), nearest, 1).mean())

    assert alike(lay_out(LOOPS).places) < 0.93 * alike(wanted_places(LOOPS))


def test_loops_are_swapped_until_no_swap_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    places = lay_out(LOOPS).places
    monkeypatch.setattr(layout, "ROUNDS", 2 * layout.ROUNDS)
    assert np.array_equal(lay_out(LOOPS).places, places)
    monkeypatch.setattr(layout, "ROUNDS", 1)
    assert not np.array_equal(lay_out(LOOPS).places, places)


def test_other_voices_overlap_less_at_the_same_place() -> None:
    first = lay_out(LOOPS)

    def overlap(places: np.ndarray) -> float:
        there = ((places[:, None] - first.places[None]) ** 2).sum(-1).argmin(1)
        either = (LOOPS | LOOPS[there]).sum(1)
        return float(((LOOPS & LOOPS[there]).sum(1) / either).mean())

    second = lay_out(LOOPS, others=(first,))
    assert overlap(first.places) == 1
    assert overlap(second.places) < 0.6
    assert correlation(second.places[:, 0], density(LOOPS)) > 0.75


def test_known_loops_stay_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    old = np.arange(len(LOOPS)) % 6 > 0
    earlier = np.full((len(LOOPS), 2), np.nan)
    earlier[old] = lay_out(LOOPS[old]).places

    def moved(places: np.ndarray) -> np.ndarray:
        return np.linalg.norm(places - earlier, axis=1)[old]

    stayed = moved(lay_out(LOOPS, earlier=earlier).places)
    assert np.median(stayed) <= 0.12
    assert np.quantile(stayed, 0.9) <= 0.22
    assert np.median(stayed) < np.median(moved(lay_out(LOOPS).places))
    monkeypatch.setattr(layout, "STAY", 0.0)
    assert stayed.mean() < moved(lay_out(LOOPS, earlier=earlier).places).mean()


@pytest.mark.parametrize("seed", range(3))
def test_added_loops_hardly_move_the_others(seed: int) -> None:
    old = np.random.default_rng(seed).permutation(len(LOOPS)) % 6 > 0
    places = lay_out(LOOPS).places[old]
    moved = np.linalg.norm(lay_out(LOOPS[old]).places - places, axis=1)
    assert np.median(moved) <= 0.12
    assert np.quantile(moved, 0.9) <= 0.22


def test_silence_and_a_full_bar_have_places() -> None:
    loops = np.array([[False] * STEPS, [True] * STEPS])
    places = lay_out(loops).places
    assert places[0, 0] < places[1, 0]
