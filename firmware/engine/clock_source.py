"""Makes the clock that an engine state asks for."""

from collections.abc import Callable

from firmware.engine.auto_clock import AutoClock
from firmware.engine.clock import MIDI_PPQN, Clock
from firmware.engine.external_clock import ExternalClock
from firmware.engine.internal_clock import InternalClock
from firmware.engine.state import ClockSource, EngineState

SILENCE_NS = 500_000_000
GRACE_NS = 1_000_000
"""How far a clock pulse may be from a reset and still count as the first step's."""


def clock_maker(silence_ns: int = SILENCE_NS) -> Callable[[EngineState], Clock]:
    """Return what makes a state's clock; without pulses for `silence_ns` it stops."""

    def make(state: EngineState) -> Clock:
        internal = InternalClock(state.milli_bpm)
        match state.clock_source:
            case ClockSource.INTERNAL:
                return internal
            case ClockSource.JACK:
                return _external(state, silence_ns, midi=False)
            case ClockSource.MIDI:
                return _external(state, silence_ns, midi=True)
            case ClockSource.AUTO:
                jack = _external(state, silence_ns, midi=False)
                midi = _external(state, silence_ns, midi=True)
                return AutoClock(internal, jack, midi, silence_ns)

    return make


def _external(state: EngineState, silence_ns: int, *, midi: bool) -> ExternalClock:
    return ExternalClock(
        MIDI_PPQN if midi else state.clock_in_ppqn,
        milli_bpm=state.milli_bpm,
        silence_ns=silence_ns,
        freewheel=state.freewheel,
        # In MIDI the order of the bytes decides which clock a start belongs to.
        grace_ns=0 if midi else GRACE_NS,
        exact=midi,
    )
