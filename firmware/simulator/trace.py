"""Traces of the jacks: per DAC every change of its four voltages, in order."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

GATE_HIGH_VOLTS = 2.5
"""Above this a gate or an accent is high."""


class Sample(NamedTuple):
    """Jack volts of pitch, velocity, accent and gate from a time on."""

    time_ns: int
    volts: tuple[float, float, float, float]


class CvNote(NamedTuple):
    """A gate, with the voltages that stood when it rose."""

    start_ns: int
    end_ns: int
    pitch_volts: float
    velocity_volts: float
    accent: bool


Trace = Sequence[Sample]
"""Samples by ascending time; each holds until the next."""


def cv_notes(trace: Iterable[Sample], end_ns: int) -> list[CvNote]:
    """Read the notes that a voice played until a time; a gate still up ends there."""
    notes: list[CvNote] = []
    rise: Sample | None = None
    for sample in trace:
        if sample.time_ns >= end_ns:
            break
        up = sample.volts[3] > GATE_HIGH_VOLTS
        if up and rise is None:
            rise = sample
        elif not up and rise is not None:
            notes.append(_note(rise, sample.time_ns))
            rise = None
    return notes if rise is None else [*notes, _note(rise, end_ns)]


def _note(rise: Sample, end_ns: int) -> CvNote:
    pitch, velocity, accent, _ = rise.volts
    return CvNote(rise.time_ns, end_ns, pitch, velocity, accent > GATE_HIGH_VOLTS)
