import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.knob_curve import latent_at, position_at

KNOTS = (-2.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("position", "latent"),
    [(0.0, -2.0), (0.25, -1.0), (0.5, 0.0), (0.75, 0.5), (1.0, 1.0), (-1.0, -2.0), (2.0, 1.0)],
)
def test_goes_straight_between_the_knots_and_no_further(position: float, latent: float) -> None:
    assert latent_at(position, KNOTS) == pytest.approx(latent)


def test_the_last_segment_ends_at_its_last_knot() -> None:
    assert latent_at(math.nextafter(1.0, 0.0), KNOTS) == pytest.approx(1.0)


@given(
    st.lists(st.floats(-50, 50), min_size=2, max_size=33, unique_by=lambda v: round(v, 2)),
    st.floats(0, 1),
)
def test_unwarp_undoes_warp(values: list[float], position: float) -> None:
    knots = sorted(values)
    assert position_at(latent_at(position, knots), knots) == pytest.approx(position, abs=1e-6)
