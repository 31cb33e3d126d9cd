# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The parts list: quantities for one to three voices, makers' numbers, alternates."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hardware.board import Board
from hardware.constants import MAX_VOICES
from hardware.parts import TEST_POINT, Item
from hardware.sources import SOURCES

HEADER = (
    "value",
    "maker",
    "maker's number",
    *(f"for {n} voice{'s' if n > 1 else ''}" for n in range(1, MAX_VOICES + 1)),
    "main board",
    "each voice card",
    "footprint",
    "soldered by",
    "alternates",
    "number seen",
    "shop's number",
    "price seen",
)
_LABELS = {
    "B10k": "potentiometer 10k linear, 9 mm",
    "EC11E": "encoder with switch, 20 mm D shaft",
    "Eurorack power": "header 2x5, shrouded",
    "PJ398SM": "mono jack",
    "Raspberry Pi": "socket 2x20 for the Raspberry Pi",
    "OLED SSD1306 SPI": "display, 0.96 inch, SPI",
    "TRS MIDI": "stereo jack",
    "TSR 1-2450": "5 V converter",
    "shutdown": "pins 1x2",
    "voice number": "pins 2x3",
    "voices": "header 2x7, shrouded",
}
"""What a shop calls parts that the boards call by their use."""

_BY_HAND = ("_THT", "Connector", "Converter_DCDC", "Rotary_Encoder", "exnihilo")
"""In the names of footprint libraries whose parts have wires through the board."""


@dataclass(frozen=True, slots=True)
class Sundry:
    """What a netlist does not know."""

    value: str
    number: str = ""
    base: int = 1
    per_voice: int = 0
    alternates: str = ""
    maker: str = ""


SUNDRIES = (
    Sundry("main board", "pcb/main/gerbers", alternates="four layers, 1.6 mm"),
    Sundry("voice card", "pcb/voice/gerbers", 0, 1, "four layers, 1.6 mm"),
    Sundry("panel", "panel/files, by number of voices", alternates="two layers, 1.6 mm"),
    Sundry(
        "Raspberry Pi Zero 2 W", "Zero 2 W", 1, 0, "Zero 2 WH: header soldered", "Raspberry Pi"
    ),
    Sundry("pin header 2x20, for the Pi's component side", "", 1, 0, "not with a Zero 2 WH"),
    Sundry("pin header 1x7, for the display", "", 1, 0, "often sold with it, or soldered"),
    Sundry("microSD card, 8 GB or more", "class A1"),
    Sundry("Eurorack power cable, 10 to 16 pins"),
    Sundry("cm of ribbon cable, 14 wires, 1.27 mm", "", 10, 10),
    Sundry("IDC socket 2x7, pressed on the ribbon", "", 1, 1, "2.54 mm, female"),
    Sundry("jumper, 2.54 mm", "", 0, 1),
    Sundry(
        "knob for a 6 mm shaft", "", 4, 0, "as the shafts that you bought: round, D or knurled"
    ),
    Sundry("nut of a jack", "", 10, 4, "often sold with the jack"),
    Sundry("nut M7 x 0.75 of a potentiometer or encoder", "", 4, 0, "often sold with the part"),
    Sundry("spacer M2.5 x 11 mm, female, for the Pi", "", 4),
    Sundry("screw M2.5 x 5 mm, for the Pi", "", 8),
    Sundry("spacer M2 x 6 mm, female, nylon, for the display", "", 4),
    Sundry("screw M2 x 4 mm, nylon, for the display", "", 8),
    Sundry("rack screw M3 x 6 mm", "", 4),
)


def by_hand(item: Item) -> bool:
    """Tell whether a part is soldered by hand after the board makers' machine."""
    library = item.footprint.split(":")[0]
    return any(word in library for word in _BY_HAND)


def rows(main: Board, voice: Board) -> list[tuple[str, ...]]:
    """List one row per kind of part, by letter of the designator, then by value."""
    counts = {board.name: Counter(part.item for part in board.parts) for board in (main, voice)}
    return [_row(item, main, voice, counts) for item in _kinds((main, voice))]


def _kinds(boards: Iterable[Board]) -> list[Item]:
    return sorted(
        {part.item for board in boards for part in board.parts} - {TEST_POINT},
        key=lambda item: (item.prefix, item.magnitude or 0, item.value, item.number),
    )


def _places(board: Board, item: Item) -> str:
    return " ".join(part.ref for part in board.parts if part.item == item)


def _row(
    item: Item, main: Board, voice: Board, counts: dict[str, Counter[Item]]
) -> tuple[str, ...]:
    on_main, on_card = (counts[board.name][item] for board in (main, voice))
    quantities = [on_main + voices * on_card for voices in range(1, MAX_VOICES + 1)]
    return (
        _LABELS.get(item.value, item.value),
        item.maker,
        item.number,
        *map(str, quantities),
        *(_places(board, item) for board in (main, voice)),
        item.footprint.split(":")[1],
        "hand" if by_hand(item) else "machine",
        item.alternates,
        *_known(item.number),
    )


def _known(number: str) -> tuple[str, str, str]:
    """Write what sources showed of a maker's number."""
    source = SOURCES.get(number)
    if source is None:
        return "", "", ""
    low, high = source.price or (0.0, 0.0)
    price = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    return source.seen, source.shop, price if source.price else ""


def seen_total(main: Board, voice: Board, voices: int) -> tuple[float, float, int]:
    """Add the prices that were seen: lowest and highest, and the kinds of part without one."""
    parts = Counter(part.item.number for part in (*main.parts, *voice.parts * voices))
    parts += Counter({item.number: item.base + voices * item.per_voice for item in SUNDRIES})
    del parts[TEST_POINT.number]
    priced = {n: source.price for n, source in SOURCES.items() if source.price and n in parts}
    low = sum(parts[number] * price[0] for number, price in priced.items())
    high = sum(parts[number] * price[1] for number, price in priced.items())
    kinds = len(_kinds((main, voice))) + len(SUNDRIES)
    return low, high, kinds - len(priced)


def parts_list(main: Board, voice: Board) -> str:
    """Write the parts list as CSV."""
    listed = list(rows(main, voice))
    for sundry in SUNDRIES:
        counts = [sundry.base + sundry.per_voice * n for n in range(1, MAX_VOICES + 1)]
        known = (sundry.value, sundry.maker, sundry.number, *map(str, counts))
        seen = _known(sundry.number)
        listed.append((*known, "", "", "", "", sundry.alternates, *seen))
    return _csv(HEADER, listed)


def assembly_list(board: Board) -> str:
    """Write the list that a maker needs to place a board's machine-soldered parts."""
    header = ("Designator", "Value", "Footprint", "Maker", "Maker's number", "Quantity")
    listed = []
    for item in _kinds((board,)):
        if not by_hand(item):
            refs = _places(board, item)
            count = str(len(refs.split()))
            footprint = item.footprint.split(":")[1]
            listed.append((refs, item.value, footprint, item.maker, item.number, count))
    return _csv(header, listed)


def _csv(header: tuple[str, ...], listed: Sequence[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(listed)
    return text.getvalue()
