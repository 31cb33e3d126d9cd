"""The parts lists count what the boards hold."""

import csv
import io
import re

import pytest

from hardware.bom import SUNDRIES, assembly_list, by_hand, parts_list, seen_total
from hardware.module import boards
from hardware.parts import TEST_POINT
from hardware.pcb.export import FOLDER
from hardware.sources import SOURCES
from hardware.stack.bodies import BOARD_MM

BOARDS = pytest.mark.parametrize("index", [0, 1])


@pytest.fixture(scope="module")
def table():
    return list(csv.DictReader(io.StringIO(parts_list(*boards()))))


def _bought(board):
    return [part for part in board.parts if part.item != TEST_POINT]


@pytest.mark.parametrize("voices", [1, 2, 3])
def test_quantities_are_those_of_the_boards(table, voices):
    main, voice = boards()
    column = "for 1 voice" if voices == 1 else f"for {voices} voices"
    counted = sum(int(row[column]) for row in table)
    sundries = sum(sundry.base + voices * sundry.per_voice for sundry in SUNDRIES)
    assert counted == len(_bought(main)) + voices * len(_bought(voice)) + sundries


def test_every_designator_stands_in_one_row(table):
    for board, column in zip(boards(), ("main board", "each voice card"), strict=True):
        listed = [ref for row in table for ref in row[column].split()]
        assert sorted(listed) == sorted(part.ref for part in _bought(board))


def test_every_electronic_part_has_a_maker_s_number(table):
    for row in table:
        if row["footprint"]:
            assert row["maker"], row
            assert row["maker's number"], row


def test_every_maker_s_number_was_looked_up(table):
    for row in table:
        if row["footprint"]:
            known = row["maker's number"] in SOURCES
            assert known == (row["number seen"] != "") == (row["maker"] != "any"), row
    assert {row["number seen"] for row in table} == {"", "yes", "series"}


def test_every_source_is_of_a_number_in_the_list(table):
    assert set(SOURCES) <= {row["maker's number"] for row in table}


@pytest.mark.parametrize("voices", [1, 2, 3])
def test_the_total_adds_what_the_list_shows(table, voices):
    column = "for 1 voice" if voices == 1 else f"for {voices} voices"
    low = high = 0.0
    for row in table:
        prices = [float(price) for price in row["price seen"].split(" to ") if price]
        if prices:
            low += int(row[column]) * prices[0]
            high += int(row[column]) * prices[-1]
    without = sum(not row["price seen"] for row in table)
    found = seen_total(*boards(), voices)
    assert found == (pytest.approx(low), pytest.approx(high), without)


def test_nothing_stands_twice_in_the_list(table):
    names = [(row["value"], row["maker's number"]) for row in table]
    assert len(set(names)) == len(names)


@BOARDS
def test_the_machine_s_list_is_what_the_positions_place(index):
    board = boards()[index]
    listed = list(csv.DictReader(io.StringIO(assembly_list(board))))
    refs = [ref for row in listed for ref in row["Designator"].split()]
    with (FOLDER / board.name / f"{board.name}-positions.csv").open() as file:
        placed = {row["Ref"]: row for row in csv.DictReader(file)}
    assert sorted(refs) == sorted(placed)
    assert {row["Side"] for row in placed.values()} == {"bottom"}
    values = {ref: row["Value"] for row in listed for ref in row["Designator"].split()}
    assert values == {ref: row["Val"] for ref, row in placed.items()}


def test_what_a_hand_touches_is_soldered_by_hand():
    touched = {"PJ398SM", "TRS MIDI", "B10k", "EC11E", "button 13 mm", "LED 3 mm red"}
    for board in boards():
        assert all(by_hand(part.item) for part in board.parts if part.value in touched)


@pytest.mark.parametrize("use", ["for the Pi", "for the display"])
def test_the_two_screws_of_a_spacer_do_not_meet(use):
    found = [re.match(rf"(screw|spacer) M\S+ x (\d+) mm.*{use}", s.value) for s in SUNDRIES]
    lengths = {match[1]: int(match[2]) for match in found if match}
    thinnest_module_mm = 1.0
    inside = 2 * lengths["screw"] - BOARD_MM - thinnest_module_mm
    assert inside < lengths["spacer"]
