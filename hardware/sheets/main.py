# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The sheets of the main board, a stage to a page."""

from hardware.board import Board
from hardware.constants import BUTTONS
from hardware.main_board import KNOBS
from hardware.sheets.draw import boxed, capacitor_row, column, listed, refs, stub
from hardware.sheets.inputs import input_sheets
from hardware.sheets.sheet import Sheet
from hardware.sheets.supply import supply_sheets


def main_sheets(board: Board, canvas: str = "svg") -> list[Sheet]:
    """Draw the main board."""
    digital = (
        _pi,
        _links,
        _adc,
        _knobs,
        _clock_out,
        _midi_out,
        _midi_in,
        _panel,
        _buttons,
        _tests,
    )
    return [
        *supply_sheets(board, canvas),
        *input_sheets(board, canvas),
        *(sheet(board, canvas) for sheet in digital),
    ]


def _pi(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: Raspberry Pi", canvas)
    header, _ = refs(board, "pi")
    wired = [pin for pin, net in board.by_ref[header].pins.items() if net is not None]
    odd = sorted((pin for pin in wired if int(pin) % 2), key=int)
    even = sorted((pin for pin in wired if not int(pin) % 2), key=int)
    for x, first, last in ((0, 0, 10), (11.7, 10, 20)):
        sheet.box(header, (x, 0), odd[first:last], even[first:last], width=3.8)
    for pin in (*odd, *even):
        stub(sheet, header, pin)
    return sheet


def _links(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: voice cards, shutdown", canvas)
    _, shutdown = refs(board, "pi")
    (link,) = refs(board, "links")
    boxed(sheet, link, (0, 0), width=4)
    listed(sheet, shutdown, (10, 0))
    return sheet


def _adc(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: converter", canvas)
    adc, *capacitors = refs(board, "adc")
    left = [str(pin) for pin in range(1, 9)]
    right = [str(pin) for pin in range(16, 8, -1)]
    sheet.box(adc, (0, 0), left, right)
    for pin in (*left, *right):
        stub(sheet, adc, pin)
    capacitor_row(sheet, capacitors, (10, -3))
    return sheet


def _knobs(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: knobs", canvas)
    for row, name in enumerate(KNOBS):
        pot, bulk = refs(board, name)
        sheet.box(pot, (0, -4.0 * row), ["3", "2", "1"], width=1.6)
        for pin in ("3", "2", "1"):
            stub(sheet, pot, pin)
        column(sheet, [bulk], (7, -4.0 * row - 1.5))
    return sheet


def _clock_out(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: drivers, clock output", canvas)
    pull, series, socket, *light = refs(board, "clock_out")
    driver, decoupling = refs(board, "drivers")
    left, right = ["1", "2", "4", "5", "10", "9", "13", "12"], ["14", "3", "6", "7"]
    sheet.box(driver, (0, 0), left, right)
    for pin in (*left, *right):
        stub(sheet, driver, pin)
    column(sheet, [pull, series, *light, decoupling], (11, -0.5))
    listed(sheet, socket, (8, -9), width=1.6)
    return sheet


def _midi_out(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: MIDI output", canvas)
    *resistors, out = refs(board, "midi_out")
    column(sheet, resistors, (0, 0))
    listed(sheet, out, (9, 0.5), width=1.6)
    return sheet


def _midi_in(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: MIDI input", canvas)
    into, limiter, guard, opto, load, decoupling = refs(board, "midi_in")
    listed(sheet, into, (-9, 0.5), width=1.6)
    column(sheet, [limiter, guard], (-1, 0))
    boxed(sheet, opto, (0, -4))
    column(sheet, [load, decoupling], (9, -4.5))
    return sheet


def _panel(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: display, encoder", canvas)
    oled, bulk = refs(board, "oled")
    listed(sheet, oled, (-8, 0), width=3)
    column(sheet, [bulk], (-7, -8.5))
    encoder, *pulls = refs(board, "encoder")
    boxed(sheet, encoder, (5, 0))
    column(sheet, pulls, (5, -4.2), step=1.2)
    return sheet


def _buttons(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: buttons, status LED", canvas)
    for number, name in enumerate(BUTTONS):
        button, *others = refs(board, name)
        x, y = 10.0 * (number % 2), -4.6 * (number // 2)
        sheet.box(button, (x + 0.4, y), ["1"], ["2"], width=2)
        for pin in ("1", "2"):
            stub(sheet, button, pin)
        column(sheet, others, (x, y - 2.0), step=1.2)
    column(sheet, refs(board, "status_led"), (0, -9.4), step=1.2)
    return sheet


def _tests(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: test points", canvas)
    for number, ref in enumerate(refs(board, "test")):
        listed(sheet, ref, (7.0 * (number % 3), -2.2 * (number // 3)), width=1.2)
    return sheet
