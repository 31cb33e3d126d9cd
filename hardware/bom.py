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
    through_hole: str = ""
    """What takes its place on perforated board, or `ONLY_THERE`."""


ONLY_THERE = "only there"
"""Of what a build on perforated board alone needs."""


def _perforated(value: str, base: int = 0, per_voice: int = 0, alternates: str = "") -> Sundry:
    return Sundry(value, "any", "", base, per_voice, alternates, ONLY_THERE)


SUNDRIES = (
    Sundry(
        "Raspberry Pi Zero 2 W, header fitted",
        "Raspberry Pi",
        "",
        alternates="3A+, 4: power.md",
    ),
    Sundry("microSD card, 8 GB or more", "any", "class A1"),
    Sundry("Eurorack power cable, 10 to 16 pins", "any", ""),
    Sundry(
        "housing of a voice cable",
        "JST",
        "XHP-8",
        base=0,
        per_voice=2,
        through_hole="locking 1x8 housing, 2.54 mm",
    ),
    Sundry(
        "crimp of a voice cable",
        "JST",
        "SXH-001T-P0.6",
        base=0,
        per_voice=16,
        through_hole="crimp of that housing",
    ),
    Sundry("wire of a voice cable, 15 cm", "any", "AWG 24 to 28", base=0, per_voice=8),
    Sundry("knob, 6 mm D shaft", "any", "", base=4),
    Sundry("spacer M2.5 x 11 mm with two screws, for the Pi", "any", "", base=4),
    Sundry("rack screw M3 x 6 mm", "any", "", base=4),
    Sundry("panel", "", "panel DXF or gerbers", alternates="2 mm aluminium or 1.6 mm FR-4"),
    _perforated("perforated board, 62 x 39 holes", 1, alternates="a Eurocard, a pad per hole"),
    _perforated("perforated board, 36 x 31 holes", 0, 1, "cut from a larger one"),
    _perforated("IC socket DIP-6", 1),
    _perforated("IC socket DIP-14", 3, 1),
    _perforated("IC socket DIP-16", 1),
    _perforated("adapter SOT-23 to SIP-3", 1),
    _perforated("adapter SOIC-8 to DIP-8, rows 7.62 mm apart", 0, 1),
    _perforated("adapter MSOP-10 to DIP-10, rows 7.62 mm apart", 0, 1),
    _perforated("ribbon cable, 40-way, with two 2x20 sockets", 1, alternates="20 cm or less"),
    _perforated("row of pins 1x3, 2.54 mm", 13, 4, "broken from a longer one"),
    _perforated("row of pins 1x5, 2.54 mm", 1, alternates="broken from a longer one"),
    _perforated("row of pins 1x7, 2.54 mm", 1, alternates="broken from a longer one"),
    _perforated("housing 1x3, 2.54 mm", 13, 4),
    _perforated("housing 1x5, 2.54 mm", 1),
    _perforated("housing 1x7, 2.54 mm", 1, alternates="two, if the display has pins too"),
    _perforated("crimp of a 2.54 mm housing", 51, 12, "seven more with a second 1x7 housing"),
    _perforated("angle with M3 screws and nuts", 2),
    _perforated("spacer M3 of a voice card with two screws", 0, 4, "length: build.md"),
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
        writer.writerow((*known, "", "", "", sundry.alternates, sundry.through_hole, ""))
    return text.getvalue()
