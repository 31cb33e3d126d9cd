# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The wires of a placed board: each net a chain from pin to nearest pin."""

import csv
import io
import math
from dataclasses import dataclass

from hardware.perfboard.place import Hole, Layout

HOLE_MM = 2.54


@dataclass(frozen=True, slots=True)
class End:
    """A wire's end: a pin and its hole."""

    ref: str
    pin: str
    hole: Hole


@dataclass(frozen=True, slots=True)
class Wire:
    """A wire of a net."""

    net: str
    start: End
    end: End

    @property
    def length_mm(self) -> float:
        """From hole to hole, without the slack."""
        return HOLE_MM * math.dist(self.start.hole, self.end.hole)


def wires(layout: Layout) -> list[Wire]:
    """Join every net of a board."""
    holes = {
        (spot.part.ref, pin): hole for spot in layout.spots for pin, hole in spot.holes.items()
    }
    found: list[Wire] = []
    for net, pins in layout.board.nets.items():
        left = [End(ref, pin, holes[ref, pin]) for ref, pin in pins]
        joined = [left.pop(0)]
        while left:
            start, end = min(
                ((a, b) for a in joined for b in left),
                key=lambda pair: (math.dist(pair[0].hole, pair[1].hole), pair[1].ref),
            )
            found.append(Wire(net, start, end))
            left.remove(end)
            joined.append(end)
    return found


def wire_list(layout: Layout) -> str:
    """Write the wires as CSV, net by net; a hole is column/row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("net", "from", "hole", "to", "hole", "mm"))
    for wire in wires(layout):
        ends = [
            cell
            for end in (wire.start, wire.end)
            for cell in (f"{end.ref}.{end.pin}", f"{end.hole[0]}/{end.hole[1]}")
        ]
        writer.writerow((wire.net, *ends, f"{wire.length_mm:.0f}"))
    return text.getvalue()
