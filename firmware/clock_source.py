"""From what a score says of the clock to the clock that does it."""

from collections.abc import Callable

from firmware.clock import MIDI_PPQN, Clock
from firmware.external_clock import ExternalClock
from firmware.internal_clock import InternalClock
from firmware.score import ClockSource, Score

SILENCE_NS = 500_000_000
GRACE_NS = 1_000_000
"""How far a clock may lie from a reset and still be the first step's."""


def clock_maker(silence_ns: int = SILENCE_NS) -> Callable[[Score], Clock]:
    """Give what makes a score's clock; without pulses for `silence_ns` it stops."""

    def make(score: Score) -> Clock:
        if score.clock_source is ClockSource.INTERNAL:
            return InternalClock(score.milli_bpm)
        midi = score.clock_source is ClockSource.MIDI
        return ExternalClock(
            MIDI_PPQN if midi else score.clock_in_ppqn,
            milli_bpm=score.milli_bpm,
            silence_ns=silence_ns,
            freewheel=score.freewheel,
            # In MIDI the order of the bytes says which clock a start belongs to.
            grace_ns=0 if midi else GRACE_NS,
            exact=midi,
        )

    return make
