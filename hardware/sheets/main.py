# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The sheets of the main board."""

from hardware.board import Board
from hardware.main_board import CV_INPUTS, KNOBS
from hardware.sheets.draw import capacitor_row, jack, refs, stub
from hardware.sheets.sheet import Point, Sheet


def main_sheets(board: Board, canvas: str = "svg") -> list[Sheet]:
    """Draw the main board."""
    sheets = (_power, _pi, _panel, _cv_inputs, _clock, _midi)
    return [sheet(board, canvas) for sheet in sheets]


def _power(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: power", canvas)
    rack, fuse, plus, limiter, minus, *rest = refs(board, "power")
    plus_bulk, minus_bulk, choke, bulk, converter, five_bulk, reference, *last = rest
    sheet.box(rack, (0, 0), [], [str(pin) for pin in range(10, 0, -1)], width=2.5)
    for pin in ("3", "4", "5", "6", "7", "8"):
        stub(sheet, rack, pin)
    sheet.wire((3, -0.5), (3.8, -0.5), (4.6, -0.5))
    sheet.wire((3, -1.5), (3.8, -1.5), (3.8, -0.5))
    sheet.name("RACK+12", (3.8, -0.5), "up")
    sheet.part(fuse, (4.6, -0.5), (7.4, -0.5))
    sheet.name("FUSED+12", (7.8, -0.5), "up")
    sheet.wire((7.4, -0.5), (8.2, -0.5))
    sheet.part(plus, (11, -0.5), (8.2, -0.5))
    sheet.wire((11, -0.5), (13, -0.5), (14.5, -0.5))
    sheet.name("+12V", (12, -0.5), "up")
    _shunt(sheet, plus_bulk, (13, -0.5))
    sheet.part(choke, (14.5, -0.5), (17.5, -0.5))
    sheet.wire((17.5, -0.5), (18.5, -0.5), (20.1, -0.5))
    sheet.name("CONVERTER", (19, -0.5), "up")
    _shunt(sheet, bulk, (18.5, -0.5))
    sheet.box(converter, (20.6, 0), ["1", "2"], ["3"], width=3.5)
    stub(sheet, converter, "2")
    sheet.wire((24.6, -0.5), (26, -0.5), (27, -0.5))
    sheet.name("+5V", (27, -0.5), "right")
    _shunt(sheet, five_bulk, (26, -0.5))
    _minus(sheet, limiter, minus, minus_bulk)
    sheet.box(reference, (14, -6.5), ["1", "3"], ["2"], width=3.5)
    for pin in ("1", "3", "2"):
        stub(sheet, reference, pin)
    capacitor_row(sheet, last, (21, -6.5))
    return sheet


def _minus(sheet: Sheet, limiter: str, diode: str, bulk: str) -> None:
    """Draw the negative rail."""
    sheet.wire((3, -9.5), (3.8, -9.5), (4.6, -9.5))
    sheet.wire((3, -8.5), (3.8, -8.5), (3.8, -9.5))
    sheet.name("RACK-12", (3.8, -9.5), "down")
    sheet.part(limiter, (4.6, -9.5), (7.4, -9.5))
    sheet.name("LIMITED-12", (7.8, -9.5), "down")
    sheet.wire((7.4, -9.5), (8.2, -9.5))
    sheet.part(diode, (8.2, -9.5), (11, -9.5))
    sheet.wire((11, -9.5), (12, -9.5), (13, -9.5))
    sheet.name("-12V", (13, -9.5), "right")
    sheet.join((3.8, -9.5), (3.8, -0.5))
    _shunt(sheet, bulk, (12, -9.5))


def _shunt(sheet: Sheet, ref: str, at: Point) -> None:
    """Draw a capacitor from a wire down to ground."""
    x, y = at
    sheet.part(ref, (x, y), (x, y - 1.8))
    sheet.name("GND", (x, y - 1.8))
    sheet.join(at)


def _pi(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: Raspberry Pi and voice links", canvas)
    header, shutdown = refs(board, "pi")
    wired = [pin for pin, net in board.by_ref[header].pins.items() if net is not None]
    odd = sorted((pin for pin in wired if int(pin) % 2), key=int)
    even = sorted((pin for pin in wired if not int(pin) % 2), key=int)
    sheet.box(header, (0, 0), odd, even, width=5)
    for pin in (*odd, *even):
        stub(sheet, header, pin)
    sheet.box(shutdown, (0, -22), [], ["1", "2"], width=2.5)
    for pin in ("1", "2"):
        stub(sheet, shutdown, pin)
    for row, link in enumerate(refs(board, "links")):
        sheet.box(link, (13, -9.5 * row), [], [str(pin) for pin in range(1, 9)], width=2.5)
        for number in range(1, 9):
            stub(sheet, link, str(number))
    return sheet


def _panel(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: converter, knobs, display, encoder", canvas)
    adc, adc_bulk = refs(board, "adc")
    left = [str(pin) for pin in range(1, 9)]
    right = ["16", "15", "14", "13", "12", "11", "10", "9"]
    sheet.box(adc, (0, 0), left, right)
    for pin in (*left, *right):
        stub(sheet, adc, pin)
    oled, oled_bulk = refs(board, "oled")
    pins = [str(pin) for pin in range(1, 8)]
    sheet.box(oled, (12, 0), pins)
    for pin in pins:
        stub(sheet, oled, pin)
    encoder, *pulls = refs(board, "encoder")
    sheet.box(encoder, (22, 0), ["A", "B", "C"], ["S1", "S2"], width=3)
    for pin in ("A", "B", "C", "S1", "S2"):
        stub(sheet, encoder, pin)
    capacitor_row(sheet, pulls, (17, -9.5))
    for row, name in enumerate(KNOBS):
        pot, bulk = refs(board, name)
        sheet.box(pot, (5.4 * row, -10), ["3", "2", "1"], width=1.6)
        for pin in ("3", "2", "1"):
            stub(sheet, pot, pin)
        capacitor_row(sheet, [bulk], (5.4 * row, -15))
    capacitor_row(sheet, [adc_bulk, oled_bulk], (17, -15))
    return sheet


def _cv_inputs(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: CV inputs and bias", canvas)
    for number, name in enumerate(CV_INPUTS):
        _cv_input(sheet, name, number, (19.0 * (number % 2), -7.5 * (number // 2)))
    amplifiers = [ref for ref in refs(board, "amplifiers") if ref.startswith("U")]
    capacitors = [ref for ref in refs(board, "amplifiers") if ref.startswith("C")]
    _bias(sheet, amplifiers[1], (19.0, -15.0))
    for column, ref in enumerate(amplifiers):
        sheet.box(ref, (10.0 * column, -20), ["4", "11"])
        for pin in ("4", "11"):
            stub(sheet, ref, pin)
    capacitor_row(sheet, capacitors, (18, -20))
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
    _shunt(sheet, pin, (x + 6, y))
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


def _clock(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: clock and reset inputs, clock output", canvas)
    for row, name in enumerate(("clock_in", "reset_in")):
        _clock_input(sheet, name, row + 2, (0, -9.0 * row))
    pull, series, socket = refs(board, "clock_out")
    driver, decoupling = refs(board, "drivers")
    left, right = ["1", "2", "4", "5", "10", "9", "13", "12"], ["14", "3", "6", "7"]
    sheet.box(driver, (12, 2), left, right)
    for pin in (*left, *right):
        stub(sheet, driver, pin)
    capacitor_row(sheet, [decoupling, pull], (12, -9))
    sheet.name("CLOCK_DRIVE", (18, -10))
    sheet.part(series, (18, -10), (21, -10))
    sheet.wire((21, -10), (22, -10))
    sheet.name("CLOCK_OUT_JACK", (21.2, -10), "down")
    jack(sheet, socket, (22.5, -9.5), {"T": None, "S": "GND"})
    return sheet


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


def _midi(board: Board, canvas: str) -> Sheet:
    sheet = Sheet(board, "Main board: MIDI", canvas)
    pull, source, sink, out = refs(board, "midi_out")
    capacitor_row(sheet, [pull], (0, 0))
    for row, (ref, net) in enumerate(((sink, "MIDI_DATA"), (source, "+5V"))):
        sheet.name(net, (4, -1.5 * row))
        sheet.part(ref, (4, -1.5 * row), (7, -1.5 * row))
    sheet.wire((7, 0), (8.5, 0))
    sheet.name("MIDI_OUT_TIP", (7.5, 0), "up")
    sheet.wire((7, -1.5), (8, -1.5), (8, -1), (8.5, -1))
    sheet.name("MIDI_OUT_RING", (7.5, -1.5), "down")
    jack(sheet, out, (9, 0.5), {"T": None, "R": None, "S": "GND"})
    into, limiter, guard, opto, load, decoupling = refs(board, "midi_in")
    sheet.box(into, (0, -6), [], ["R", "T"], width=1.6)
    sheet.wire((2.1, -6.5), (4, -6.5))
    sheet.name("MIDI_IN_RING", (3, -6.5), "up")
    sheet.part(limiter, (4, -6.5), (6.5, -6.5))
    sheet.wire((6.5, -6.5), (7.5, -6.5), (10.5, -6.5))
    sheet.name("MIDI_IN_ANODE", (9, -6.5), "up")
    sheet.wire(
        (2.1, -7.5), (3, -7.5), (3, -9.5), (7.5, -9.5), (9, -9.5), (9, -7.5), (10.5, -7.5)
    )
    sheet.name("MIDI_IN_TIP", (5, -9.5), "down")
    sheet.part(guard, (7.5, -6.5), (7.5, -9.5))
    sheet.box(opto, (11, -6), ["1", "2"], ["6", "4", "5"], width=3)
    for pin in ("6", "4", "5"):
        stub(sheet, opto, pin)
    capacitor_row(sheet, [load, decoupling], (19, -6))
    sheet.join((7.5, -6.5), (7.5, -9.5))
    return sheet
