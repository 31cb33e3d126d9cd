"""One voice's outputs: from notes to channel voltages and MIDI messages.

A voice writes nothing itself: it returns what is to be written, in order.
"""

from typing import NamedTuple

from firmware.engine.scale import pitch_volts
from firmware.engine.sequencer import NoteOn

GATE_VOLTS = 5.0
VELOCITY_VOLTS = 5.0
SLIDE_NS = 60_000_000
SLIDE_STEP_NS = 2_000_000
"""The length of a slide's steps: too short to hear, long enough for the bus."""

NOTE_OFF, NOTE_ON, CONTROL_CHANGE = 0x80, 0x90, 0xB0
ALL_NOTES_OFF = 123


class Levels(NamedTuple):
    """The four voltages of a voice, in the order of the DAC's channels A to D."""

    pitch: float = 0.0
    velocity: float = 0.0
    accent: float = 0.0
    gate: float = 0.0


class Slide(NamedTuple):
    """A pitch on its way, in volts, from `start_ns` on."""

    from_volts: float
    to_volts: float
    start_ns: int

    def volts(self, now_ns: int) -> float:
        """Return the pitch at a time: a straight line in volts, so even in semitones."""
        share = min(max((now_ns - self.start_ns) / SLIDE_NS, 0.0), 1.0)
        return self.from_volts + (self.to_volts - self.from_volts) * share


SILENT = Levels()

Content = Levels | bytes
"""An output of a voice: all its voltages, or one MIDI message."""


class Voice:
    """The state of one voice's jacks and of its note on MIDI channel `channel` (from 0).

    `serial` counts notes, so that the end of a note does not end a later one.
    """

    def __init__(self, channel: int) -> None:
        """Begin silent, at 0 V."""
        self.levels = SILENT
        self.serial = 0
        self.slide: Slide | None = None
        self._channel = channel
        self._note: int | None = None

    @property
    def sounding(self) -> bool:
        """Return whether the gate is up."""
        return self._note is not None

    def play(self, event: NoteOn, now_ns: int) -> list[Content]:
        """Sound a note; an untied one that finds the gate up lets it fall first.

        All four channels go out in one write whose last is the gate, so pitch, velocity and
        accent stand before it rises.
        """
        contents = [] if event.tied else self.release()
        contents += self._end_note()
        pitch = pitch_volts(event.note)
        slide = Slide(self.levels.pitch, pitch, now_ns) if event.slide else None
        self.serial += 1
        self.slide = slide
        self._note = event.note
        self.levels = levels_of(event)
        if slide:
            self.levels = self.levels._replace(pitch=slide.from_volts)
        note_on = bytes((NOTE_ON | self._channel, event.note, seven_bits(event.velocity)))
        return [*contents, self.levels, note_on]

    def release(self) -> list[Content]:
        """Lower the gate and the accent; the pitch holds."""
        if not self.sounding:
            return []
        self.levels = self.levels._replace(accent=0.0, gate=0.0)
        return [self.levels, *self._end_note()]

    def silence(self) -> list[Content]:
        """Set all voltages to 0 V and end all notes on the channel, known or not."""
        contents = self._end_note()
        self.serial += 1
        self.slide = None
        self.levels = SILENT
        return [*contents, SILENT, bytes((CONTROL_CHANGE | self._channel, ALL_NOTES_OFF, 0))]

    def glide(self, now_ns: int) -> list[Content]:
        """Go one step of a slide; the last one clears `slide`."""
        if self.slide is None:
            return []
        volts = self.slide.volts(now_ns)
        if volts == self.slide.to_volts:
            self.slide = None
        self.levels = self.levels._replace(pitch=volts)
        return [self.levels]

    def _end_note(self) -> list[Content]:
        if self._note is None:
            return []
        note_off = bytes((NOTE_OFF | self._channel, self._note, 0))
        self._note = None
        return [note_off]


def levels_of(event: NoteOn) -> Levels:
    """Return the voltages at which a note begins that does not slide."""
    return Levels(
        pitch_volts(event.note),
        VELOCITY_VOLTS * event.velocity,
        GATE_VOLTS if event.accent else 0.0,
        GATE_VOLTS,
    )


def seven_bits(velocity: float) -> int:
    """Return MIDI's velocity of 0..1: never 0, which would end the note (section 5.2)."""
    return max(1, round(127 * velocity))
