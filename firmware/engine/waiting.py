"""What waits in the engine's heap, and what comes first of things at the same time.

Per voice these are the hits of one step, one end and one slide.
"""

from typing import NamedTuple

from firmware.engine.output_event import OutputEvent
from firmware.engine.sequencer import NoteOff, NoteOn, StepPlayed


class End(NamedTuple):
    """The end of a voice's note with this number."""

    voice: int
    serial: int


class Glide(NamedTuple):
    """The next step of the slide of a voice's note with this number."""

    voice: int
    serial: int


Waiting = NoteOn | NoteOff | StepPlayed | End | Glide | OutputEvent
ORDER = {End: 0, NoteOff: 1, StepPlayed: 2, NoteOn: 3, Glide: 4, OutputEvent: 5}
