"""Clock for other devices: MIDI clock, and pulses on the clock output."""

from collections.abc import Iterator

from firmware.engine.clock import (
    MIDI_PPQN,
    TICKS_PER_QUARTER,
    TICKS_PER_STEP,
    Tick,
    starts_pulse,
)
from firmware.engine.output_event import NO_VOICE, OutputEvent, Trims
from firmware.engine.state import ClockOut, EngineState

MIDI_POSITION, MIDI_CLOCK, MIDI_START, MIDI_CONTINUE, MIDI_STOP = 0xF2, 0xF8, 0xFA, 0xFB, 0xFC
PULSE_NS = 5_000_000


class ClockOutput:
    """Sends the song position; the only state is whether the start was announced."""

    def __init__(self, trims: Trims) -> None:
        """Begin stopped."""
        self._trims = trims
        self._announced = False

    def tick(self, tick: Tick, state: EngineState) -> Iterator[OutputEvent]:
        """Return the output events of a tick."""
        if starts_pulse(tick.index, MIDI_PPQN):
            yield from (self._midi(tick, data) for data in self._clock_messages(tick.index))
        if state.clock_out is ClockOut.CLOCK:
            if starts_pulse(tick.index, state.clock_out_ppqn):
                yield from self._pulse(tick.time_ns)
        elif state.clock_out is ClockOut.RESET and tick.index == 0:
            yield from self._pulse(tick.time_ns)

    def next_index(self, index: int, state: EngineState) -> int:
        """Return the first tick from `index` on that may have output events."""
        every = TICKS_PER_QUARTER // max(MIDI_PPQN, state.clock_out_ppqn)
        return -(-index // every) * every

    def cycle(self, time_ns: int, state: EngineState) -> Iterator[OutputEvent]:
        """Return the output events when the first voice restarts its pattern."""
        if state.clock_out is ClockOut.END_OF_CYCLE:
            yield from self._pulse(time_ns)

    def stop(self, now_ns: int) -> OutputEvent:
        """Return the output event when playing stops."""
        self._announced = False
        return OutputEvent(now_ns, NO_VOICE, bytes((MIDI_STOP,)))

    def _clock_messages(self, index: int) -> Iterator[bytes]:
        """Return the clock, after a start on tick 0 or a continue on the first sixteenth."""
        if index == 0:
            yield bytes((MIDI_START,))
            self._announced = True
        elif not self._announced and index % TICKS_PER_STEP == 0:
            sixteenths = index // TICKS_PER_STEP
            yield bytes((MIDI_POSITION, sixteenths & 0x7F, sixteenths >> 7 & 0x7F))
            yield bytes((MIDI_CONTINUE,))
            self._announced = True
        yield bytes((MIDI_CLOCK,))

    def _midi(self, tick: Tick, data: bytes) -> OutputEvent:
        return OutputEvent(tick.time_ns + self._trims.midi_ns, NO_VOICE, data)

    def _pulse(self, time_ns: int) -> Iterator[OutputEvent]:
        """Raise the clock output, and lower it 5 ms later."""
        start_ns = time_ns + self._trims.cv_ns
        yield OutputEvent(start_ns, NO_VOICE, content=True)
        yield OutputEvent(start_ns + PULSE_NS, NO_VOICE, content=False)
