"""The drawn wires say the same as the netlist, and the comparison would notice if not."""

import pytest

from hardware.module import boards
from hardware.sheets.export import all_sheets, write_sheets
from hardware.sheets.main import main_sheets
from hardware.sheets.nets import SheetError, drawn_nets
from hardware.sheets.voice import voice_sheets

BOARDS = [(0, main_sheets), (1, voice_sheets)]


def _wanted(board):
    return {net: frozenset(pins) for net, pins in board.nets.items()}


@pytest.mark.parametrize(("index", "draw"), BOARDS)
def test_drawn_nets_are_the_netlist_s(index, draw):
    board = boards()[index]
    assert drawn_nets(draw(board)) == _wanted(board)


@pytest.mark.parametrize(("index", "draw"), BOARDS)
def test_every_part_is_drawn_once_with_its_value(index, draw):
    board = boards()[index]
    sheets = draw(board)
    written = {ref: text for sheet in sheets for ref, text in sheet.texts.items()}
    assert written == {part.ref: part.value for part in board.parts}
    pins = [(pin.ref, pin.number) for sheet in sheets for pin in sheet.pins]
    assert len(pins) == len(set(pins))


def test_a_missing_wire_is_noticed():
    board = boards()[1]
    sheets = voice_sheets(board)
    del sheets[2].wires[len(sheets[2].wires) // 2]
    assert drawn_nets(sheets) != _wanted(board)


def test_a_wire_that_joins_two_names_is_refused():
    sheets = voice_sheets(boards()[1])
    (_, first), (_, second) = (
        next(named for named in sheets[2].names if named[0] == net)
        for net in ("DAC_PITCH", "PITCH_JACK")
    )
    sheets[2].wire(first, second)
    with pytest.raises(SheetError, match="DAC_PITCH and PITCH_JACK"):
        drawn_nets(sheets)


def test_wires_that_only_cross_are_not_joined():
    (_, _, sheet, *_) = voice_sheets(boards()[1])
    before = drawn_nets([sheet])
    (start, end) = next(wire for wire in sheet.wires if wire[0][1] == wire[1][1])
    middle = (start[0] + end[0]) / 2 + 0.111
    sheet.wire((middle, start[1] - 0.05), (middle, start[1] + 0.05))
    after = drawn_nets([sheet])
    assert {net for net, pins in after.items() if pins} == {n for n, p in before.items() if p}


def test_files_are_the_same_every_time(tmp_path):
    for run in ("one", "two"):
        write_sheets(tmp_path / run)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == len(all_sheets()) + 1
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
