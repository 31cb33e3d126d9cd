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
from hardware.perfboard.wires import BARE, GROUND, wire_list, wires

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
    joined = {frozenset(group) - {(BARE, "")} for group in groups.values()}
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
    bare = [row for row in rows if row[1] == BARE]
    # A ground pin has its own wire; a chain has one wire less than pins.
    assert len(rows) == len(bare) + 1 + sum(len(p) - 1 for p in placed.board.nets.values())
    for _, start, start_hole, end, end_hole, _ in rows[len(bare) :]:
        assert holes[start] == start_hole
        assert holes.get(end, end_hole) == end_hole
        assert end in holes or end == BARE
    picture = svg(placed)
    assert all(f"<!-- {pin} -->" in picture for pin in holes)


def test_the_rack_s_header_has_room_for_its_shroud():
    # From KiCad's outline of an IDC-Header_2x05: 5.1 mm beyond the last pin.
    last = _main_spot("J1").holes["9"][0]
    spots = layout(boards()[0]).spots
    right = [s.column for s in spots if s.part.block == "power" and s.column > last]
    assert (min(right) - last) * 2.54 > 5.1


def _bare_holes(wire):
    (x1, y1), (x2, y2) = wire.start.hole, wire.end.hole
    return {(x, y) for x in range(x1, x2 + 1) for y in range(y1, y2 + 1)}


@BOARDS
def test_ground_comes_first_on_bare_wires_that_no_pin_stands_on(index):
    placed = layout(boards()[index])
    laid = wires(placed)
    bare = [_bare_holes(wire) for wire in laid if wire.start.ref == BARE]
    grounds = [wire for wire in laid if wire.net == GROUND]
    assert laid[: len(grounds)] == grounds
    assert all(wire.start.ref == BARE for wire in grounds[: len(bare)])
    for wire in grounds[len(bare) :]:
        assert any(wire.end.hole in holes for holes in bare), wire
    pins = {hole for spot in placed.spots for hole in spot.holes.values()}
    assert not set().union(*bare) & pins
    # All in one piece: each rung meets both sides.
    assert all(rung & side for rung in bare[:-2] for side in bare[-2:])


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
