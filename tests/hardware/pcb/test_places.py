"""What comes through the panel sits behind its hole."""

import pytest

from hardware.module import boards
from hardware.panel.geometry import HEIGHT_MM, HP_MM, MAIN_HP, panel
from hardware.pcb.board_file import read
from hardware.pcb.copper import distance_mm
from hardware.pcb.export import board_path

CARD_LEFT_MM = 0.51
"""From the left edge of a voice's column to that of its card."""


def _middle(part, *numbers):
    pads = [pad.at for pad in part.pads if not numbers or pad.number in numbers]
    return (sum(x for x, _ in pads) / len(pads), sum(y for _, y in pads) / len(pads))


def _axis(part, value):
    """Where the shaft, bush, stem or lamp of a part is, from its pads."""
    if value in {"PJ398SM", "TRS MIDI"}:
        (sleeve,) = [pad.at for pad in part.pads if pad.number == "S"]
        (tip,) = [pad.at for pad in part.pads if pad.number == "T"]
        share = 6.48 / 11.4
        return tuple(s + (t - s) * share for s, t in zip(sleeve, tip, strict=True))
    if value == "B10k":
        return _middle(part, "")
    if value == "EC11E":
        return _middle(part, "MP")
    return _middle(part)


def _axes(index, left):
    board = read(board_path(boards()[index].name))
    placed = {part.ref: part for part in board.footprints}
    found = {}
    for part in boards()[index].parts:
        if part.item.symbol in {"Device:LED"} or part.value in {
            "PJ398SM", "TRS MIDI", "B10k", "EC11E", "button 13 mm",
        }:  # fmt: skip
            x, y = _axis(placed[part.ref], part.value)
            name = part.block
            if part.item.symbol == "Device:LED":
                name = {"clock_out": "clock_led"}.get(part.block, part.block)
            found[name] = (x + left, y)
    return found


def test_main_board_meets_the_panel():
    holes = {hole.name: (hole.x, HEIGHT_MM - hole.y) for hole in panel(1).holes}
    axes = _axes(0, 0.0)
    assert len(axes) == 20
    for name, at in axes.items():
        assert distance_mm(at, holes[name]) < 0.06, name


@pytest.mark.parametrize("voice", [1, 2, 3])
def test_every_card_meets_the_panel(voice):
    holes = {hole.name: (hole.x, HEIGHT_MM - hole.y) for hole in panel(3).holes}
    left = HP_MM * (MAIN_HP + 4 * (voice - 1)) + CARD_LEFT_MM
    axes = _axes(1, left)
    assert len(axes) == 5
    for name, at in axes.items():
        hole = holes[f"{name.removeprefix('output_')}_{voice}"]
        assert distance_mm(at, hole) < 0.06, name
