# SPDX-License-Identifier: CERN-OHL-P-2.0
"""A schematic sheet on schemdraw that remembers where every pin, wire and name stands.

Values and pin names come from the circuit; where a pin leads comes only from what is drawn,
so that `drawn_nets` can be compared with the netlist.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import schemdraw
import schemdraw.elements as elm

from hardware.board import Board
from hardware.constants import HEADER_PINS
from hardware.main_board import AMPLIFIER_UNITS

Point = tuple[float, float]
Align = Literal["left", "center", "right"]

_ALIGN: dict[str, Align] = {"left": "right", "right": "left"}
_SYMBOLS = {
    "R": elm.ResistorIEC,
    "C": elm.Capacitor,
    "L": elm.Inductor2,
    "D": elm.Diode,
    "F": elm.FuseIEC,
}
PAGE_UNITS = (23.38, 16.54)
"""A4 across, at half an inch to a unit."""
FRAME_UNITS = 0.7
"""From the edge of the page to its frame."""
REVISION = "1"
_UNIT_POINTS = 36.0


@dataclass(frozen=True, slots=True)
class Box:
    """The rectangle around a text."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin of a part, where it is drawn."""

    ref: str
    number: str
    at: Point
    side: str = ""
    """Of a box: left or right."""


@dataclass
class Sheet:
    """One page. Points are (x, y) in schemdraw's units, y upwards."""

    board: Board
    title: str
    canvas: str = "svg"
    pins: list[Pin] = field(default_factory=list)
    wires: list[tuple[Point, Point]] = field(default_factory=list)
    names: list[tuple[str, Point]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """What is written beside each part, by designator."""
    boxes: list[Box] = field(default_factory=list)
    """Around every text of the page."""

    def __post_init__(self) -> None:
        self.drawing = schemdraw.Drawing(canvas=self.canvas, show=False)
        self.drawing.config(fontsize=9, lw=1.2)

    def part(self, ref: str, start: Point, end: Point, *, first: str = "1") -> None:
        """Draw a part with two pins; `first` is the pin at the start."""
        part = self.board.by_ref[ref]
        other = "2" if first == "1" else "1"
        # A diode symbol points from anode, pin 2, to cathode, pin 1.
        ends = (end, start) if part.item.prefix == "D" and first == "1" else (start, end)
        kind = elm.LED if "LED" in part.value else _SYMBOLS[part.item.prefix]
        symbol = kind().at(ends[0]).to(ends[1])
        placed = self._place(symbol.scale(0.8))
        absolute = _anchors(placed, "start", "end")
        if ends[0] != start:
            absolute.reverse()
        self.pins += [Pin(ref, first, absolute[0]), Pin(ref, other, absolute[1])]
        self._beside(ref, start, end)

    def amplifier(self, ref: str, unit: int, at: Point) -> None:
        """Draw one amplifier of a quad, its inverting input at the upper left."""
        symbol = self._place(elm.Opamp().at(at).theta(0))
        out, minus, plus = AMPLIFIER_UNITS[unit]
        spots = _anchors(symbol, "out", "in1", "in2")
        self.pins += [
            Pin(ref, n, spot) for n, spot in zip((out, minus, plus), spots, strict=True)
        ]
        self._write(f"{ref}{'ABCD'[unit]}", (at[0] + 1.4, at[1] - 0.95))
        for number, (x, y) in zip((out, minus, plus), spots, strict=True):
            self._write(number, (x + (0.12 if number == out else -0.15), y + 0.12), size=6)
        self.texts[ref] = self.board.by_ref[ref].value

    def box(
        self,
        ref: str,
        at: Point,
        left: Iterable[str],
        right: Iterable[str] = (),
        width: float = 4,
    ) -> None:
        """Draw a part as a box; pin numbers from top to bottom. `at` is its upper left."""
        part = self.board.by_ref[ref]
        sides = {"left": list(left), "right": list(right)}
        rows = max(len(pins) for pins in sides.values())
        x, y = at
        corners = ((x, y), (x + width, y), (x + width, y - rows), (x, y - rows), (x, y))
        for start, end in pairwise(corners):
            self._place(elm.Line().at(start).to(end))
        for side, pins in sides.items():
            for row, number in enumerate(pins):
                self._box_pin(ref, number, (x, y - row - 0.5), side, width)
        self.texts[ref] = part.value
        self._write(f"{ref}  {part.value}", (x + width / 2, y + 0.2))

    def wire(self, *points: Point) -> None:
        """Draw a line through points."""
        for start, end in pairwise(points):
            placed = self._place(elm.Line().at(start).to(end))
            first, second = _anchors(placed, "start", "end")
            self.wires.append((first, second))

    def join(self, *points: Point) -> None:
        """Mark where wires meet."""
        for point in points:
            self._place(elm.Dot(radius=0.05).at(point))

    def name(self, net: str, at: Point, side: str = "left") -> None:
        """Name the net at a point; the text stands on that side of it."""
        self.names.append((net, at))
        if net == "GND":
            self._place(elm.Ground().at(at).theta(0).scale(0.6))
            return
        x, y = at
        shift = {"left": (-0.1, 0), "right": (0.1, 0), "up": (0, 0.1), "down": (0, -0.5)}[side]
        align = _ALIGN.get(side, "center")
        self._write(net, (x + shift[0], y + shift[1]), align=align, colour="#1a4f8a")

    def frame(self, number: int, pages: int) -> None:
        """Draw the frame of an A4 page around everything drawn so far, and its title."""
        box = self.drawing.get_bbox()
        width, height = PAGE_UNITS
        left = (box.xmin + box.xmax - width) / 2
        bottom = (box.ymin + box.ymax - height) / 2
        edge = FRAME_UNITS
        self._rectangle(left, bottom, left + width, bottom + height, "white")
        left, bottom = left + edge, bottom + edge
        right, top = left + width - 2 * edge, bottom + height - 2 * edge
        self._rectangle(left, bottom, right, top, "black")
        self._rectangle(right - 9.0, bottom, right, bottom + 1.5, "black")
        lines = (self.title, f"Ex Nihilo, revision {REVISION}, page {number} of {pages}")
        for row, line in enumerate(lines):
            at = (right - 8.8, bottom + 0.9 - 0.65 * row)
            self._write(line, at, size=10 - 2 * row, align="left")

    def fits(self) -> bool:
        """Tell whether the drawing leaves its page's frame and title free."""
        box = self.drawing.get_bbox()
        width, height = PAGE_UNITS
        across, up = box.xmax - box.xmin, box.ymax - box.ymin
        return bool(across < width - 2 * FRAME_UNITS and up < height - 2 * FRAME_UNITS - 3.0)

    def _rectangle(
        self, left: float, bottom: float, right: float, top: float, colour: str
    ) -> None:
        corners = ((left, bottom), (right, bottom), (right, top), (left, top), (left, bottom))
        for start, end in pairwise(corners):
            self._place(elm.Line().at(start).to(end).color(colour).linewidth(0.8))

    def _box_pin(self, ref: str, number: str, row: Point, side: str, width: float) -> None:
        x, y = row
        inner, outer = (x, x - 0.5) if side == "left" else (x + width, x + width + 0.5)
        placed = self._place(elm.Line().at((inner, y)).to((outer, y)))
        tip = _anchors(placed, "end")[0]
        self.pins.append(Pin(ref, number, tip, side))
        inside = 0.12 if side == "left" else -0.12
        align: Align = "left" if side == "left" else "right"
        self._write(_pin_name(self.board, ref, number), (inner + inside, y - 0.1), align=align)
        self._write(number, ((inner + outer) / 2, y + 0.08), size=6)

    def _beside(self, ref: str, start: Point, end: Point) -> None:
        part = self.board.by_ref[ref]
        self.texts[ref] = part.value
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        if start[1] == end[1]:
            self._write(f"{ref}  {part.value}", (x, y + 0.32))
        else:
            self._write(f"{ref}\n{part.value}", (x + 0.35, y - 0.1), align="left")

    def _write(
        self,
        text: str,
        at: Point,
        *,
        size: int = 8,
        align: Align = "center",
        colour: str = "black",
    ) -> None:
        wide = 0.6 * size * max(map(len, text.split("\n"))) / _UNIT_POINTS
        high = 1.15 * size * (text.count("\n") + 1) / _UNIT_POINTS
        left = at[0] - {"left": 0.0, "center": 0.5, "right": 1.0}[align] * wide
        self.boxes.append(Box(text, left, at[1], left + wide, at[1] + high))
        label = (
            elm.Label()
            .at(at)
            .theta(0)
            .label(text, fontsize=size, halign=align, valign="bottom")
        )
        self._place(label.color(colour))

    def _place(self, element: Any) -> Any:
        return self.drawing.add(element)


def _anchors(element: Any, *names: str) -> list[Point]:
    found = (element.absanchors[name] for name in names)
    return [(round(float(x), 3), round(float(y), 3)) for x, y in found]


_PIN_NAMES = {
    "MCP3208": "CH0 CH1 CH2 CH3 CH4 CH5 CH6 CH7 DGND CS DIN DOUT CLK AGND VREF VDD",
    "MCP4728": "VDD SCL SDA LDAC RDY VOUTA VOUTB VOUTC VOUTD VSS",
    "REF5040": "DNC VIN TEMP GND TRIM/NR VOUT NC DNC",
    "REF3033": "IN OUT GND",
    "TSR 1-2450": "VIN GND VOUT",
    "74AHCT125": "1OE 1A 1Y 2OE 2A 2Y GND 3Y 3A 3OE 4Y 4A 4OE VCC",
    "H11L1": "A K - OUT GND VCC",
    "AO3401A": "G S D",
    "BSS138": "G S D",
    "BCM857BS": "E1 B1 C2 E2 B2 C1",
    "MCP1700-3302": "GND OUT IN",
    "OLED SSD1306 SPI": "GND VCC D0 D1 RES DC CS",
}
"""Pin functions in order of number, as printed inside the boxes."""


_GPIO_NAMES = {pin: f"GPIO{line}" for line, pin in HEADER_PINS.items()}


def _pin_name(board: Board, ref: str, number: str) -> str:
    """Name a pin's function; a connector's pins have none but their net."""
    value = board.by_ref[ref].value
    if value in _PIN_NAMES:
        return _PIN_NAMES[value].split()[int(number) - 1]
    if value in {"TL074", "MCP6004"}:
        return {"4": "V+", "11": "V-"}[number]
    if value == "Raspberry Pi":
        return _GPIO_NAMES.get(int(number), "")
    return {"T": "tip", "R": "ring", "S": "sleeve", "TN": "switch"}.get(number, number)
