"""Musical time: ticks, the interface of a clock, and the arithmetic of tempo.

A clock turns nanoseconds, passed to it, into ticks. `InternalClock` counts by itself;
`ExternalClock` follows pulses, from the jack or from MIDI (24 to the quarter note). The player
holds one of them and, whatever woke it, does three things: passes on what came in, takes the
ticks of `advance`, and sleeps until `next_deadline_ns`.

Time is an argument everywhere: integer nanoseconds of one monotonic clock.
"""

from dataclasses import dataclass
from typing import Protocol

from firmware.errors import UserError

TICKS_PER_QUARTER = 96
TICKS_PER_STEP = 24
"""A sixteenth note; also one unit of MIDI's song position pointer."""

PPQNS = (1, 2, 4, 8, 24, 48)
"""Pulses per quarter note of the clock jacks."""
MIDI_PPQN = 24

MILLI_BPM_MIN = 20_000
MILLI_BPM_MAX = 300_000

_TICK_NS_MILLI_BPM = 60 * 1_000_000_000 * 1000 // TICKS_PER_QUARTER
"""Length of a tick in nanoseconds, times the tempo in thousandths of a beat per minute."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick that is due.

    `index` counts from the start of the song, `time_ns` is when it was due, `period_ns` how
    long a tick lasts at this tempo. Each index follows the one before it, except after a
    start, reset or locate, and when an external clock finds that it had run ahead (`Faults`).
    A player that gets another index than the one after the last ends what sounds.
    """

    index: int
    time_ns: int
    period_ns: int


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults of an external clock's pulses, counted while it was running."""

    missed: int = 0
    """Missing pulses, played through."""
    doubled: int = 0
    """Second pulses right after a first, ignored."""
    outliers: int = 0
    """Pulses at no plausible place, ignored."""
    reread: int = 0
    """Times that pulses played through were not missing: the song went back to the count."""


class Clock(Protocol):
    """The clock as the player uses it, internal or external."""

    @property
    def running(self) -> bool:
        """Started and not stopped."""

    @property
    def waiting(self) -> bool:
        """No tick will come before a pulse does; nothing should go on sounding."""

    @property
    def locked(self) -> bool:
        """The tempo is known rather than assumed."""

    @property
    def milli_bpm(self) -> int:
        """Tempo in thousandths of a quarter note per minute."""

    @property
    def faults(self) -> Faults:
        """The faults of the pulses so far."""

    @property
    def lead_ns(self) -> int:
        """How long before their time ticks may be played out: 0 if a pulse may change them."""

    @property
    def next_index(self) -> int:
        """The song position of the next tick, unless a command or a pulse changes it."""

    @property
    def next_tick_ns(self) -> int | None:
        """When the next tick is due; None if only a pulse or a command can bring one."""

    @property
    def next_pulse_ns(self) -> int | None:
        """When the pulse is expected that plays at once; None if none is."""

    def expects(self, time_ns: int) -> bool:
        """Return whether a pulse at `time_ns` would certainly play the next tick at once."""

    @property
    def next_deadline_ns(self) -> int | None:
        """When to call `advance` next; None when only a pulse or a command can bring a tick."""

    def deadline_ns_of(self, index: int) -> int | None:
        """Return when to call `advance` next if no tick before `index` matters."""

    def start(self, now_ns: int) -> None:
        """Play from tick 0: at once, or with the next pulse."""

    def stop(self, now_ns: int) -> None:
        """Return no more ticks; the song position stays."""

    def resume(self, now_ns: int) -> None:
        """Play on from the song position: at once, or with the next pulse."""

    def locate(self, index: int, now_ns: int) -> None:
        """Go to a song position in ticks; playing or not stays as it is."""

    def reset(self, now_ns: int, *, immediate: bool = False) -> None:
        """Go to tick 0 with the next tick or pulse, or at once if `immediate`."""

    def set_tempo(self, milli_bpm: int, now_ns: int) -> None:
        """Set the tempo, or the one to assume until pulses give it. Raises `TempoError`."""

    def edge(self, time_ns: int) -> None:
        """Take a clock pulse that came at `time_ns`, now or a little earlier."""

    def advance(self, now_ns: int) -> list[Tick]:
        """Return the ticks due by `now_ns`, oldest first, each once, in order of time."""


class TempoError(UserError, ValueError):
    """A tempo out of range."""


def checked_tempo(milli_bpm: int) -> int:
    """Return the tempo. Raises `TempoError` outside 20 to 300 BPM."""
    if not MILLI_BPM_MIN <= milli_bpm <= MILLI_BPM_MAX:
        raise TempoError(f"tempo {milli_bpm / 1000:g} BPM: choose one from 20 to 300")
    return milli_bpm


def ticks_ns(ticks: int, milli_bpm: int) -> int:
    """Length of so many ticks at a tempo, in nanoseconds, rounded down once."""
    return ticks * _TICK_NS_MILLI_BPM // milli_bpm


def tempo_of(ticks: int, length_ns: int) -> int:
    """Tempo in milli-BPM at which so many ticks last `length_ns`, rounded to nearest."""
    return (ticks * _TICK_NS_MILLI_BPM + length_ns // 2) // length_ns


def starts_pulse(index: int, ppqn: int) -> bool:
    """Return whether a clock output of `ppqn` (a divisor of 96) rises on this tick."""
    return index % (TICKS_PER_QUARTER // ppqn) == 0
