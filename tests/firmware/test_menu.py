import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.encoder import Gesture, Handled
from firmware.instrument import Instrument
from firmware.menu import Deed, Menu, key_of, turned
from firmware.pages import PAGES, Kind
from firmware.parameters import KEYS, PARAMETERS, Key, checked_value
from firmware.state import State

SLOW_NS = 200_000_000


class Hand:
    """A hand on the encoder."""

    def __init__(self) -> None:
        self.instrument = Instrument(State())
        self.menu = Menu()
        self.now_ns = 0

    def do(self, gesture: Gesture, detents: int = 0, after_ns: int = SLOW_NS) -> str | None:
        self.now_ns += after_ns
        deed = self.menu.handle(Handled(gesture, self.now_ns, detents), self.instrument)
        return deed.name if deed else None

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
    hand = Hand()
    hand.do(Gesture.TURN, -3)
    assert hand.menu.line == 0
    hand.do(Gesture.TURN, 100)
    assert hand.menu.item is PAGES[0].items[-1]


def test_pages_go_round_and_keep_their_line() -> None:
    hand = Hand()
    hand.do(Gesture.TURN, 2)
    hand.do(Gesture.PRESS_TURN, -1)
    assert hand.menu.page is PAGES[-1]
    assert hand.instrument.page == len(PAGES) - 1
    hand.do(Gesture.PRESS_TURN, 1)
    assert (hand.menu.page, hand.menu.line) == (PAGES[0], 2)


def test_three_moves_set_a_value() -> None:
    hand = Hand()
    hand.go("pattern", "Length")
    hand.do(Gesture.PRESS)
    hand.do(Gesture.TURN, -4)
    assert hand.instrument.patch.whole("length") == 28
    hand.do(Gesture.PRESS)
    hand.do(Gesture.TURN, 1)
    assert hand.instrument.patch.whole("length") == 28


def test_turning_fast_goes_far_on_long_travels_only() -> None:
    hand = Hand()
    hand.go("pattern", "Threshold")
    hand.do(Gesture.PRESS)
    hand.do(Gesture.TURN, 1)
    hand.do(Gesture.TURN, 1, after_ns=1000)
    assert hand.instrument.patch[Key("threshold")] == pytest.approx(0.56)
    assert turned(Key("scale"), 0, 1, fast=True) == 1


def test_the_encoder_edits_the_selected_voice() -> None:
    hand = Hand()
    hand.do(Gesture.LONG_PRESS)
    hand.go("pattern", "Length")
    hand.do(Gesture.PRESS)
    hand.do(Gesture.TURN, -1)
    assert hand.instrument.patch.whole("length", 0) == 32
    assert hand.instrument.patch.whole("length", 1) == 31


def test_long_presses_go_round_the_voices() -> None:
    hand = Hand()
    for voice in (1, 2, 0):
        hand.do(Gesture.LONG_PRESS)
        assert hand.instrument.selected == voice


def test_choosing_a_number_stays_among_what_there_is() -> None:
    hand = Hand()
    hand.go("presets", "Preset")
    hand.do(Gesture.PRESS)
    hand.do(Gesture.TURN, 100)
    assert hand.menu.choices["preset"] == 63
    hand.go("map", "Voice")
    hand.do(Gesture.PRESS)
    hand.do(Gesture.TURN, 100)
    assert hand.instrument.selected == 2


@pytest.mark.parametrize(
    ("page", "label", "gesture", "deed"),
    [
        ("presets", "Save", Gesture.PRESS, "save_preset"),
        ("presets", "Save", Gesture.DOWN, None),
        ("clock", "Tap", Gesture.DOWN, "tap"),
        ("clock", "Tap", Gesture.PRESS, None),
        ("record", "Tap", Gesture.DOWN, "record_tap"),
        ("clock", "Tempo", Gesture.DOWN, None),
    ],
)
def test_deeds(page: str, label: str, gesture: Gesture, deed: str | None) -> None:
    hand = Hand()
    hand.go(page, label)
    assert hand.do(gesture) == deed


def test_a_dial_is_done_by_turning_while_it_is_edited() -> None:
    hand = Hand()
    hand.go("outputs", "Tune")
    assert hand.do(Gesture.PRESS) is None
    for after_ns, detents in ((SLOW_NS, 2), (1000, 10)):
        hand.now_ns += after_ns
        handled = Handled(Gesture.TURN, hand.now_ns, 2)
        assert hand.menu.handle(handled, hand.instrument) == Deed("tune_code", detents)


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
