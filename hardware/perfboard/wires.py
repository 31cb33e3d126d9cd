# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The wires of a placed board: ground first, then each net a chain from pin to nearest pin.

Ground is a ladder of bare wires, so that each part meets it as soon as it is fitted, whatever
is still missing.
"""

import csv
import io
import math
from dataclasses import dataclass

from hardware.perfboard.place import Hole, Layout

HOLE_MM = 2.54
GROUND = "GND"
BARE = "bare wire"
"""What a ground wire leads to, in place of a designator."""


@dataclass(frozen=True, slots=True)
class End:
    """A wire's end: a pin, or a place on a bare wire, and its hole."""

    ref: str
    pin: str
    hole: Hole

    @property
    def name(self) -> str:
        """Designator and pin, as the list gives them."""
        return f"{self.ref}.{self.pin}" if self.pin else self.ref


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
    nets = {
        net: [End(ref, pin, holes[ref, pin]) for ref, pin in pins]
        for net, pins in layout.board.nets.items()
    }
    bare = _ladder(layout)
    found = bare + [Wire(GROUND, end, _nearest(end, bare)) for end in nets.pop(GROUND)]
    for net, ends in nets.items():
        found += _chain(net, ends)
    return found


def _ladder(layout: Layout) -> list[Wire]:
    """Lay bare wires along the rows between the shelves and join them along both edges."""
    left, right, top, bottom = 1, layout.columns, 2, layout.rows - 1
    rungs = [((left, row), (right, row)) for row in layout.ground_rows]
    sides = [((column, top), (column, bottom)) for column in (left, right)]
    return [Wire(GROUND, End(BARE, "", a), End(BARE, "", b)) for a, b in rungs + sides]


def _nearest(end: End, bare: list[Wire]) -> End:
    """Find the place on the bare wires that is nearest to a pin."""
    places = [
        (
            min(max(end.hole[0], wire.start.hole[0]), wire.end.hole[0]),
            min(max(end.hole[1], wire.start.hole[1]), wire.end.hole[1]),
        )
        for wire in bare
    ]
    return End(BARE, "", min(places, key=lambda place: math.dist(place, end.hole)))


def _chain(net: str, left: list[End]) -> list[Wire]:
    joined, left, found = left[:1], left[1:], []
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
    """Write the wires as CSV, ground first, net by net; a hole is column/row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("net", "from", "hole", "to", "hole", "mm"))
    for wire in wires(layout):
        ends = [
            cell
            for end in (wire.start, wire.end)
            for cell in (end.name, f"{end.hole[0]}/{end.hole[1]}")
        ]
        writer.writerow((wire.net, *ends, f"{wire.length_mm:.0f}"))
    return text.getvalue()
