"""The perforated boards hold every part once, and their wires are the netlist."""

import csv
import io
import itertools
import re

import pytest

from hardware.board import FOOTPRINTS
from hardware.module import boards
from hardware.perfboard.picture import svg
from hardware.perfboard.place import layout
from hardware.perfboard.wires import wire_list, wires

BOARDS = pytest.mark.parametrize("index", [0, 1])


@BOARDS
def test_every_part_has_its_holes(index):
    board = boards()[index]
    placed = layout(board)
    assert sorted(spot.part.ref for spot in placed.spots) == sorted(board.by_ref)
    for spot in placed.spots:
        wired = {pin for pin, net in spot.part.pins.items() if net is not None}
        assert wired <= set(spot.holes)


@BOARDS
def test_no_two_parts_share_a_hole_and_all_are_on_the_board(index):
    placed = layout(boards()[index])
    bodies = [
        {
            (spot.column + x, spot.row + y)
            for x in range(spot.shape.width)
            for y in range(spot.shape.height)
        }
        for spot in placed.spots
    ]
    for one, two in itertools.combinations(bodies, 2):
        assert not one & two
    for column, row in set().union(*bodies):
        assert 1 <= column <= placed.columns
        assert 1 <= row <= placed.rows


@BOARDS
def test_wires_join_what_the_netlist_joins_and_nothing_else(index):
    board = boards()[index]
    groups = {}
    for wire in wires(layout(board)):
        ends = {(end.ref, end.pin) for end in (wire.start, wire.end)}
        ends |= groups.get((wire.start.ref, wire.start.pin), set())
        ends |= groups.get((wire.end.ref, wire.end.pin), set())
        groups |= dict.fromkeys(ends, ends)
    joined = {frozenset(group) for group in map(frozenset, groups.values())}
    assert joined == {frozenset(pins) for pins in board.nets.values()}


@BOARDS
def test_wire_list_names_the_holes_of_the_picture(index):
    placed = layout(boards()[index])
    rows = list(csv.reader(io.StringIO(wire_list(placed))))[1:]
    holes = {
        f"{spot.part.ref}.{pin}": f"{x}/{y}"
        for spot in placed.spots
        for pin, (x, y) in spot.holes.items()
    }
    assert len(rows) == sum(len(pins) - 1 for pins in placed.board.nets.values())
    for _, start, start_hole, end, end_hole, _ in rows:
        assert (holes[start], holes[end]) == (start_hole, end_hole)
    picture = svg(placed)
    assert all(f"<!-- {pin} -->" in picture for pin in holes)


def test_main_board_fits_a_eurocard():
    placed = layout(boards()[0])
    assert placed.columns * 2.54 <= 160
    assert placed.rows * 2.54 <= 100


def _main_spot(ref):
    return next(spot for spot in layout(boards()[0]).spots if spot.part.ref == ref)


@pytest.mark.parametrize("ref", ["J1", "J2"])
def test_a_header_lies_with_2_above_1_and_the_cable_s_mark_at_the_left(ref):
    # From above: the ribbon's marked edge is at the end of 1 and 2. With that end at the left,
    # odd pins are the lower row, even ones the upper; each pair is one column further right.
    holes = _main_spot(ref).holes
    column, row = holes["1"]
    assert column == min(x for x, _ in holes.values())
    assert row == max(y for _, y in holes.values())
    for pin, hole in holes.items():
        assert hole == (column + (int(pin) - 1) // 2, row - (int(pin) % 2 == 0)), pin


@pytest.mark.parametrize(
    ("ref", "footprint"),
    [
        ("J1", "Connector_IDC.pretty/IDC-Header_2x05_P2.54mm_Vertical"),
        ("J2", "Connector_PinHeader_2.54mm.pretty/PinHeader_2x20_P2.54mm_Vertical"),
    ],
)
def test_a_header_is_a_turn_of_kicad_s_and_no_mirror_image(ref, footprint):
    text = (FOOTPRINTS / f"{footprint}.kicad_mod").read_text()
    found = re.findall(r'\(pad "?(\d+)"? thru_hole .*?\(at ([-\d.]+) ([-\d.]+)', text)
    pads = {pin: (round(float(x) / 2.54), round(float(y) / 2.54)) for pin, x, y in found}
    holes = _main_spot(ref).holes
    column, row = holes["1"]
    # A quarter turn, seen from above with rows counted downwards: right becomes up, down right.
    assert holes == {pin: (column + y, row - x) for pin, (x, y) in pads.items()}
