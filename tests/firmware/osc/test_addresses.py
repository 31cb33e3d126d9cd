"""The table: every address reaches its parameter, and says what it was set to."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.instrument.parameters import KEYS, Key
from firmware.instrument.requests import LoadBundle, RecallPreset, SavePreset
from firmware.osc.addresses import (
    COMMANDS,
    PARAMETER_ADDRESSES,
    SETTERS,
    Panic,
    RecallPosition,
    Request,
    Reset,
    StorePosition,
    Subscribe,
    Tap,
    Unsubscribe,
    Values,
    request_of,
)
from firmware.osc.feedback import OUTGOING
from firmware.osc.packet import Argument, Message, OscError
from tools.osc_reference import FILE, page

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_is_what_the_table_says() -> None:
    assert (DOCS / FILE).read_text("utf-8") == page()


def test_every_key_has_one_address_for_its_row_and_no_address_has_two_meanings() -> None:
    keys = [key for row in PARAMETER_ADDRESSES.values() for key in row]
    assert sorted(keys) == sorted(KEYS)
    outgoing = [entry.address for entry in OUTGOING]
    assert not set(PARAMETER_ADDRESSES) & set(COMMANDS)
    assert not set(PARAMETER_ADDRESSES) & set(outgoing)


@pytest.mark.parametrize(
    ("address", "arguments", "values"),
    [
        ("/voice/2/x", (0.25,), {Key("x", 1): 0.25}),
        ("/x", (1,), {Key("x"): 1.0}),
        ("/threshold", (0.5,), {Key("threshold"): 0.5}),
        ("/fill", (0.5,), {Key("fill", voice): 0.5 for voice in range(3)}),
        ("/voice/3/length", (7.0,), {Key("length", 2): 7.0}),
        ("/voice/1/pitch/8", (64,), {Key("pitch", 0, 7): 64.0}),
        ("/voice/1/division", (-4,), {Key("division"): -4.0}),
        ("/tempo", (133.5,), {Key("tempo"): 133.5}),
        ("/scale", ("minor",), {Key("scale"): 2.0}),
        (
            "/voice/1/pitch",
            tuple(range(60, 68)),
            {Key("pitch", 0, k): 60.0 + k for k in range(8)},
        ),
    ],
)
def test_values(
    address: str, arguments: tuple[Argument, ...], values: dict[Key, float]
) -> None:
    assert request_of(Message(address, arguments)) == Values(values)


@pytest.mark.parametrize(
    ("address", "arguments", "request_"),
    [
        ("/reset", (), Reset()),
        ("/reset", (1.0,), Reset()),
        ("/reset", (0,), Values({})),
        ("/tap", (), Tap()),
        ("/panic", (1,), Panic()),
        ("/bundle", ("drums/000002",), LoadBundle("drums/000002")),
        ("/preset/save", (64,), SavePreset(63)),
        ("/preset/recall", (1.0,), RecallPreset(0)),
        ("/place/keep", (8,), StorePosition(7)),
        ("/place/recall", (1,), RecallPosition(0)),
        ("/subscribe", (9001,), Subscribe(9001)),
        ("/unsubscribe", (9001,), Unsubscribe(9001)),
    ],
)
def test_actions(address: str, arguments: tuple[Argument, ...], request_: Request) -> None:
    assert request_of(Message(address, arguments)) == request_


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("/nowhere", ()),
        ("/voice/0/x", (0.5,)),
        ("/voice/4/x", (0.5,)),
        ("/voice/1/pitch/9", (60,)),
        ("/voice/1/x", ()),
        ("/voice/1/x", (0.5, 0.5)),
        ("/voice/1/x", (1.5,)),
        ("/voice/1/x", (float("nan"),)),
        ("/voice/1/x", ("left",)),
        ("/voice/1/length", (7.5,)),
        ("/voice/1/division", (0,)),
        ("/voice/1/pitch", (60,) * 7),
        ("/voice/1/pitch", (60,) * 7 + (200,)),
        ("/reset", ("now",)),
        ("/bundle", (3,)),
        ("/bundle", ("",)),
        ("/preset/recall", (0,)),
        ("/preset/recall", (65,)),
        ("/preset/recall", (float("inf"),)),
        ("/preset/recall", (float("nan"),)),
        ("/subscribe", (80,)),
        ("/subscribe", ("9001",)),
    ],
)
def test_what_is_refused_says_where(address: str, arguments: tuple[Argument, ...]) -> None:
    with pytest.raises(OscError, match=address):
        request_of(Message(address, arguments))


@given(
    st.sampled_from([*SETTERS, *COMMANDS]),
    st.lists(st.integers() | st.floats() | st.text(), max_size=9),
)
def test_no_arguments_do_worse_than_be_refused(address: str, arguments: list[Argument]) -> None:
    try:
        reason = str(request_of(Message(address, tuple(arguments))))
    except OscError as error:
        reason = str(error)
    assert "\n" not in reason
