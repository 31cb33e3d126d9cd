"""The encoder: from edges of its three contacts to gestures.

The quadrature of A and B is decoded by a table of states, so that contact bounce cancels out.
The switch is down at its first edge and up when it has been open for 5 ms. Time is an argument.
"""

from dataclasses import dataclass
from enum import Enum, auto

from firmware.board.constants import PINS

BOUNCE_NS = 5_000_000
LONG_NS = 600_000_000
EDGES_PER_DETENT = 4

_ORDER = {(False, False): 0, (True, False): 1, (True, True): 2, (False, True): 3}
"""The states of (A, B) in the order of a turn to the right."""


class Gesture(Enum):
    """The kinds of gestures."""

    TURN = auto()
    PRESS_TURN = auto()
    DOWN = auto()
    PRESS = auto()
    LONG_PRESS = auto()
    VOICE_PRESS = auto()
    VOICE_HOLD = auto()
    VOICE_RELEASE = auto()
    SHIFT_PRESS = auto()


@dataclass(frozen=True, slots=True)
class GestureEvent:
    """A gesture: detents to the right (to the left if negative) when turned, and its time.

    `DOWN` comes at once with each press, for taps; `PRESS` when it ends short and unturned.
    """

    gesture: Gesture
    time_ns: int
    detents: int = 0
    voice: int = 0
    shifted: bool = False


class Encoder:
    """The encoder over time: edges in, gestures out."""

    def __init__(self, *, reversed_: bool = False) -> None:
        """Begin at rest, with all contacts open."""
        self._sign = -1 if reversed_ else 1
        self._contacts = {PINS.encoder_a: False, PINS.encoder_b: False}
        self._edges = 0
        self._down_ns: int | None = None
        self._open_ns: int | None = None
        self._used = False

    @property
    def next_deadline_ns(self) -> int | None:
        """When `advance` is next due if no edge arrives before."""
        if self._open_ns is not None:
            return self._open_ns + BOUNCE_NS
        if self._down_ns is not None and not self._used:
            return self._down_ns + LONG_NS
        return None

    def edge(self, line: int, time_ns: int, *, closed: bool) -> list[GestureEvent]:
        """Take a contact that closed or opened."""
        done = self.advance(time_ns)
        if line == PINS.encoder_switch:
            return done + self._switch(time_ns, closed=closed)
        return done + self._turned(line, time_ns, closed=closed)

    def advance(self, now_ns: int) -> list[GestureEvent]:
        """Advance to a time: a press ends, or becomes a long one."""
        if self._open_ns is not None and now_ns >= self._open_ns + BOUNCE_NS:
            return self._released()
        long = self._down_ns is not None and now_ns >= self._down_ns + LONG_NS
        if long and not self._used and self._open_ns is None:
            self._used = True
            return [GestureEvent(Gesture.LONG_PRESS, now_ns)]
        return []

    def _released(self) -> list[GestureEvent]:
        opened_ns, used = self._open_ns, self._used
        self._down_ns = self._open_ns = None
        self._used = False
        return [] if used or opened_ns is None else [GestureEvent(Gesture.PRESS, opened_ns)]

    def _switch(self, time_ns: int, *, closed: bool) -> list[GestureEvent]:
        if not closed:
            self._open_ns = time_ns if self._down_ns is not None else None
            return []
        self._open_ns = None
        if self._down_ns is not None:
            return []
        self._down_ns = time_ns
        self._used = False
        return [GestureEvent(Gesture.DOWN, time_ns)]

    def _turned(self, line: int, time_ns: int, *, closed: bool) -> list[GestureEvent]:
        before = self._place()
        self._contacts[line] = closed
        moved = (self._place() - before) % EDGES_PER_DETENT
        self._edges += {0: 0, 1: 1, 3: -1}.get(moved, 0)
        if self._place() != 0:
            return []
        # At rest in a detent: a remainder is bounce or a lost edge.
        detents, self._edges = round(self._edges / EDGES_PER_DETENT), 0
        if not detents:
            return []
        pressed = self._down_ns is not None
        self._used |= pressed
        gesture = Gesture.PRESS_TURN if pressed else Gesture.TURN
        return [GestureEvent(gesture, time_ns, detents * self._sign)]

    def _place(self) -> int:
        return _ORDER[self._contacts[PINS.encoder_a], self._contacts[PINS.encoder_b]]
