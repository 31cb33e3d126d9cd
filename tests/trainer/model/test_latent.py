"""The way between knobs and latents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from firmware.engine.knob_curve import latent_at
from trainer.model.latent import (
    KNOTS,
    by_spread,
    classic,
    cloud,
    dead_latents,
    grid,
    to_latents,
    to_positions,
    trained_range,
    warped,
)
from trainer.model.models import STRUCTURES, initial, latents_of, outputs_of

LATENTS = arrays(
    np.float32, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(-50, 50, width=32)
)


@given(latents=LATENTS)
def test_the_warp_rises_over_the_trained_range(latents: np.ndarray) -> None:
    for knots, (low, high) in zip(warped(latents), trained_range(latents), strict=True):
        assert len(knots) == KNOTS
        assert np.all(np.diff(knots) > 0)
        assert low - 1e-5 <= knots[0]
        assert knots[-1] <= high + 1e-5


@given(latents=LATENTS)
def test_knobs_and_latents_are_inverse_within_reach(latents: np.ndarray) -> None:
    knots = warped(latents)
    back = to_latents(to_positions(latents, knots), knots)
    reach = np.clip(latents, [k[0] for k in knots], [k[-1] for k in knots])
    assert np.allclose(back, reach, atol=1e-3)


@given(position=st.floats(0, 1), latents=LATENTS)
def test_many_at_once_is_as_the_module_warps_one(position: float, latents: np.ndarray) -> None:
    knots = warped(latents)
    ours = to_latents(np.array([[position, position]]), knots)[0]
    assert ours == pytest.approx(
        [latent_at(position, axis) for axis in knots], rel=1e-5, abs=1e-4
    )


def test_travel_is_spent_where_the_patterns_lie() -> None:
    crowd = np.concatenate([np.linspace(0, 1, 95), np.linspace(1, 10, 5)])
    latents = np.stack([crowd, crowd], 1).astype(np.float32)
    quarter, half, most = to_positions(
        np.array([[0.5, 0.5], [1, 1], [10, 10]]), warped(latents)
    )
    assert 0.05 < quarter[0] < half[0]
    assert half[0] > 0.15
    assert most[0] == 1


def test_classic_is_linear_and_centred() -> None:
    knots = classic(2.0, 2)
    assert to_latents(np.array([[0.5, 0.0], [1.0, 0.25]]), knots).tolist() == [[0, -2], [2, -1]]


@pytest.mark.parametrize("kind", ["vae", "relu"])
def test_the_widest_latents_become_x_and_y(kind: str) -> None:
    rng = np.random.default_rng(0)
    model = initial(STRUCTURES["model1"].layers(4, 1), kind, 1, rng).candidate(0)
    onset = rng.random((60, 32)) < 0.4
    before = latents_of(model, onset)
    ordered = by_spread(model, before)
    after = latents_of(ordered, onset)
    assert np.all(np.diff(after.std(0)) <= 0)
    assert np.allclose(np.sort(after, 1), np.sort(before, 1))
    assert np.allclose(outputs_of(ordered, after), outputs_of(model, before), atol=1e-6)


@pytest.mark.parametrize(
    ("scales", "dead"),
    [((1, 1, 1), 0), ((1, 0, 1), 1), ((1.5, 1.5, 0.017), 1), ((9, 1, 1), 0), ((0, 0, 0), 3)],
)
def test_a_latent_that_moves_little_beside_the_others_is_dead(
    scales: tuple[float, ...], dead: int
) -> None:
    latents = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    assert dead_latents(latents * np.array(scales, np.float32)) == dead


def test_the_grid_runs_along_x_first_and_rests_elsewhere() -> None:
    positions = grid(3, 3)
    assert positions[:, 0].tolist() == [0, 0.5, 1] * 3
    assert positions[:, 1].tolist() == [0] * 3 + [0.5] * 3 + [1] * 3
    assert set(positions[:, 2]) == {0.5}


@pytest.mark.parametrize("latents", [2, 3, 4])
def test_the_cloud_fills_every_octant_and_has_the_corners(latents: int) -> None:
    points = cloud(400, latents)
    assert points.shape == (400, latents)
    corners = (points[: 2**latents] * 2 - 1).astype(int)
    assert len({tuple(corner) for corner in corners}) == 2**latents
    counts = np.bincount((points > 0.5) @ (1 << np.arange(latents)))
    assert counts.min() > 0.75 * 400 / 2**latents
