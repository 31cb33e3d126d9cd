import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board.constants import PINS
from firmware.drivers.encoder import BOUNCE_NS, LONG_NS, Encoder, Gesture, GestureEvent

A, B, SWITCH = PINS.encoder_a, PINS.encoder_b, PINS.encoder_switch
RIGHT = ((A, True), (B, True), (A, False), (B, False))
LEFT = ((B, True), (A, True), (B, False), (A, False))
MS_NS = 1_000_000


class Operator:
    """Moves the contacts of an encoder, a millisecond apart."""

    def __init__(self, *, reversed_: bool = False) -> None:
        self.encoder = Encoder(reversed_=reversed_)
        self.now_ns = 0
        self.done: list[GestureEvent] = []

    def move(self, line: int, *, closed: bool, after_ns: int = MS_NS) -> None:
        self.now_ns += after_ns
        self.done += self.encoder.edge(line, self.now_ns, closed=closed)

    def turn(self, edges: tuple[tuple[int, bool], ...]) -> None:
        for line, closed in edges:
            self.move(line, closed=closed)

    def wait(self, ns: int) -> None:
        self.now_ns += ns
        self.done += self.encoder.advance(self.now_ns)

    @property
    def gestures(self) -> list[tuple[Gesture, int]]:
        return [(event.gesture, event.detents) for event in self.done]


@pytest.mark.parametrize(
    ("edges", "reversed_", "detents"),
    [(RIGHT, False, 1), (LEFT, False, -1), (RIGHT, True, -1), (LEFT, True, 1)],
)
def test_a_detent_turns_by_one(
    edges: tuple[tuple[int, bool], ...], reversed_: bool, detents: int
) -> None:
    operator = Operator(reversed_=reversed_)
    operator.turn(edges)
    assert operator.gestures == [(Gesture.TURN, detents)]


@given(st.lists(st.integers(0, 3), max_size=4))
def test_bouncing_contacts_turn_by_one_all_the_same(bounces: list[int]) -> None:
    operator = Operator()
    for place, (line, closed) in enumerate(RIGHT):
        operator.move(line, closed=closed)
        for _ in range(bounces.count(place)):
            operator.move(line, closed=not closed)
            operator.move(line, closed=closed)
    assert sum(detents for _, detents in operator.gestures) == 1


def test_turning_halfway_and_back_does_nothing() -> None:
    operator = Operator()
    operator.turn(((A, True), (B, True), (B, False), (A, False)))
    assert operator.gestures == []


def test_a_lost_edge_costs_no_detent() -> None:
    operator = Operator()
    operator.turn((*RIGHT[:1], *RIGHT[2:], *RIGHT))
    assert operator.gestures[-1] == (Gesture.TURN, 1)


def test_a_short_press_is_down_at_once_and_pressed_at_its_end() -> None:
    operator = Operator()
    operator.move(SWITCH, closed=True)
    assert operator.gestures == [(Gesture.DOWN, 0)]
    operator.move(SWITCH, closed=False, after_ns=100 * MS_NS)
    operator.wait(BOUNCE_NS)
    assert operator.gestures == [(Gesture.DOWN, 0), (Gesture.PRESS, 0)]


def test_a_bouncing_switch_is_pressed_once() -> None:
    operator = Operator()
    for closed in (True, False, True, False, True):
        operator.move(SWITCH, closed=closed)
    for closed in (False, True, False):
        operator.move(SWITCH, closed=closed)
    operator.wait(BOUNCE_NS)
    assert operator.gestures == [(Gesture.DOWN, 0), (Gesture.PRESS, 0)]


def test_a_long_press_comes_while_held_and_replaces_the_press() -> None:
    operator = Operator()
    operator.move(SWITCH, closed=True)
    assert operator.encoder.next_deadline_ns == operator.now_ns + LONG_NS
    operator.wait(LONG_NS)
    operator.wait(LONG_NS)
    operator.move(SWITCH, closed=False)
    operator.wait(BOUNCE_NS)
    assert operator.gestures == [(Gesture.DOWN, 0), (Gesture.LONG_PRESS, 0)]


def test_turning_while_pressed_is_neither_turn_nor_press() -> None:
    operator = Operator()
    operator.move(SWITCH, closed=True)
    operator.turn(RIGHT)
    operator.wait(LONG_NS)
    operator.move(SWITCH, closed=False)
    operator.wait(BOUNCE_NS)
    assert operator.gestures == [(Gesture.DOWN, 0), (Gesture.PRESS_TURN, 1)]
