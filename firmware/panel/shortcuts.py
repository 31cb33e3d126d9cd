"""What the buttons and shift do on every page (`ui.gestures` is their table)."""

from collections.abc import Callable, Mapping

from firmware.drivers.encoder import GestureEvent
from firmware.instrument.instrument import Instrument, Source
from firmware.instrument.parameters import Key
from firmware.panel.actions import PanelActions
from firmware.ui.gestures import ACTIONS
from firmware.ui.menu import Action, Menu


class Shortcuts:
    """Runs the gestures that mean the same on every page."""

    def __init__(self, instrument: Instrument, menu: Menu, actions: PanelActions) -> None:
        """Take what is operated."""
        self._instrument = instrument
        self._menu = menu
        self._actions = actions
        self._fills: dict[int, float] = {}
        self._table: Mapping[str, Callable[[GestureEvent], object]] = {
            "select_voice": lambda event: instrument.select(event.voice),
            "toggle_mute": lambda event: self._toggle(Key("mute", event.voice)),
            "begin_fill": self._begin_fill,
            "end_fill": self._end_fill,
            "toggle_run": lambda _: self._toggle(Key("run")),
            "tap": lambda event: actions.run(Action("tap"), event.time_ns),
            "panic": lambda event: actions.run(Action("panic"), event.time_ns),
            "choose_preset": lambda event: self._choose("preset", event),
            "choose_place": lambda event: self._choose("memory", event),
        }

    def run(self, event: GestureEvent) -> bool:
        """Run a gesture if it is one of these; return whether the menu must not see it."""
        name = ACTIONS.get((event.gesture, event.shifted))
        if name:
            self._table[name](event)
        return bool(name) or event.shifted

    def _toggle(self, key: Key) -> None:
        self._instrument.set_value(key, 1.0 - self._instrument.patch[key], Source.ENCODER)

    def _begin_fill(self, event: GestureEvent) -> None:
        key = Key("fill", event.voice)
        self._fills[event.voice] = self._instrument.patch[key]
        self._instrument.set_value(key, 1.0, Source.ENCODER)

    def _end_fill(self, event: GestureEvent) -> None:
        value = self._fills.pop(event.voice, None)
        if value is not None:
            self._instrument.set_value(Key("fill", event.voice), value, Source.ENCODER)

    def _choose(self, name: str, event: GestureEvent) -> None:
        self._menu.open_choice(name, self._instrument)
        self._menu.choose(event.detents, self._instrument)
