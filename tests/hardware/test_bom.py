"""The parts list counts what the boards hold."""

import csv
import io
import re
from collections import Counter

import pytest

from hardware.bom import ONLY_THERE, SUNDRIES, parts_list
from hardware.module import boards
from hardware.perfboard.place import layout


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


def _needed(board):
    """What one board needs on perforated board, by the shapes and parts that stand on it."""
    placed = layout(board)
    found = Counter({f"perforated board, {placed.columns} x {placed.rows} holes": 1})
    for spot in placed.spots:
        item = spot.part.item
        adapter = re.search(r"an? ([A-Z0-9-]+ to [A-Z0-9-]+) adapter", item.through_hole)
        wired = item.prefix in {"RV", "SW"} or "Jack" in item.symbol
        if adapter:
            rows = ", rows 7.62 mm apart" if "DIP" in adapter[1] else ""
            found[f"adapter {adapter[1]}{rows}"] += 1
        elif item.prefix == "U" and spot.shape.width == 4:
            found[f"IC socket DIP-{len(spot.holes)}"] += 1
        elif wired or item.value.startswith("OLED"):
            found[f"row of pins 1x{len(spot.holes)}, 2.54 mm"] += 1
            found[f"housing 1x{len(spot.holes)}, 2.54 mm"] += 1
            found["crimp of a 2.54 mm housing"] += len(spot.holes)
    return found


def test_perforated_boards_get_what_they_need():
    main, voice = map(_needed, boards())
    listed = {s.value: (s.base, s.per_voice) for s in SUNDRIES if s.through_hole == ONLY_THERE}
    needed = {value: (main[value], voice[value]) for value in {*main, *voice}}
    assert needed.items() <= listed.items()
    assert {value.split()[0] for value in listed.keys() - needed.keys()} == {
        "ribbon",
        "angle",
        "spacer",
    }
