"""Handling of MIDI input: transport drives the clock, the rest is reported."""

from collections import deque

from firmware.engine.auto_clock import PULSED, AutoClock, active_source
from firmware.engine.clock import TICKS_PER_STEP
from firmware.engine.clock_output import (
    MIDI_CLOCK,
    MIDI_CONTINUE,
    MIDI_POSITION,
    MIDI_START,
    MIDI_STOP,
)
from firmware.engine.engine import Engine
from firmware.engine.state import (
    CONTROLS_MAX,
    JACK_CHANNEL,
    NOTES_MAX,
    PROGRAM,
    ClockSource,
    MidiControl,
    MidiNote,
)
from firmware.engine.voice import CONTROL_CHANGE, NOTE_ON
from firmware.midi.parser import PROGRAM_CHANGE, SYSTEM


class MidiHandler:
    """Drives the engine's clock by MIDI, and buffers controls and notes for the report.

    When more arrive than a report holds, the oldest are dropped.
    """

    def __init__(self, engine: Engine) -> None:
        self.controls: deque[MidiControl] = deque(maxlen=CONTROLS_MAX)
        self.notes: deque[MidiNote] = deque(maxlen=NOTES_MAX)
        self._engine = engine

    @property
    def has_pending(self) -> bool:
        """Something is buffered for the report."""
        return bool(self.controls or self.notes)

    def clear(self) -> None:
        """Drop what was reported."""
        self.controls.clear()
        self.notes.clear()

    def handle(self, message: bytes, now_ns: int) -> None:
        """Handle a message received now."""
        if message[0] >= SYSTEM:
            self._transport(message, now_ns)
            return
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == CONTROL_CHANGE:
            self.controls.append(MidiControl(channel, message[1], message[2]))
        elif kind == PROGRAM_CHANGE:
            self.controls.append(MidiControl(channel, PROGRAM, message[1]))
        elif kind == NOTE_ON and message[2]:
            _, note, velocity = message
            self.notes.append(MidiNote(channel, note, velocity, self._engine.tick))

    def on_clock_pulse(self) -> None:
        """Handle a pulse at the clock jack: it is a note while another clock is used."""
        if self._engine.state.clock_source not in PULSED:
            self.notes.append(MidiNote(JACK_CHANNEL, 60, 127, self._engine.tick))

    def _transport(self, message: bytes, now_ns: int) -> None:
        """Follow the MIDI master's transport, unless the module itself is stopped."""
        clock, status = self._engine.clock, message[0]
        if status == MIDI_CLOCK:
            self._clock(now_ns)
        elif status in {MIDI_START, MIDI_CONTINUE}:
            if self._engine.state.running and self._leads(now_ns):
                (clock.start if status == MIDI_START else clock.resume)(now_ns)
        elif active_source(clock, self._engine.state) not in self._leaders():
            return
        elif status == MIDI_STOP:
            clock.stop(now_ns)
        elif status == MIDI_POSITION:
            clock.locate((message[1] | message[2] << 7) * TICKS_PER_STEP, now_ns)

    def _clock(self, now_ns: int) -> None:
        clock = self._engine.clock
        if isinstance(clock, AutoClock):
            clock.midi_edge(now_ns)
        elif self._engine.state.clock_source is ClockSource.MIDI:
            clock.edge(now_ns)

    def _leads(self, now_ns: int) -> bool:
        """Return whether MIDI may start the song; an automatic clock follows it from now on."""
        clock = self._engine.clock
        if isinstance(clock, AutoClock):
            return clock.follow_midi(now_ns)
        return self._engine.state.clock_source is ClockSource.MIDI

    def _leaders(self) -> tuple[ClockSource, ...]:
        """Return the sources under which MIDI stops and moves the song."""
        if isinstance(self._engine.clock, AutoClock):
            return ClockSource.MIDI, ClockSource.INTERNAL
        return (ClockSource.MIDI,)
