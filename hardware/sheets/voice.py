# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The sheets of the voice card, a stage to a page."""

from hardware import constants as c
from hardware.board import Board
from hardware.sheets.draw import boxed, column, jack, listed, refs, stub
from hardware.sheets.sheet import Point, Sheet


def voice_sheets(board: Board, canvas: str = "svg") -> list[Sheet]:
    """Draw the voice card."""
    sheets = [sheet(board, canvas) for sheet in (_link, _converter)]
    for unit, name in enumerate(c.DAC_OUTPUTS):
        sheet = Sheet(board, f"Voice card: {name} output", canvas)
        _output(sheet, name, unit, (0, 0))
        sheets.append(sheet)
    return [*sheets, _amplifier(board, canvas)]


def _link(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Voice card: ribbon, voice number", canvas)
    link, jumper, *capacitors = refs(board, "link")
    boxed(sheet, link, (0, 0))
    boxed(sheet, jumper, (10, 0))
    column(sheet, capacitors, (10, -5))
    return sheet


def _converter(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Voice card: reference, converter", canvas)
    reference, *capacitors = refs(board, "reference")
    boxed(sheet, reference, (0, 0))
    column(sheet, capacitors, (9, -0.5))
    dac, decoupling, pull = refs(board, "dac")
    sheet.box(dac, (0, -6.5), ["1", "2", "3", "4", "10"], ["6", "7", "8", "9"], width=3.5)
    for pin in ("1", "2", "3", "4", "10", "6", "7", "8", "9"):
        stub(sheet, dac, pin)
    column(sheet, [decoupling, pull], (9.5, -7))
    return sheet


def _amplifier(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Voice card: amplifier's supply, gate LED, test points", canvas)
    amplifier, *rails = refs(board, "amplifier")
    sheet.box(amplifier, (0, 0), ["4", "11"], [], width=2)
    for pin in ("4", "11"):
        stub(sheet, amplifier, pin)
    column(sheet, rails, (6, -0.5))
    column(sheet, refs(board, "gate_led"), (6, -4.5))
    for number, ref in enumerate(refs(board, "test")):
        listed(sheet, ref, (14, -2.2 * number), width=1.2)
    return sheet


def _output(sheet: Sheet, name: str, unit: int, at: Point) -> None:
    """Draw one stage around its amplifier, whose left edge is at `at`."""
    x, y = at
    line = name.upper()
    low, shunt, bias, ground, feedback, loop, series, socket = refs(
        sheet.board, f"output_{name}"
    )
    (amplifier, *_) = refs(sheet.board, "amplifier")
    sheet.amplifier(amplifier, unit, at)
    up, down = y + 0.625, y - 0.625
    sheet.name(f"DAC_{line}", (x - 5, down))
    sheet.part(low, (x - 5, down), (x - 2, down))
    sheet.wire((x - 2, down), (x, down))
    sheet.part(shunt, (x - 1.5, down), (x - 1.5, y - 2.6))
    sheet.name("GND", (x - 1.5, y - 2.6))
    sheet.name("+4V096", (x - 5, up))
    sheet.part(bias, (x - 5, up), (x - 2, up))
    sheet.wire((x - 2, up), (x, up))
    sheet.wire((x - 5, y + 2.2), (x - 5.4, y + 2.2), (x - 5.4, y + 1.9))
    sheet.name("GND", (x - 5.4, y + 1.9))
    sheet.part(ground, (x - 2, y + 2.2), (x - 5, y + 2.2))
    sheet.wire((x - 2, y + 2.2), (x - 1, y + 2.2), (x + 0.2, y + 2.2))
    sheet.wire((x - 1, up), (x - 1, y + 2.2), (x - 1, y + 3.6))
    sheet.part(loop, (x + 0.2, y + 2.2), (x + 2, y + 2.2))
    sheet.wire((x + 2, y + 2.2), (x + 3, y + 2.2), (x + 3, y))
    sheet.wire((x + 2.165, y), (x + 3, y))
    sheet.part(series, (x + 3, y), (x + 6, y))
    sheet.wire((x - 1, y + 3.6), (x + 1, y + 3.6))
    sheet.part(feedback, (x + 1, y + 3.6), (x + 4, y + 3.6))
    sheet.wire((x + 4, y + 3.6), (x + 6, y + 3.6), (x + 6, y))
    sheet.join((x - 1.5, down), (x - 1, up), (x - 1, y + 2.2), (x + 3, y), (x + 6, y))
    sheet.name(f"{line}_JACK", (x + 6, y + 3.6), "up")
    sheet.name(f"{line}_MINUS", (x - 1, y + 3.6), "up")
    sheet.name(f"{line}_DRIVE", (x + 3, y + 2.2), "up")
    sheet.name(f"{line}_PLUS", (x - 0.8, down), "down")
    sheet.wire((x + 6, y), (x + 6.6, y))
    jack(sheet, socket, (x + 7.1, y + 0.5), {"T": None, "S": "GND"})
