# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The sheets of the voice card."""

from hardware import constants as c
from hardware.board import Board
from hardware.sheets.draw import capacitor_row, jack, refs, stub
from hardware.sheets.sheet import Point, Sheet


def voice_sheets(board: Board, canvas: str = "svg") -> list[Sheet]:
    """Draw the voice card."""
    return [_converter(board, canvas), _outputs(board, canvas)]


def _converter(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Voice card: link, reference, converter", canvas)
    link, plus, minus = refs(board, "link")
    sheet.box(link, (0, 0), [], [str(pin) for pin in range(1, 9)], width=2.5)
    for number in range(1, 9):
        stub(sheet, link, str(number))
    reference, *capacitors = refs(board, "reference")
    sheet.box(reference, (9, 0), ["2", "5", "4"], ["6"])
    for pin in ("2", "5", "4", "6"):
        stub(sheet, reference, pin)
    dac, decoupling, pull = refs(board, "dac")
    sheet.box(dac, (18, 0), ["1", "2", "3", "4", "10"], ["6", "7", "8", "9"])
    for pin in ("1", "2", "3", "4", "10", "6", "7", "8", "9"):
        stub(sheet, dac, pin)
    sheet.part(pull, (25.5, -1), (25.5, -3))
    sheet.name("LDAC", (25.5, -1), "up")
    sheet.name("GND", (25.5, -3))
    amplifier, *rails = refs(board, "amplifier")
    sheet.box(amplifier, (9, -5), ["4", "11"], [])
    for pin in ("4", "11"):
        stub(sheet, amplifier, pin)
    capacitor_row(sheet, [plus, minus, *capacitors, decoupling, *rails], (0, -10))
    return sheet


def _outputs(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Voice card: outputs", canvas)
    for unit, name in enumerate(c.DAC_OUTPUTS):
        at = (17.0 * (unit % 2), -9.0 * (unit // 2))
        _output(sheet, name, unit, at)
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
