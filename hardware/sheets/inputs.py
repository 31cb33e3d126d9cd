# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The sheets of the main board's inputs: CV, bias, clock and reset."""

from hardware.board import Board
from hardware.main_board import CV_INPUTS
from hardware.sheets.draw import capacitor_row, refs, shunt, stub
from hardware.sheets.sheet import Point, Sheet


def input_sheets(board: Board, canvas: str = "svg") -> list[Sheet]:
    """Draw a page for each input, then the bias and the amplifiers' supply."""
    sheets = []
    for number, name in enumerate(CV_INPUTS):
        sheet = Sheet(board, f"Main board: {_title(name)}", canvas)
        _cv_input(sheet, name, number, (0, 0))
        sheets.append(sheet)
    for unit, name in ((2, "clock_in"), (3, "reset_in")):
        sheet = Sheet(board, f"Main board: {_title(name)}", canvas)
        _clock_input(sheet, name, unit, (0, 0))
        sheets.append(sheet)
    return [*sheets, _bias_sheet(board, canvas)]


def _title(name: str) -> str:
    kind, _, rest = name.partition("_")
    return f"CV input {rest.replace('_', ' ')}" if kind == "cv" else name.replace("_", " ")


def _bias_sheet(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: bias, amplifiers' supply", canvas)
    amplifiers = [ref for ref in refs(board, "amplifiers") if ref.startswith("U")]
    capacitors = [ref for ref in refs(board, "amplifiers") if ref.startswith("C")]
    _bias(sheet, amplifiers[1], (0, 0))
    for column, ref in enumerate(amplifiers):
        sheet.box(ref, (8.0 + 6 * column, -2), ["4", "11"], width=2)
        for pin in ("4", "11"):
            stub(sheet, ref, pin)
    capacitor_row(sheet, capacitors, (9, -7))
    return sheet


def _cv_input(sheet: Sheet, name: str, number: int, at: Point) -> None:
    """Draw one CV input around its amplifier, whose left edge is at `at`."""
    x, y = at
    line = name.upper()
    socket, into, feedback, filter_, series, pin = refs(sheet.board, name)
    amplifiers = [ref for ref in refs(sheet.board, "amplifiers") if ref.startswith("U")]
    sheet.amplifier(amplifiers[number // 4], number % 4, at)
    up, down = y + 0.625, y - 0.625
    sheet.box(socket, (x - 8.3, up + 0.5), [], ["T", "TN", "S"], width=1.6)
    sheet.wire((x - 6.2, up), (x - 4.8, up))
    sheet.name(f"{line}_JACK", (x - 4.9, up), "down")
    for row in (1, 2):
        sheet.name("GND", (x - 6.2, up - row))
    sheet.part(into, (x - 4.8, up), (x - 2, up))
    sheet.wire((x - 2, up), (x - 1, up), (x, up))
    sheet.wire((x - 1, up), (x - 1, y + 2), (x - 1, y + 3.4))
    sheet.wire((x - 1, y + 2), (x - 0.4, y + 2))
    sheet.part(feedback, (x - 0.4, y + 2), (x + 2.4, y + 2))
    sheet.wire((x + 2.4, y + 2), (x + 3, y + 2))
    sheet.wire((x - 1, y + 3.4), (x - 0.4, y + 3.4))
    sheet.part(filter_, (x - 0.4, y + 3.4), (x + 2.4, y + 3.4))
    sheet.wire((x + 2.4, y + 3.4), (x + 3, y + 3.4), (x + 3, y + 2), (x + 3, y))
    sheet.wire((x + 2.165, y), (x + 3, y))
    sheet.name("BIAS", (x - 0.8, down))
    sheet.wire((x - 0.8, down), (x, down))
    sheet.part(series, (x + 3, y), (x + 6, y))
    sheet.wire((x + 6, y), (x + 6.8, y))
    sheet.name(f"ADC_{line}", (x + 6.8, y), "right")
    shunt(sheet, pin, (x + 6, y))
    sheet.name(f"{line}_SUM", (x - 1, y + 3.4), "up")
    sheet.name(f"{line}_OUT", (x + 3, y + 3.4), "up")
    sheet.join((x - 1, up), (x - 1, y + 2), (x + 3, y + 2), (x + 3, y))


def _bias(sheet: Sheet, amplifier: str, at: Point) -> None:
    """Draw the buffered divider that all inputs lean on."""
    x, y = at
    top, bottom, filter_ = refs(sheet.board, "bias")
    sheet.amplifier(amplifier, 1, at)
    up, down = y + 0.625, y - 0.625
    sheet.part(top, (x - 4, y + 1.6), (x - 4, down))
    sheet.name("+3V3A", (x - 4, y + 1.6), "up")
    sheet.part(bottom, (x - 4, down), (x - 4, y - 2.8))
    sheet.name("GND", (x - 4, y - 2.8))
    sheet.wire((x - 4, down), (x - 2, down), (x, down))
    sheet.part(filter_, (x - 2, down), (x - 2, y - 2.8))
    sheet.name("GND", (x - 2, y - 2.8))
    sheet.name("BIAS_DIVIDER", (x - 2, down), "up")
    sheet.wire((x, up), (x - 0.6, up), (x - 0.6, y + 1.8), (x + 3, y + 1.8), (x + 3, y))
    sheet.wire((x + 2.165, y), (x + 3, y), (x + 4, y))
    sheet.name("BIAS", (x + 4, y), "right")
    sheet.join((x - 4, down), (x - 2, down), (x + 3, y))


def _clock_input(sheet: Sheet, name: str, unit: int, at: Point) -> None:
    """Draw a Schmitt input around its amplifier, whose left edge is at `at`."""
    x, y = at
    line = name.upper()
    socket, into, bias, filter_, threshold, hysteresis, series = refs(sheet.board, name)
    amplifiers = [ref for ref in refs(sheet.board, "amplifiers") if ref.startswith("U")]
    sheet.amplifier(amplifiers[1], unit, at)
    up, down = y + 0.625, y - 0.625
    sheet.box(socket, (x - 10.3, up + 0.5), [], ["T", "TN", "S"], width=1.6)
    for row in (1, 2):
        sheet.name("GND", (x - 8.2, up - row))
    sheet.wire((x - 8.2, up), (x - 6.8, up))
    sheet.name(f"{line}_JACK", (x - 6.9, up), "down")
    sheet.part(into, (x - 6.8, up), (x - 4, up))
    sheet.wire((x - 4, up), (x - 3, up), (x - 1.5, up), (x, up))
    sheet.part(filter_, (x - 3, up), (x - 3, up - 1.8))
    sheet.name("GND", (x - 3, up - 1.8))
    sheet.part(bias, (x - 1.5, up), (x - 1.5, up + 2))
    sheet.name("BIAS", (x - 1.5, up + 2), "up")
    sheet.name(f"{line}_NODE", (x - 3, up), "up")
    sheet.wire((x, down), (x - 0.6, down), (x - 0.6, y - 2.6))
    sheet.name("BIAS", (x - 4.6, y - 2.6))
    sheet.part(threshold, (x - 4.6, y - 2.6), (x - 1.6, y - 2.6))
    sheet.wire((x - 1.6, y - 2.6), (x - 0.6, y - 2.6), (x, y - 2.6))
    sheet.name(f"{line}_LEVEL", (x - 0.6, y - 2.6), "down")
    sheet.part(hysteresis, (x, y - 2.6), (x + 2.6, y - 2.6))
    sheet.wire((x + 2.6, y - 2.6), (x + 3.2, y - 2.6), (x + 3.2, y))
    sheet.wire((x + 2.165, y), (x + 3.2, y))
    sheet.name(f"{line}_OUT", (x + 3.2, y - 1.4), "right")
    sheet.part(series, (x + 3.2, y), (x + 6, y))
    sheet.name(line, (x + 6, y), "right")
    sheet.join((x - 3, up), (x - 1.5, up), (x - 0.6, y - 2.6), (x + 3.2, y))
