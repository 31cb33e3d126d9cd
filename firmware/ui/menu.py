"""The selected page and item, and what a gesture does there.

Values are set at once, with the encoder as the source; actions are returned by
name, for the panel to run.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from firmware.board.calibration import OCTAVES_VOLTS
from firmware.board.constants import ADC_INPUTS
from firmware.drivers.encoder import Gesture, GestureEvent
from firmware.engine.state import VOICES
from firmware.instrument.detents import FAST, turned
from firmware.instrument.instrument import Instrument, Source
from firmware.instrument.parameters import BY_NAME, Key
from firmware.instrument.preset import MEMORIES, PRESETS
from firmware.ui.pages import PAGES, Item, Kind, Page

COUNTS: Mapping[str, int] = MappingProxyType(
    {
        "preset": PRESETS,
        "memory": MEMORIES,
        "bundle": 1,
        "input": len(ADC_INPUTS),
        "octave": len(OCTAVES_VOLTS),
        "fault": 1,
        "finding": 1,
    }
)
"""The number of choices of a chooser, where it is fixed."""

FIRST_CV = ADC_INPUTS.index("cv_x")

TAPS = frozenset({"tap", "record_tap"})
"""Run when the switch goes down, not when it comes up."""

QUICK: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "preset": ("recall_preset", "save_preset"),
        "memory": ("recall_memory", "keep_memory"),
    }
)
"""What a press and a long press do once a number was chosen with shift."""

FAST_NS = 35_000_000
"""Detents that follow one another so quickly count several times, on long travels."""


class Action(NamedTuple):
    """The name of an action for the panel to run, and the detents turned."""

    name: str
    detents: int = 0


class Menu:
    """The page, the line on it, whether it is being edited, and the chosen numbers.

    `choices` holds the selected number of each chooser, from 0, by its name; `counts` the
    number of its choices. `changed` is the parameter that was edited last.
    """

    def __init__(self, page: int = 0) -> None:
        """Begin on a page."""
        self.page_index = page % len(PAGES)
        self.editing = False
        self.choices = dict.fromkeys(COUNTS, 0) | {
            "input": FIRST_CV,
            "octave": OCTAVES_VOLTS.index(0.0),
        }
        self.counts = dict(COUNTS)
        self._lines = [0] * len(PAGES)
        self._turned_ns = 0
        self._quick: tuple[str, str] | None = None
        self.changed: Key | None = None

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return PAGES[self.page_index]

    @property
    def line(self) -> int:
        """Which of its items is selected."""
        return self._lines[self.page_index]

    @property
    def item(self) -> Item:
        """The selected item."""
        return self.page.items[self.line]

    def handle(self, event: GestureEvent, instrument: Instrument) -> Action | None:
        """Handle a gesture; return the action for the panel to run, if it was one."""
        match event.gesture:
            case Gesture.PRESS | Gesture.LONG_PRESS if self._quick:
                return self._finish_quick(long=event.gesture is Gesture.LONG_PRESS)
            case Gesture.TURN:
                return self._turn(event, instrument)
            case Gesture.PRESS_TURN:
                self._turn_page(event.detents, instrument)
            case Gesture.LONG_PRESS:
                instrument.select((instrument.selected + 1) % VOICES)
            case Gesture.DOWN if self.item.name in TAPS:
                return Action(self.item.name)
            case Gesture.PRESS:
                return self._press()
        return None

    def open_choice(self, name: str, instrument: Instrument) -> None:
        """Open the page on which a number is chosen, ready to be turned."""
        self._quick = QUICK[name]
        self.page_index, line = next(
            (page, line)
            for page, one in enumerate(PAGES)
            for line, item in enumerate(one.items)
            if item.name == name and self._quick[0] in {other.name for other in one.items}
        )
        self._lines[self.page_index] = line
        self.editing = True
        instrument.page = self.page_index

    def choose(self, detents: int, instrument: Instrument) -> None:
        """Turn the selected choice."""
        self._choose(detents, instrument)

    def _finish_quick(self, *, long: bool) -> Action | None:
        names, self._quick = self._quick, None
        self.editing = False
        return Action(names[long]) if names else None

    def _press(self) -> Action | None:
        if self.item.kind is not Kind.ACTION:
            self.editing = not self.editing
            return None
        # Taps were returned when the switch went down.
        return None if self.item.name in TAPS else Action(self.item.name)

    def _turn_page(self, detents: int, instrument: Instrument) -> None:
        self.editing = False
        self._quick = None
        self.page_index = (self.page_index + detents) % len(PAGES)
        instrument.page = self.page_index

    def _turn(self, event: GestureEvent, instrument: Instrument) -> Action | None:
        fast = event.time_ns - self._turned_ns < FAST_NS
        self._turned_ns = event.time_ns
        if not self.editing:
            last = len(self.page.items) - 1
            self._lines[self.page_index] = min(max(self.line + event.detents, 0), last)
        elif self.item.kind is Kind.DIAL:
            return Action(self.item.name, event.detents * (FAST if fast else 1))
        elif self.item.kind is Kind.CHOICE:
            self._choose(event.detents, instrument)
        else:
            self._change(event.detents, instrument, fast=fast)
        return None

    def _choose(self, detents: int, instrument: Instrument) -> None:
        name = self.item.name
        if name == "voice":
            instrument.select(min(max(instrument.selected + detents, 0), VOICES - 1))
        else:
            last = max(self.counts[name] - 1, 0)
            self.choices[name] = min(max(self.choices[name] + detents, 0), last)

    def _change(self, detents: int, instrument: Instrument, *, fast: bool) -> None:
        key = key_of(self.item, instrument.selected)
        self.changed = key
        value = turned(key, instrument.patch[key], detents, fast=fast)
        instrument.set_value(key, value, Source.ENCODER)


def key_of(item: Item, voice: int) -> Key:
    """Return the key of an item's value, of a voice where each voice has its own."""
    return Key(item.name, voice if BY_NAME[item.name].per_voice else 0, item.place)
