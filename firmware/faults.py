"""What is wrong now and how often it went wrong: counted, shown, and gone when it heals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

TEXT_MAX = 120
HEAL_NS = 1_500_000_000
"""A count of the player's that rests so long has healed; the player tries what is missing
again once a second."""

KINDS = {
    "dac": "a DAC does not answer; its last voltages stay",
    "midi": "MIDI does not answer",
    "message": "a message between the processes was not understood",
    "clock": "the external clock missed or doubled pulses",
    "late": "the player came too late",
    "player": "the player ended and was started again",
    "line": "a clock or reset line does not answer",
    "adc": "knobs and CVs cannot be read; the last values stay",
    "oled": "the display does not answer",
    "encoder": "the encoder does not answer",
    "storage": "nothing can be saved",
    "state": "a file was corrupt and set aside",
    "settings": "settings.toml has mistakes; those are at their defaults",
    "bundle": "a bundle cannot be played",
    "heat": "the processor is too hot and slows down",
    "osc": "an OSC message was not understood",
}
"""Every kind of fault, and what it means for the music."""

PLAYER_KINDS = ("dac", "midi", "message", "clock", "late", "line")
"""The kinds that the player counts, in the order of `score.Fault`."""


@dataclass(frozen=True, slots=True)
class FaultState:
    """A kind of fault: how often it began, whether it is there now, and what was said last."""

    count: int = 0
    active: bool = False
    text: str = ""


class Faults:
    """All kinds of fault over time. `news` holds what began since it was last taken."""

    def __init__(self) -> None:
        """Begin well."""
        self._states = dict.fromkeys(KINDS, FaultState())
        self._news: list[str] = []
        self._player = (0,) * len(PLAYER_KINDS)
        self._rose_ns = [-HEAL_NS] * len(PLAYER_KINDS)

    def __getitem__(self, kind: str) -> FaultState:
        """Give the state of a kind."""
        return self._states[kind]

    @property
    def states(self) -> Mapping[str, FaultState]:
        """All kinds, in the order of `KINDS`."""
        return self._states

    @property
    def active(self) -> tuple[str, ...]:
        """What is wrong now, each in one line."""
        return tuple(f"{kind}: {s.text}" for kind, s in self._states.items() if s.active)

    def raise_(self, kind: str, text: str) -> None:
        """Say that something is wrong; said again while it lasts, it counts once."""
        before = self._states[kind]
        text = text[:TEXT_MAX]
        count = before.count + (not before.active)
        self._states[kind] = FaultState(count, active=True, text=text)
        if not before.active or before.text != text:
            self._news.append(f"{kind}: {text}")

    def note(self, kind: str, text: str) -> None:
        """Say that something went wrong once and is over."""
        before = self._states[kind]
        self._states[kind] = FaultState(before.count + 1, before.active, text[:TEXT_MAX])
        self._news.append(f"{kind}: {text[:TEXT_MAX]}")

    def heal(self, kind: str) -> None:
        """Say that it works."""
        before = self._states[kind]
        if before.active:
            self._states[kind] = FaultState(before.count, active=False, text=before.text)

    def take_player_counts(self, counts: Iterable[int], now_ns: int) -> None:
        """Take the player's counters: what rose is wrong, what rests a second has healed.

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

    def take_news(self) -> list[str]:
        """Give what began since the last call."""
        news, self._news = self._news, []
        return news
