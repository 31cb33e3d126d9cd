"""The parts lists count what the boards hold."""

import csv
import io

import pytest

from hardware.bom import SUNDRIES, assembly_list, by_hand, parts_list
from hardware.module import boards
from hardware.parts import TEST_POINT
from hardware.pcb.export import FOLDER

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


def test_the_price_is_the_builder_s(table):
    assert {row["price each"] for row in table} == {""}


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


@BOARDS
def test_the_committed_list_is_the_circuit_s(index):
    board = boards()[index]
    path = FOLDER / board.name / f"{board.name}-parts.csv"
    assert path.read_text() == assembly_list(board)


def test_what_a_hand_touches_is_soldered_by_hand():
    touched = {"PJ398SM", "TRS MIDI", "B10k", "EC11E", "button 13 mm", "LED 3 mm red"}
    for board in boards():
        assert all(by_hand(part.item) for part in board.parts if part.value in touched)
