"""The guides name only parts that exist, all of them, and figures that hold."""

import re
from pathlib import Path

import pytest

from hardware import constants as c
from hardware import module
from hardware.perfboard.place import layout
from hardware.perfboard.wires import BARE, GROUND, wires
from hardware.spice.outputs import output_figures

FOLDER = Path(module.__file__).parent
_REF = re.compile(r"\b(?:RV|SW|[RCUDJLF])\d+\b")


def _sections():
    main, rest = (
        (FOLDER / "build.md").read_text().split("## Main board")[1].split("## Voice card")
    )
    return main, rest.split("## Panel and case")[0]


@pytest.mark.parametrize("index", [0, 1])
def test_guide_places_every_part_of_a_board(index):
    named = set(_REF.findall(_sections()[index]))
    wanted = set(module.boards()[index].by_ref)
    links = {"J3"} if index else set()
    assert wanted <= named
    assert named - wanted <= links


def _steps(index):
    """The parts that each step of a board fits, its designators being those of that board."""
    text = _sections()[index]
    if index:
        _, *steps = re.split(r"\n(?=\d\. )", text.replace("J3 of the\n   main board", ""))
    else:
        _, ground, *steps = text.split("### ")
        assert ground.startswith("0. Ground")
    return [set(_REF.findall(step)) for step in steps]


def _pieces(pins, pairs):
    """How many pieces these pins are in when these pairs are joined."""
    piece = {pin: {pin} for pin in pins}
    for one, two in pairs:
        both = piece[one] | piece[two]
        piece |= dict.fromkeys(both, both)
    return len({frozenset(group) for group in piece.values()})


@pytest.mark.parametrize("index", [0, 1])
def test_every_net_is_whole_after_every_step(index):
    # Only the wires whose two ends are on the board are there. The gate's R18 is fitted early,
    # as +4V096 passes through it; its other end is measured when all four stages are there.
    board = module.boards()[index]
    laid = [
        (wire.net, (wire.start.ref, wire.start.pin), (wire.end.ref, wire.end.pin))
        for wire in wires(layout(board))
    ]
    fitted = {BARE}
    for step in _steps(index):
        fitted |= step
        for net, pins in board.nets.items():
            on_board = {pin for pin in pins if pin[0] in fitted}
            on_board |= {(BARE, "")} if net == GROUND else set()
            pairs = [(a, b) for n, a, b in laid if n == net and {a[0], b[0]} <= fitted]
            early = net == "GATE_MINUS" and "R20" not in fitted
            assert early or _pieces(on_board, pairs) <= 1, (net, sorted(step))


@pytest.mark.parametrize("index", [0, 1])
def test_guide_lays_the_ground_wires_of_the_list(index):
    placed = layout(module.boards()[index])
    *rows, last = placed.ground_rows
    where = f"rows {', '.join(map(str, rows))} and {last} and columns 1 and {placed.columns}"
    assert where in " ".join(_sections()[index].split())


def test_links_between_the_guides_lead_somewhere():
    for name in ("README.md", "build.md", "power.md"):
        text = (FOLDER / name).read_text()
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            assert (FOLDER / target).exists(), (name, target)


def test_guide_quotes_the_bias_and_the_references():
    main, voice = _sections()
    for text, value in ((main, c.BIAS.volts()), (main, 3.3), (voice, c.DAC_REFERENCE_VOLTS)):
        spans = re.findall(r"(\d\.\d+) to (\d\.\d+) V", text)
        assert any(float(low) < value < float(high) < value * 1.02 for low, high in spans)


def test_guide_quotes_the_size_of_the_boards():
    text = (FOLDER / "build.md").read_text()
    for placed in map(layout, module.boards()):
        assert f"{placed.columns} x {placed.rows} holes" in text


def test_readme_quotes_the_simulation():
    text = (FOLDER / "README.md").read_text()
    by_name = {figure.name: figure.value for figure in output_figures(module.boards()[1])}
    quoted = {
        "lowest": r"(-\d\.\d+) to \+\d",
        "highest": r"to \+(\d\.\d+) V, 2\.05 mV",
        "to 1 cent, -3 to 5 V, 1 nF": r"(\d+) us over the full range",
        "peaking with 10nF": r"(\d\.\d) dB with 10 nF",
    }
    for name, pattern in quoted.items():
        said = re.search(pattern, text)
        assert said, name
        assert float(said[1]) == pytest.approx(by_name[name], rel=0.05)
