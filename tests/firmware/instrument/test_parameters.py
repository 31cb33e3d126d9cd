"""A value that a parameter accepts is in its range; a refused one is explained."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.instrument.parameters import (
    BY_NAME,
    CV_TARGETS,
    KEYS,
    Key,
    ParameterError,
    checked_value,
)
from firmware.instrument.patch import DEFAULT_PATCH


def test_every_default_is_taken_as_it_is() -> None:
    assert len(set(KEYS)) == len(KEYS)
    for key in KEYS:
        assert checked_value(key, DEFAULT_PATCH[key]) == DEFAULT_PATCH[key]


@given(key=st.sampled_from(KEYS), value=st.floats(-200, 200) | st.integers(-200, 200))
def test_a_value_is_taken_in_range_or_refused_by_name(key: Key, value: float) -> None:
    parameter = BY_NAME[key.name]
    fits = parameter.low <= value <= parameter.high
    odd = parameter.whole and value != int(value)
    if not fits or odd or (key.name == "division" and value in {0, -1}):
        with pytest.raises(ParameterError, match=key.name):
            checked_value(key, value)
    else:
        assert checked_value(key, value) == value


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (Key("volume"), 1, "no volume 1 1"),
        (Key("x", 3), 0.5, "no x 4 1"),
        (Key("pitch", 0, 8), 60, "no pitch 1 9"),
        (Key("x"), 1.01, "from 0 to 1"),
        (Key("x"), nan, "x is nan"),
        (Key("tempo"), inf, "tempo is inf"),
        (Key("length"), 0, "from 1 to 32"),
        (Key("length"), 3.5, "whole numbers"),
        (Key("division"), 0, "never 0 or -1"),
        (Key("division"), -1, "never 0 or -1"),
    ],
)
def test_what_is_refused_says_why(key: Key, value: float, reason: str) -> None:
    with pytest.raises(ParameterError, match=reason):
        checked_value(key, value)


def test_what_saved_state_counts_on_keeps_its_order() -> None:
    kept = ("none", "transpose", "length", "swing", "chaos", "rotate")
    later = ("bundle", "voice", "run", "z", "w")
    latest = ("mute", "fill", "dice", "ratchet_chance", "division")
    assert CV_TARGETS[:16] == kept + later + latest
