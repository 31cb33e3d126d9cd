# SPDX-License-Identifier: CERN-OHL-P-2.0
"""What is printed on the panel beside its words: plates, scales, rhythms and the bottom row.

A plate lies behind everything that is an output. Printing is plain silkscreen: lines and dots
that every board maker can print, nothing under 0.2 mm.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle, by its centre."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A printed disc."""

    x: float
    y: float
    radius: float
    cleared: bool = False
    """Left out of a plate instead of printed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line."""

    start: tuple[float, float]
    end: tuple[float, float]
    width: float


SCALE_MM = (8.5, 9.2)
"""Inner and outer end of a knob's scale, from the middle of the knob."""
_SWEEP_DEGREES, _SCALE_STEPS = 300, 10

RING_MM = 7.1
"""Radius of the rhythm around a voice's number."""
RHYTHMS = ("x...x...x...x...", "x..x..x...x.x...", "x.xx.x.xx.xx.x.x")
"""One for each voice: from even to syncopated, from sparse to dense."""

DETENT_MM = 9.0
_DETENTS = 24

_ROW_STEP_MM, _ROW_LARGEST_MM, _ROW_SMALLEST_MM = 2.54, 0.75, 0.1


def scale(x: float, y: float) -> list[Line]:
    """Draw the scale of a knob, from seven o'clock to five."""
    found = []
    for step in range(_SCALE_STEPS + 1):
        angle = math.radians(90 + _SWEEP_DEGREES / 2 - _SWEEP_DEGREES * step / _SCALE_STEPS)
        inner, outer = SCALE_MM
        long = step in {0, _SCALE_STEPS // 2, _SCALE_STEPS}
        ends = (inner, outer + 0.5 * long)
        start, end = (
            (round(x + r * math.cos(angle), 3), round(y + r * math.sin(angle), 3)) for r in ends
        )
        found.append(Line(start, end, 0.45 if long else 0.25))
    return found


def detents(x: float, y: float) -> list[Dot]:
    """Draw a ring of small dots around an encoder, which has no ends."""
    return [_on_ring(x, y, DETENT_MM, step / _DETENTS, 0.22) for step in range(_DETENTS)]


def rhythm(x: float, y: float, voice: int) -> list[Dot]:
    """Draw a rhythm of sixteen steps as a ring on a voice's plate, the first step on top."""
    steps = RHYTHMS[voice]
    return [
        _on_ring(x, y, RING_MM, step / len(steps), 0.95 if on == "x" else 0.35, cleared=True)
        for step, on in enumerate(steps)
    ]


def _on_ring(
    x: float, y: float, ring: float, turn: float, radius: float, *, cleared: bool = False
) -> Dot:
    angle = math.radians(90 - 360 * turn)
    place = (round(x + ring * math.cos(angle), 3), round(y + ring * math.sin(angle), 3))
    return Dot(*place, radius, cleared)


def out_of_nothing(left: float, right: float, y: float) -> list[Dot]:
    """Draw the bottom row: from nothing on the left to every step on the right."""
    count = int((right - left) / _ROW_STEP_MM) + 1
    margin = (right - left - (count - 1) * _ROW_STEP_MM) / 2
    found = []
    for step in range(count):
        weight = (1.0, 0.3, 0.6, 0.3)[step % 4]
        growth = (step / (count - 1)) ** 1.5
        radius = round(_ROW_LARGEST_MM * growth ** (1.6 - weight), 3)
        if radius >= _ROW_SMALLEST_MM:
            found.append(Dot(round(left + margin + step * _ROW_STEP_MM, 3), y, radius))
    return found
