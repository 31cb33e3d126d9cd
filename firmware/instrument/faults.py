"""The current faults and how often each occurred, until they clear."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

TEXT_MAX = 120
HEAL_NS = 1_500_000_000
"""A player's counter that rests this long has cleared; the player retries missing devices once
a second."""

KINDS = {
    "dac": "a DAC does not answer; its last voltages stay",
    "midi": "MIDI does not answer",
    "message": "a message between the processes was not understood",
    "clock": "the external clock missed or doubled pulses",
    "late": "timing overrun",
    "player": "the player ended and was restarted",
    "line": "a clock or reset line does not answer",
    "realtime": "the system refuses real time or locked memory; timing may suffer",
    "adc": "knobs and CVs cannot be read; the last values stay",
    "oled": "the display does not answer",
    "encoder": "the encoder does not answer",
    "storage": "nothing can be saved",
    "state": "a file was corrupt and set aside",
    "settings": "settings.toml has mistakes; the defaults are used for those",
    "bundle": "a kit cannot be played",
    "heat": "the processor is too hot and slows down",
    "osc": "an OSC message was not understood",
}
"""Every kind of fault, and its effect."""

PLAYER_KINDS = ("dac", "midi", "message", "clock", "late", "line", "realtime")
"""The kinds that the player counts, in the order of `state.Fault`."""


@dataclass(frozen=True, slots=True)
class FaultState:
    """A kind of fault: how often it began, whether it is active, and its last text."""

    count: int = 0
    active: bool = False
    text: str = ""


class Faults:
    """All kinds of fault over time. `take_new` gives those that began since its last call."""

    def __init__(self) -> None:
        """Start without faults."""
        self._states = dict.fromkeys(KINDS, FaultState())
        self._new: list[str] = []
        self._player = (0,) * len(PLAYER_KINDS)
        self._rose_ns = [-HEAL_NS] * len(PLAYER_KINDS)

    def __getitem__(self, kind: str) -> FaultState:
        """Return the state of a kind."""
        return self._states[kind]

    @property
    def states(self) -> Mapping[str, FaultState]:
        """All kinds, in the order of `KINDS`."""
        return self._states

    @property
    def active(self) -> tuple[str, ...]:
        """The active faults, each in one line."""
        return tuple(f"{kind}: {s.text}" for kind, s in self._states.items() if s.active)

    def raise_(self, kind: str, text: str) -> None:
        """Raise a fault; raised again while it is active, it counts once."""
        before = self._states[kind]
        text = text[:TEXT_MAX]
        count = before.count + (not before.active)
        self._states[kind] = FaultState(count, active=True, text=text)
        if not before.active or before.text != text:
            self._new.append(f"{kind}: {text}")

    def note(self, kind: str, text: str) -> None:
        """Count a fault that has cleared already."""
        before = self._states[kind]
        self._states[kind] = FaultState(before.count + 1, before.active, text[:TEXT_MAX])
        self._new.append(f"{kind}: {text[:TEXT_MAX]}")

    def heal(self, kind: str) -> None:
        """Clear a fault."""
        before = self._states[kind]
        if before.active:
            self._states[kind] = FaultState(before.count, active=False, text=before.text)

    def take_player_counts(self, counts: Iterable[int], now_ns: int) -> None:
        """Take the player's counters: one that rose is a fault, one that rests has cleared.

        Counters that fell are those of a new player.
        """
        counts = tuple(counts)
        for place, (before, count) in enumerate(zip(self._player, counts, strict=True)):
            kind = PLAYER_KINDS[place]
            if count > before:
                self._rose_ns[place] = now_ns
                self.raise_(kind, KINDS[kind])
            elif now_ns - self._rose_ns[place] >= HEAL_NS:
                self.heal(kind)
        self._player = counts

    def take_new(self) -> list[str]:
        """Return the faults that began since the last call."""
        new, self._new = self._new, []
        return new
