"""The patch in real Pd, sent one value at a time."""

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from firmware.osc.addresses import request_of
from tests.pd.live import Teller, Window
from tests.pd.patches import running_patch


@pytest.fixture
def window(tmp_path: Path, teller: Teller) -> Iterator[Window]:
    with running_patch(tmp_path, teller.port) as tap:
        teller.hear("/subscribe")
        yield Window(tap)


def test_the_first_pattern_is_seen_though_nothing_follows(
    teller: Teller, window: Window
) -> None:
    pattern = [step % 3 % 2 for step in range(31)] + [0]
    teller.tell("/voice/1/pattern", *pattern)
    window.wait_for(pattern)


def test_the_bundle_that_plays_is_shown_and_not_asked_for_again(
    teller: Teller, window: Window
) -> None:
    teller.tell("/bundle", "demo")
    teller.tell("/voice/1/pattern", *[1] * 32)
    window.wait_for([1] * 32)
    teller.hear("/subscribe")
    assert {message.address for message in teller.said} <= {"/subscribe", "/unsubscribe"}


@pytest.mark.parametrize(
    ("control", "moved", "address", "said"),
    [
        ("pitch3", 50.6, "/voice/1/pitch/3", 51),
        ("pitch4-note", 50.4, "/voice/1/pitch/4", 50),
        ("length", 7.4, "/voice/1/length", 7),
        ("rotate", 0.6, "/voice/1/rotate", 1),
        ("division", -2.6, "/voice/1/division", -3),
    ],
)
def test_what_is_counted_is_said_in_whole_numbers(
    control: str, moved: float, address: str, said: int, teller: Teller, window: Window
) -> None:
    window.move(control, moved)
    message = teller.hear(address)
    assert message.arguments == (said,)
    request_of(message)


def test_a_preset_is_a_whole_number(teller: Teller, window: Window) -> None:
    window.move("preset", 2.5)
    window.move("recall", 1)
    assert teller.hear("/preset/recall").arguments == (2,)
    window.move("save", 1)
    assert teller.hear("/preset/save").arguments == (2,)


def test_divisions_that_do_not_exist_are_stepped_over(teller: Teller, window: Window) -> None:
    for moved, said in ((2, 2), (0.5, -2), (-1, 1), (-1, -2), (-3, -3), (0, 1)):
        window.move("division", moved)
        assert teller.hear("/voice/1/division").arguments == (said,)
        window.wait_for_control("division", said)


def test_what_another_hand_does_while_one_is_moving_is_shown(
    teller: Teller, window: Window
) -> None:
    window.move("tempo", 100)
    teller.hear("/tempo")
    teller.tell("/tempo", 100.0)
    teller.tell("/tempo", 180.0)
    window.wait_for_control("tempo", 180)


def test_a_control_whose_value_was_refused_goes_back(teller: Teller, window: Window) -> None:
    teller.tell("/tempo", 120.0)
    window.wait_for_control("tempo", 120)
    window.controls.clear()
    window.move("tempo", 300)
    teller.hear("/tempo")
    window.wait_for_control("tempo", 120)


def test_a_control_shows_the_voice_that_was_turned_to(teller: Teller, window: Window) -> None:
    window.move("x", 0.75)
    teller.hear("/voice/1/x")
    window.move("voice", 1)
    teller.hear("/unsubscribe")
    teller.tell("/voice/2/x", 0.25)
    window.wait_for_control("x", 0.25)


def test_the_next_bundle_is_the_one_after_that_which_plays(
    teller: Teller, window: Window
) -> None:
    def next_after(*bundles: str, playing: str) -> str:
        teller.tell("/bundles", *bundles)
        teller.tell("/bundle", playing)
        return pressed()

    def pressed() -> str:
        teller.tell("/tempo", float(tempo := next(tempos)))
        window.wait_for_control("tempo", tempo)
        window.move("next", 1)
        (name,) = teller.hear("/bundle").arguments
        assert isinstance(name, str)
        return name

    tempos = count(100)
    assert next_after("a", "b", "c", playing="b") == "c"
    assert [pressed(), pressed()] == ["a", "b"]
    window.move("voice", 1)
    teller.hear("/unsubscribe")
    assert next_after("a", "b", "c", playing="b") == "c"
    assert next_after("c", "d", playing="gone") == "c"
    assert next_after("alone", playing="alone") == "alone"
    many = [f"bundle-{number}" for number in range(64)]
    assert next_after(*many, playing="bundle-62") == "bundle-63"
    assert pressed() == "bundle-0"


HELD_UP_S = 1.5


def test_what_was_lost_while_the_patch_was_held_up_is_asked_for_again(
    teller: Teller, window: Window
) -> None:
    teller.tell("/tempo", 120.0)
    window.wait_for_control("tempo", 120)
    with window.held_up():
        until_s = time.monotonic() + HELD_UP_S
        while time.monotonic() < until_s:
            teller.tell("/voice/1/step", 1)
        teller.tell("/tempo", 133.0)
    teller.hear("/unsubscribe")
    teller.hear("/subscribe")
    teller.tell("/tempo", 133.0)
    window.wait_for_control("tempo", 133)
