"""The output events of the engine: what to write, and when."""

from typing import NamedTuple

from firmware.engine.voice import Content

NO_VOICE = -1


class OutputEvent(NamedTuple):
    """Something to write at a time: a voice's voltages or MIDI, or (no voice) the clock line.

    `voice` is `NO_VOICE` for MIDI clock and for the clock output, whose content is a `bool`.
    """

    time_ns: int
    voice: int
    content: Content | bool


class Trims(NamedTuple):
    """How much later than its event each kind of output leaves, in nanoseconds, 0 or more."""

    cv_ns: int = 0
    midi_ns: int = 0


NO_TRIMS = Trims()
