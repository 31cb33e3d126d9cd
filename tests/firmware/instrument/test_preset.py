import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.knob_curve import AXES
from firmware.engine.pattern import STEPS
from firmware.instrument.parameters import KEYS, Key, ParameterError, checked_value
from firmware.instrument.patch import DEFAULT_PATCH
from firmware.instrument.preset import Rhythm, State, map_position, parse_state, state_bytes

MEMORY = ((0.1, 0.2, 0.3, 0.4),) * 3


RHYTHMS = st.lists(st.tuples(*[st.booleans()] * STEPS), min_size=3, max_size=3).map(tuple)


@given(
    st.dictionaries(st.sampled_from(KEYS), st.floats(-100, 400)),
    st.booleans(),
    st.one_of(st.just(()), RHYTHMS),
)
def test_a_state_outlives_its_bytes(
    values: dict[Key, float], remembered: bool, rhythms: tuple[Rhythm, ...]
) -> None:
    sound = {}
    for key, value in values.items():
        try:
            sound[key] = checked_value(key, value)
        except ParameterError:
            continue
    memories = (MEMORY if remembered else None, *(None,) * 7)
    state = State(DEFAULT_PATCH.with_values(sound), memories, "drums", 2, 5, rhythms)
    assert parse_state(state_bytes(state)) == state


def test_what_a_later_or_earlier_firmware_wrote_is_read_as_far_as_it_goes() -> None:
    document = json.loads(state_bytes(State(DEFAULT_PATCH.with_values({Key("tempo"): 99.0}))))
    document["patch"]["unheard_of"] = {"1.1": 3}
    document["patch"]["length"]["1.1"] = 1000
    document["patch"]["swing"] = {"9.9": 0.6}
    del document["patch"]["x"]
    del document["rhythms"]
    assert parse_state(json.dumps(document).encode()).patch == DEFAULT_PATCH.with_values(
        {Key("tempo"): 99.0}
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "else"),
        ("version", 2),
        ("patch", []),
        ("patch", {"x": {"1.1": "far"}}),
        ("patch", {"x": {"one": 0.5}}),
        ("memories", []),
        ("memories", [[[0.1, 0.2, 0.3, 0.4]]] + [None] * 7),
        ("memories", [[[9, 0, 0, 0]] * 3] + [None] * 7),
        ("voice", None),
        ("rhythms", ["x" * 32]),
        ("rhythms", ["x", "-", "x"]),
        ("rhythms", 3),
    ],
)
def test_what_is_no_state_is_refused(key: str, value: object) -> None:
    document = json.loads(state_bytes(State()))
    document[key] = value
    with pytest.raises(ValueError):  # noqa: PT011 - any
        parse_state(json.dumps(document).encode())


def test_a_place_is_the_axes_in_order() -> None:
    values = {Key(axis, 1): n / 10 for n, axis in enumerate(AXES)}
    assert map_position(DEFAULT_PATCH.with_values(values), 1) == (0.0, 0.1, 0.2, 0.3)
