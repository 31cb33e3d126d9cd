# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Placement on a board of holes 2.54 mm apart, stage by stage.

Everything is a through-hole part: chips in DIP, the three that exist only for surface mounting
on adapters, and what sits behind the panel on rows of pins, to be wired.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hardware.board import Board, Part

Hole = tuple[int, int]
"""Column and row, counted from 1 at the upper left of the component side."""

WIDTHS = {"main": 62, "voice": 36}
"""Columns of each board: a Eurocard, 160 mm, and a little over half of one."""

_DIP = {
    "MCP3208": 16,
    "MCP6004": 14,
    "TL074": 14,
    "74AHCT125": 14,
    "H11L1": 6,
    "REF5040": 8,
    "MCP4728": 10,
}
_TWO_LEADS = {"R": 4, "D": 4, "C": 2, "L": 2, "F": 2}
"""Holes from one lead to the other."""

_SHROUD = 2
"""Holes that a box header's end covers beyond its last pin: 5.1 mm. At the left of the rack's
header is the board's edge."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A part's size in holes, and its pins from its upper left."""

    width: int
    height: int
    pins: tuple[tuple[str, Hole], ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A part on the board: the hole of its upper left corner."""

    part: Part
    shape: Shape
    column: int
    row: int

    @property
    def holes(self) -> dict[str, Hole]:
        """The hole of each pin."""
        return {pin: (self.column + x, self.row + y) for pin, (x, y) in self.shape.pins}


@dataclass(frozen=True, slots=True)
class Zone:
    """The rectangle of a stage: column, row, width and height in holes."""

    name: str
    column: int
    row: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A placed board."""

    board: Board
    columns: int
    rows: int
    spots: tuple[Spot, ...]
    zones: tuple[Zone, ...]
    ground_rows: tuple[int, ...]
    """Between the shelves, where no part sits: room for bare wires of ground."""


def shape(part: Part) -> Shape:
    """Give the shape of a part's through-hole version."""
    if part.value in _DIP:
        return _dip(_DIP[part.value])
    if part.item.prefix in _TWO_LEADS:
        span = _TWO_LEADS[part.item.prefix]
        width = 2 if part.item.prefix in {"F", "L"} or part.value == "22u" else 1
        return Shape(width, span + 1, (("1", (0, 0)), ("2", (0, span))))
    pins = tuple(part.pins)
    if len(pins) in {10, 40}:
        return _header(pins)
    row = tuple((pin, (0, y)) for y, pin in enumerate(pins))
    return Shape(3 if part.value.startswith("TSR") else 1, len(pins), row)


def _header(pins: tuple[str, ...]) -> Shape:
    """Lay a header of two rows down, pin 1 at the left.

    Stood up, as KiCad draws `PinHeader_2xNN` and `IDC-Header_2xNN` from above, 1 is at the
    upper left and 2 to its right. The quarter turn that lays 1 at the left puts 2 above it. A
    ribbon cable keeps the numbers, with its marked edge and the socket's arrow at 1. A socket
    for a board lying face down (`PinSocket_2xNN`) is the mirror image.
    """
    places = tuple((pin, ((int(pin) - 1) // 2, int(pin) % 2)) for pin in pins)
    shroud = _SHROUD if len(pins) == 10 else 0
    return Shape(len(pins) // 2 + shroud, 2, places)


def _dip(count: int) -> Shape:
    half = count // 2
    left = [(str(n + 1), (0, n)) for n in range(half)]
    right = [(str(count - n), (3, n)) for n in range(half)]
    return Shape(4, half, tuple(left + right))


def layout(board: Board) -> Layout:
    """Place a board: parts side by side within a stage, stages side by side on shelves."""
    columns = WIDTHS[board.name]
    blocks = list(dict.fromkeys(part.block for part in board.parts))
    packed = [_pack(board.block(name)) for name in blocks]
    order = sorted(range(len(blocks)), key=lambda n: (-_size(packed[n])[1], n))
    spots: list[Spot] = []
    zones: list[Zone] = []
    ground_rows: list[int] = []
    column, row, shelf = 2, 2, 0
    for index in order:
        width, height = _size(packed[index])
        if column + width > columns:
            ground_rows.append(row + shelf)
            column, row, shelf = 2, row + shelf + 2, 0
        spots += [
            replace(spot, column=spot.column + column, row=spot.row + row)
            for spot in packed[index]
        ]
        zones.append(Zone(blocks[index], column, row, width, height))
        column, shelf = column + width + 2, max(shelf, height)
    rows = row + shelf + 1
    return Layout(board, columns, rows, tuple(spots), tuple(zones), tuple(ground_rows))


def _pack(parts: Iterable[Part]) -> list[Spot]:
    """Set a stage's parts in one row, one free column between them."""
    spots, column = [], 0
    for part in parts:
        outline = shape(part)
        spots.append(Spot(part, outline, column, 0))
        column += outline.width + 1
    return spots


def _size(spots: list[Spot]) -> tuple[int, int]:
    return (
        max(spot.column + spot.shape.width for spot in spots),
        max(spot.shape.height for spot in spots),
    )
