"""Which MIDI controllers set which parameters, and how a new one is learned.

A controller of 14 bits sends its high part at a number below 32 and its low part 32 above it
(MIDI 1.0, page 12). A relative one sends steps: in two's complement, or around 64.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from firmware.engine.state import VOICES, MidiControl
from firmware.instrument.detents import turned
from firmware.instrument.parameters import BY_NAME, Key
from firmware.instrument.patch import Patch

FINE_NUMBERS = 32
"""Numbers below it may be high parts, whose low parts are so much above."""

LEARN_MESSAGES = 4
LEARN_NS = 1_000_000_000
"""A controller that sent so many messages, or nothing more for so long, is known."""

_STEP_MAX = 7


class Mode(Enum):
    """How a controller sends its value."""

    COARSE = "7-bit"
    FINE = "14-bit"
    RELATIVE = "relative"
    OFFSET = "relative-64"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A controller, its channel from 0, and the parameter that it sets."""

    channel: int
    number: int
    key: Key
    mode: Mode = Mode.COARSE


def default_assignments(controls: Mapping[int, str]) -> tuple[Assignment, ...]:
    """Return controllers by name on channels 1 to 3, for the three voices."""
    return tuple(
        Assignment(voice, number, Key(name, voice))
        for number, name in controls.items()
        for voice in range(VOICES)
    )


class MidiMap:
    """The assignments; a learned one replaces a default one of the same controller."""

    def __init__(
        self, defaults: Iterable[Assignment], learned: Iterable[Assignment] = ()
    ) -> None:
        """Take the defaults and what was learned before."""
        self.learned: tuple[Assignment, ...] = tuple(learned)
        self._defaults = tuple(defaults)
        self._high: dict[tuple[int, int], int] = {}
        self._index()

    def add(self, assignment: Assignment) -> None:
        """Assign a controller to this parameter alone."""
        others = (a for a in self.learned if _of(a) != _of(assignment))
        self.learned = (*others, assignment)
        self._index()

    def forget(self, key: Key) -> None:
        """Remove the learned controllers of a parameter."""
        self.learned = tuple(a for a in self.learned if a.key != key)
        self._index()

    def of(self, key: Key) -> tuple[Assignment, ...]:
        """Return the controllers of a parameter."""
        return tuple(a for a in self._by_control.values() if a.key == key)

    def set_by(self, control: MidiControl, patch: Patch) -> tuple[Key, float] | None:
        """Return what a control change sets, and to which value."""
        assignment = self._by_control.get((control.channel, control.number))
        if assignment is None:
            return self._completed(control)
        if assignment.mode is Mode.FINE:
            # The low part follows; until then the value would be wrong by up to 1/128.
            self._high[_of(assignment)] = control.value
            return None
        key, value = assignment.key, control.value
        if assignment.mode is Mode.COARSE:
            return key, _scaled(key, value / 127)
        detents = value - 64 if assignment.mode is Mode.OFFSET else (value + 64) % 128 - 64
        return key, turned(key, patch[key], detents)

    def _completed(self, control: MidiControl) -> tuple[Key, float] | None:
        control_of_high = control.channel, control.number - FINE_NUMBERS
        assignment = self._by_control.get(control_of_high)
        high = self._high.get(control_of_high)
        if assignment is None or assignment.mode is not Mode.FINE or high is None:
            return None
        return assignment.key, _scaled(assignment.key, (high << 7 | control.value) / 16383)

    def _index(self) -> None:
        self._by_control = {_of(a): a for a in (*self._defaults, *self.learned)}


class Learner:
    """Watches control changes until it is clear which controller was moved, and its mode."""

    def __init__(self, key: Key) -> None:
        """Learn a controller for a parameter."""
        self.key = key
        self._received: list[MidiControl] = []
        self._last_ns = 0

    def take(self, control: MidiControl, now_ns: int) -> None:
        """Take a control change."""
        self._received.append(control)
        self._last_ns = now_ns

    def result(self, now_ns: int) -> Assignment | None:
        """Return what was learned, once it is clear."""
        if not self._received:
            return None
        first = self._received[0]
        number, channel = first.number, first.channel
        numbers = {one.number for one in self._received if one.channel == channel}
        for high in (number, number - FINE_NUMBERS):
            if 0 <= high < FINE_NUMBERS and {high, high + FINE_NUMBERS} <= numbers:
                return Assignment(channel, high, self.key, Mode.FINE)
        values = [
            one.value
            for one in self._received
            if (one.channel, one.number) == (channel, number)
        ]
        if len(values) < LEARN_MESSAGES and now_ns - self._last_ns < LEARN_NS:
            return None
        return Assignment(channel, number, self.key, _mode_of(values))


def _mode_of(values: list[int]) -> Mode:
    """Judge by successive values: a knob never sends the same twice, an encoder does."""
    repeats = any(a == b for a, b in pairwise(values))
    if repeats and all(0 < abs(value - 64) <= _STEP_MAX for value in values):
        return Mode.OFFSET
    if repeats and all(0 < min(value, 128 - value) <= _STEP_MAX for value in values):
        return Mode.RELATIVE
    return Mode.COARSE


def _of(assignment: Assignment) -> tuple[int, int]:
    return assignment.channel, assignment.number


def _scaled(key: Key, share: float) -> float:
    """Return a value of a parameter's range; a division never is 0 or -1."""
    parameter = BY_NAME[key.name]
    value = parameter.low + share * (parameter.high - parameter.low)
    if not parameter.whole:
        return value
    whole = float(round(value))
    return 1.0 if key.name == "division" and -2 < whole < 1 else whole
