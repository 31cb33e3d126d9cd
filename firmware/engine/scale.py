"""Pitch arithmetic: V/oct, folding into range, and the scale quantiser."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

NOTE_0_VOLTS = 60
"""C4 is 0 V, as in VCV Rack."""

NOTE_MIN, NOTE_MAX = 24, 120
"""The notes of -3 V and +5 V, the reach of the pitch output."""

SEMITONES = 12

SCALES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "chromatic": tuple(range(SEMITONES)),
        "major": (0, 2, 4, 5, 7, 9, 11),
        "minor": (0, 2, 3, 5, 7, 8, 10),
        "dorian": (0, 2, 3, 5, 7, 9, 10),
        "phrygian": (0, 1, 3, 5, 7, 8, 10),
        "lydian": (0, 2, 4, 6, 7, 9, 11),
        "mixolydian": (0, 2, 4, 5, 7, 9, 10),
        "locrian": (0, 1, 3, 5, 6, 8, 10),
        "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
        "major pentatonic": (0, 2, 4, 7, 9),
        "minor pentatonic": (0, 3, 5, 7, 10),
        "blues": (0, 3, 5, 6, 7, 10),
        "whole tone": (0, 2, 4, 6, 8, 10),
        "octaves": (0,),
    }
)
"""Degrees in semitones above the root; an engine state holds a scale's index here."""

SCALE_NAMES = tuple(SCALES)
_DEGREES = tuple(SCALES.values())


def pitch_volts(note: float) -> float:
    """Return the V/oct voltage of a MIDI note."""
    return (note - NOTE_0_VOLTS) / SEMITONES


def fold(note: int) -> int:
    """Bring a note by octaves into the reach of the pitch output."""
    if note < NOTE_MIN:
        return note + SEMITONES * -((note - NOTE_MIN) // SEMITONES)
    if note > NOTE_MAX:
        return note - SEMITONES * -((NOTE_MAX - note) // SEMITONES)
    return note


@lru_cache(maxsize=1024)
def quantise(note: int, scale: int, root: int) -> int:
    """Return the note of the scale nearest to `note`; of two as near, the lower.

    `scale` is an index of `SCALE_NAMES`, `root` a pitch class 0..11.
    """
    octave, degree = divmod(note - root, SEMITONES)
    degrees = _DEGREES[scale]
    candidates = (*degrees, degrees[-1] - SEMITONES, degrees[0] + SEMITONES)
    nearest = min(candidates, key=lambda candidate: (abs(candidate - degree), candidate))
    return root + octave * SEMITONES + nearest
