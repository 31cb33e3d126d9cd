import math

import pytest

from firmware.engine.pattern import ON_GRID, STEPS, checked_pattern

HALF = [0.5] * STEPS


def test_velocity_is_the_probability_where_none_was_learned() -> None:
    pattern = checked_pattern(HALF)
    assert pattern.velocity == pattern.onset == (0.5,) * STEPS
    assert pattern.offset == ON_GRID


@pytest.mark.parametrize(("threshold", "sounding"), [(0.4, True), (0.5, False), (0.6, False)])
def test_a_step_sounds_above_the_threshold_only(threshold: float, sounding: bool) -> None:
    assert checked_pattern(HALF).sounding(threshold) == (sounding,) * STEPS


@pytest.mark.parametrize(
    ("onset", "offset"),
    [
        (HALF[1:], None),
        ([*HALF[1:], 1.01], None),
        ([*HALF[1:], -0.01], None),
        ([*HALF[1:], math.nan], None),
        (HALF, [0.0]),
        (HALF, [-0.5] * STEPS),
        (HALF, [0.51] * STEPS),
    ],
)
def test_refuses_what_is_no_pattern(onset: list[float], offset: list[float] | None) -> None:
    with pytest.raises(ValueError, match=r"steps|lie"):
        checked_pattern(onset, offset=offset)
