import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.drivers.encoder import Gesture, GestureEvent
from firmware.instrument.detents import turned
from firmware.instrument.instrument import Instrument
from firmware.instrument.parameters import KEYS, PARAMETERS, Key, checked_value
from firmware.instrument.preset import State
from firmware.ui.menu import Action, Menu, key_of
from firmware.ui.pages import PAGES, Kind

SLOW_NS = 200_000_000


class Operator:
    """An operator on the encoder."""

    def __init__(self) -> None:
        self.instrument = Instrument(State())
        self.menu = Menu()
        self.now_ns = 0

    def do(self, gesture: Gesture, detents: int = 0, after_ns: int = SLOW_NS) -> str | None:
        self.now_ns += after_ns
        action = self.menu.handle(GestureEvent(gesture, self.now_ns, detents), self.instrument)
        return action.name if action else None

    def go(self, page: str, label: str) -> None:
        while self.menu.page.name != page:
            self.do(Gesture.PRESS_TURN, 1)
        while self.menu.item.label != label:
            self.do(Gesture.TURN, 1)


def test_every_parameter_is_on_exactly_one_page() -> None:
    there = [
        (item.name, item.place)
        for page in PAGES
        for item in page.items
        if item.kind is Kind.VALUE
    ]
    assert sorted(there) == sorted(
        (p.name, place) for p in PARAMETERS for place in range(p.count)
    )


def test_turning_moves_along_the_lines_and_stops_at_their_ends() -> None:
    operator = Operator()
    operator.do(Gesture.TURN, -3)
    assert operator.menu.line == 0
    operator.do(Gesture.TURN, 100)
    assert operator.menu.item is PAGES[0].items[-1]


def test_pages_go_round_and_keep_their_line() -> None:
    operator = Operator()
    operator.do(Gesture.TURN, 2)
    operator.do(Gesture.PRESS_TURN, -1)
    assert operator.menu.page is PAGES[-1]
    assert operator.instrument.page == len(PAGES) - 1
    operator.do(Gesture.PRESS_TURN, 1)
    assert (operator.menu.page, operator.menu.line) == (PAGES[0], 2)


def test_three_moves_set_a_value() -> None:
    operator = Operator()
    operator.go("pattern", "Length")
    operator.do(Gesture.PRESS)
    operator.do(Gesture.TURN, -4)
    assert operator.instrument.patch.whole("length") == 28
    operator.do(Gesture.PRESS)
    operator.do(Gesture.TURN, 1)
    assert operator.instrument.patch.whole("length") == 28


def test_turning_fast_goes_far_on_long_travels_only() -> None:
    operator = Operator()
    operator.go("pattern", "Threshold")
    operator.do(Gesture.PRESS)
    operator.do(Gesture.TURN, 1)
    operator.do(Gesture.TURN, 1, after_ns=1000)
    assert operator.instrument.patch[Key("threshold")] == pytest.approx(0.56)
    assert turned(Key("scale"), 0, 1, fast=True) == 1


def test_the_encoder_edits_the_selected_voice() -> None:
    operator = Operator()
    operator.do(Gesture.LONG_PRESS)
    operator.go("pattern", "Length")
    operator.do(Gesture.PRESS)
    operator.do(Gesture.TURN, -1)
    assert operator.instrument.patch.whole("length", 0) == 32
    assert operator.instrument.patch.whole("length", 1) == 31


def test_long_presses_go_round_the_voices() -> None:
    operator = Operator()
    for voice in (1, 2, 0):
        operator.do(Gesture.LONG_PRESS)
        assert operator.instrument.selected == voice


def test_choosing_a_number_stays_among_what_there_is() -> None:
    operator = Operator()
    operator.go("presets", "Preset")
    operator.do(Gesture.PRESS)
    operator.do(Gesture.TURN, 100)
    assert operator.menu.choices["preset"] == 63
    operator.go("map", "Voice")
    operator.do(Gesture.PRESS)
    operator.do(Gesture.TURN, 100)
    assert operator.instrument.selected == 2


@pytest.mark.parametrize(
    ("page", "label", "gesture", "action"),
    [
        ("presets", "Save", Gesture.PRESS, "save_preset"),
        ("presets", "Save", Gesture.DOWN, None),
        ("clock", "Tap", Gesture.DOWN, "tap"),
        ("clock", "Tap", Gesture.PRESS, None),
        ("record", "Tap", Gesture.DOWN, "record_tap"),
        ("clock", "Tempo", Gesture.DOWN, None),
    ],
)
def test_actions(page: str, label: str, gesture: Gesture, action: str | None) -> None:
    operator = Operator()
    operator.go(page, label)
    assert operator.do(gesture) == action


def test_a_dial_is_done_by_turning_while_it_is_edited() -> None:
    operator = Operator()
    operator.go("outputs", "Tune")
    assert operator.do(Gesture.PRESS) is None
    for after_ns, detents in ((SLOW_NS, 2), (1000, 10)):
        operator.now_ns += after_ns
        event = GestureEvent(Gesture.TURN, operator.now_ns, 2)
        assert operator.menu.handle(event, operator.instrument) == Action("tune_code", detents)


@given(st.sampled_from(KEYS), st.integers(-40, 40), st.booleans())
def test_a_turn_leads_to_what_the_parameter_takes(key: Key, detents: int, fast: bool) -> None:
    value = Instrument(State()).patch[key]
    for _ in range(3):
        value = checked_value(key, turned(key, value, detents, fast=fast))


@pytest.mark.parametrize(
    ("value", "detents", "expected"), [(1, -1, -2), (-2, 1, 1), (2, -1, 1)]
)
def test_division_skips_what_it_never_is(value: float, detents: int, expected: float) -> None:
    assert turned(Key("division"), value, detents) == expected


def test_a_rows_items_have_their_own_keys() -> None:
    pitch = next(page for page in PAGES if page.name == "pitch")
    assert key_of(pitch.items[3], 2) == Key("pitch", 2, 3)
    clock = next(page for page in PAGES if page.name == "clock")
    assert key_of(clock.items[0], 2) == Key("tempo")
