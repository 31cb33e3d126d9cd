"""Tells a voice that was moved on its map from noise on what moves it.

The engine lets a step do what it did before while its probability varies a little. A move on
purpose must take effect at once, however little it changes: `Moves` counts those.
"""

from collections.abc import Iterable, Sequence
from operator import sub

from firmware.engine.state import VOICES
from firmware.instrument.preset import MapPosition

MOVE = 0.006
"""A voice that went further than this share of the travel was moved: 30 mV of 5 V. Noise of
10 mV rms stays within that behind the filter; 1/64 of the travel is 78 mV."""

_WRAP = 1 << 16


class Moves:
    """`counts` says how often each voice was moved on purpose; it wraps at 2**16."""

    def __init__(self) -> None:
        """Start where the voices are first seen."""
        self.counts = [0] * VOICES
        self._places: list[MapPosition | None] = [None] * VOICES

    def note(self, voices: Iterable[int]) -> None:
        """Count a move, however small, of voices that were set rather than turned."""
        for voice in set(voices):
            self._places[voice] = None

    def follow(self, places: Sequence[MapPosition]) -> None:
        """Count the voices that are further than `MOVE` from where they were counted last."""
        for voice, place in enumerate(places):
            last = self._places[voice]
            if last is None or _is_apart(place, last):
                self._places[voice] = place
                self.counts[voice] = (self.counts[voice] + 1) % _WRAP


def _is_apart(place: MapPosition, last: MapPosition) -> bool:
    return any(apart > MOVE or apart < -MOVE for apart in map(sub, place, last))
