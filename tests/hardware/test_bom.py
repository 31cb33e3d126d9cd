"""The parts list counts what the boards hold."""

import csv
import io

import pytest

from hardware.bom import SUNDRIES, parts_list
from hardware.module import boards


@pytest.fixture(scope="module")
def table():
    return list(csv.DictReader(io.StringIO(parts_list(*boards()))))


@pytest.mark.parametrize("voices", [1, 2, 3])
def test_quantities_are_those_of_the_boards(table, voices):
    main, voice = boards()
    column = "for 1 voice" if voices == 1 else f"for {voices} voices"
    counted = sum(int(row[column]) for row in table)
    sundries = sum(sundry.base + voices * sundry.per_voice for sundry in SUNDRIES)
    assert counted == len(main.parts) + voices * len(voice.parts) + sundries


def test_every_designator_stands_in_one_row(table):
    for board, column in zip(boards(), ("main board", "each voice card"), strict=True):
        listed = [ref for row in table for ref in row[column].split()]
        assert sorted(listed) == sorted(part.ref for part in board.parts)


def test_every_electronic_part_has_a_maker_s_number(table):
    for row in table:
        if row["footprint"]:
            assert row["maker"], row
            assert row["maker's number"], row


def test_the_price_is_the_builder_s(table):
    assert {row["price each"] for row in table} == {""}
