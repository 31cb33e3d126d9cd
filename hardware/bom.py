# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The parts list: quantities for one to three voices, makers' numbers, alternates."""

import csv
import io
from collections import Counter
from dataclasses import dataclass

from hardware.board import Board
from hardware.constants import MAX_VOICES
from hardware.parts import Item

HEADER = (
    "value",
    "maker",
    "maker's number",
    *(f"for {n} voice{'s' if n > 1 else ''}" for n in range(1, MAX_VOICES + 1)),
    "main board",
    "each voice card",
    "footprint",
    "alternates",
    "on perforated board",
    "price each",
)


@dataclass(frozen=True, slots=True)
class Sundry:
    """What a netlist does not know."""

    value: str
    maker: str
    number: str
    base: int = 1
    per_voice: int = 0
    alternates: str = ""


SUNDRIES = (
    Sundry(
        "Raspberry Pi Zero 2 W, header fitted",
        "Raspberry Pi",
        "",
        alternates="3A+, 4: power.md",
    ),
    Sundry("microSD card, 8 GB or more", "any", "class A1"),
    Sundry("Eurorack power cable, 10 to 16 pins", "any", ""),
    Sundry("housing of a voice cable", "JST", "XHP-8", base=0, per_voice=2),
    Sundry("crimp of a voice cable", "JST", "SXH-001T-P0.6", base=0, per_voice=16),
    Sundry("wire of a voice cable, 15 cm", "any", "AWG 24 to 28", base=0, per_voice=8),
    Sundry("knob, 6 mm D shaft", "any", "", base=4),
    Sundry("spacer M2.5 x 11 mm with two screws", "any", "", base=4),
    Sundry("rack screw M3 x 6 mm", "any", "", base=4),
    Sundry("panel", "", "panel DXF or gerbers", alternates="2 mm aluminium or 1.6 mm FR-4"),
)


def rows(main: Board, voice: Board) -> list[tuple[str, ...]]:
    """List one row per kind of part, by letter of the designator, then by value."""
    counts = {board.name: Counter(part.item for part in board.parts) for board in (main, voice)}
    items = sorted(
        {part.item for board in (main, voice) for part in board.parts},
        key=lambda item: (item.prefix, item.magnitude or 0, item.value, item.number),
    )
    return [_row(item, main, voice, counts) for item in items]


def _row(
    item: Item, main: Board, voice: Board, counts: dict[str, Counter[Item]]
) -> tuple[str, ...]:
    on_main, on_card = (counts[board.name][item] for board in (main, voice))
    quantities = [on_main + voices * on_card for voices in range(1, MAX_VOICES + 1)]
    places = [
        " ".join(part.ref for part in board.parts if part.item == item)
        for board in (main, voice)
    ]
    return (
        item.value,
        item.maker,
        item.number,
        *map(str, quantities),
        *places,
        item.footprint.split(":")[1],
        item.alternates,
        item.through_hole,
        "",
    )


def parts_list(main: Board, voice: Board) -> str:
    """Write the parts list as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows(main, voice))
    for sundry in SUNDRIES:
        counts = [sundry.base + sundry.per_voice * n for n in range(1, MAX_VOICES + 1)]
        known = (sundry.value, sundry.maker, sundry.number, *counts)
        writer.writerow((*known, "", "", "", sundry.alternates, "", ""))
    return text.getvalue()
