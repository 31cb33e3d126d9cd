# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Pieces that several sheets share: named stubs, jacks, rows of capacitors."""

from collections.abc import Mapping, Sequence

from hardware.board import Board
from hardware.sheets.sheet import Point, Sheet


def refs(board: Board, block: str) -> list[str]:
    """List the designators of a stage in the order they were placed."""
    return [part.ref for part in board.block(block)]


def stub(sheet: Sheet, ref: str, number: str) -> None:
    """Lead a box's pin out by a short wire to the name of its net."""
    (pin,) = [pin for pin in sheet.pins if (pin.ref, pin.number) == (ref, number)]
    x, y = pin.at
    end = (x - 0.4 if pin.side == "left" else x + 0.4, y)
    sheet.wire((x, y), end)
    net = sheet.board.by_ref[ref].pins[number]
    if net is None:
        msg = f"{ref} pin {number} is left open; draw no wire to it"
        raise ValueError(msg)
    sheet.name(net, end, pin.side)


def jack(sheet: Sheet, ref: str, at: Point, nets: Mapping[str, str | None]) -> None:
    """Draw a jack as a box with its contacts on the left; None means that a wire is there."""
    sheet.box(ref, at, list(nets), [], width=1.6)
    for row, net in enumerate(nets.values()):
        if net is not None:
            sheet.name(net, (at[0] - 0.5, at[1] - row - 0.5))


def boxed(sheet: Sheet, ref: str, at: Point, width: float = 3.0) -> None:
    """Draw a part as a box with half of its wired pins on each side, each led to its net."""
    pins = [pin for pin, net in sheet.board.by_ref[ref].pins.items() if net is not None]
    half = (len(pins) + 1) // 2
    sheet.box(ref, at, pins[:half], pins[half:], width=width)
    for pin in pins:
        stub(sheet, ref, pin)


def listed(sheet: Sheet, ref: str, at: Point, width: float = 3.0) -> None:
    """Draw a connector as a box with every wired pin on its right."""
    pins = [pin for pin, net in sheet.board.by_ref[ref].pins.items() if net is not None]
    sheet.box(ref, at, [], pins, width=width)
    for pin in pins:
        stub(sheet, ref, pin)


def between(sheet: Sheet, ref: str, at: Point) -> None:
    """Draw a part with two pins from left to right, between the names of its nets."""
    x, y = at
    pins = sheet.board.by_ref[ref].pins
    sheet.part(ref, (x, y), (x + 2.8, y))
    sheet.name(str(pins["1"]), (x, y), "left")
    sheet.name(str(pins["2"]), (x + 2.8, y), "right")


def column(sheet: Sheet, parts: Sequence[str], at: Point, step: float = 1.5) -> None:
    """Draw parts with two pins one below the other."""
    for row, ref in enumerate(parts):
        between(sheet, ref, (at[0], at[1] - step * row))


def capacitor_row(sheet: Sheet, row: Sequence[str], at: Point) -> None:
    """Draw decoupling capacitors side by side, each between its rail and ground."""
    x, y = at
    for ref in row:
        pins = sheet.board.by_ref[ref].pins
        sheet.part(ref, (x, y), (x, y - 1.6))
        sheet.name(str(pins["1"]), (x, y), "up")
        sheet.name(str(pins["2"]), (x, y - 1.6), "down")
        x += 2.6


def shunt(sheet: Sheet, ref: str, at: Point, first: str = "1") -> None:
    """Draw a capacitor from a wire down to ground."""
    x, y = at
    sheet.part(ref, (x, y), (x, y - 1.8), first=first)
    sheet.name("GND", (x, y - 1.8))
    sheet.join(at)
