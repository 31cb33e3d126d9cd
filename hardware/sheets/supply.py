# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The sheets of the main board's supplies and of the I2C bus."""

from hardware.board import Board
from hardware.sheets.draw import boxed, column, refs, shunt, stub
from hardware.sheets.sheet import Sheet


def supply_sheets(board: Board, canvas: str = "svg") -> list[Sheet]:
    """Draw the rails, the switch to the Pi with the reference, and the bus."""
    return [sheet(board, canvas) for sheet in (_rails, _pi_supply, _reference, _bus)]


def _rails(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: rails and 5 V converter", canvas)
    rack, fuse, plus, fuse_below, minus, bulk, bulk_below, choke, before, *rest = refs(
        board, "power"
    )
    converter, after = rest
    pins = [str(pin) for pin in range(10, 0, -1)]
    sheet.box(rack, (0, 0), [], pins, width=2.5)
    for pin in pins:
        stub(sheet, rack, pin)
    sheet.name("RACK+12", (7, 0))
    sheet.part(fuse, (7, 0), (9.8, 0))
    sheet.wire((9.8, 0), (11.2, 0))
    sheet.name("FUSED+12", (10.5, 0), "down")
    sheet.part(plus, (14, 0), (11.2, 0))
    sheet.wire((14, 0), (15, 0), (17, 0))
    sheet.name("+12V", (17, 0), "right")
    shunt(sheet, bulk, (15, 0))
    sheet.name("RACK-12", (7, -4.5))
    sheet.part(fuse_below, (7, -4.5), (9.8, -4.5))
    sheet.wire((9.8, -4.5), (11.2, -4.5))
    sheet.name("FUSED-12", (10.5, -4.5), "down")
    sheet.part(minus, (11.2, -4.5), (14, -4.5))
    sheet.wire((14, -4.5), (15, -4.5), (17, -4.5))
    sheet.name("-12V", (17, -4.5), "right")
    shunt(sheet, bulk_below, (15, -4.5), first="2")
    sheet.name("+12V", (7, -9))
    sheet.part(choke, (7, -9), (9.8, -9))
    sheet.wire((9.8, -9), (10.3, -9), (12, -9))
    sheet.name("CONVERTER", (10.6, -9), "up")
    shunt(sheet, before, (10.3, -9))
    sheet.box(converter, (12.5, -8.5), ["1", "2"], ["3"], width=2.6)
    stub(sheet, converter, "2")
    sheet.wire((15.6, -9), (16.4, -9), (17.4, -9))
    sheet.name("+5V_CONVERTER", (17.4, -9), "right")
    shunt(sheet, after, (16.4, -9))
    return sheet


def _pi_supply(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: switch from converter to Pi", canvas)
    switch, pair, *others = refs(board, "pi_supply")
    boxed(sheet, switch, (0, 0))
    boxed(sheet, pair, (0, -5))
    column(sheet, others, (10, -0.5))
    return sheet


def _reference(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: analogue 3.3 V", canvas)
    reference, *capacitors = refs(board, "reference")
    boxed(sheet, reference, (0, 0))
    column(sheet, capacitors, (9, -0.5))
    return sheet


def _bus(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: I2C bus", canvas)
    regulator, first, second, *lines = refs(board, "bus")
    boxed(sheet, regulator, (0, 0))
    column(sheet, [first, second], (10, -0.5))
    for row, (switch, pull) in enumerate((lines[:2], lines[2:])):
        boxed(sheet, switch, (0, -4.5 - 4 * row))
        column(sheet, [pull], (10, -5.5 - 4 * row))
    return sheet
