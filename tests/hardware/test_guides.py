"""The guides name only parts that exist, all that a hand solders, and figures that hold."""

import re
from pathlib import Path

import pytest

from hardware import constants as c
from hardware import module
from hardware.bom import by_hand, seen_total
from hardware.panel.geometry import HEIGHT_MM, panel
from hardware.pcb.board_file import read
from hardware.pcb.copper import distance_mm
from hardware.pcb.export import board_path
from hardware.spice.outputs import output_figures
from hardware.stack.bodies import depth_mm

FOLDER = Path(module.__file__).parent
_REF = re.compile(r"\b(?:RV|SW|JP|[RCUDJLFQ])\d+\b")
_SPAN = re.compile(r"\b(RV|SW|[CJRQU])(\d+) to\s+(?:RV|SW|[CJRQU])?(\d+)")


def _guide():
    return (FOLDER / "build.md").read_text()


def _sections():
    _, main, rest = re.split(r"## Main board: first measurements|## Voice cards", _guide())
    return main, rest.split("## First sound")[0]


def _named(text):
    text = text.replace("GND VCC D0 D1 RES DC CS", "")
    found = set(_REF.findall(text))
    for letters, first, last in _SPAN.findall(text):
        found |= {f"{letters}{n}" for n in range(int(first), int(last) + 1)}
    return found


@pytest.mark.parametrize("index", [0, 1])
def test_guide_places_every_part_that_a_hand_solders(index):
    board = module.boards()[index]
    wanted = {part.ref for part in board.parts if by_hand(part.item)}
    named = _named(_sections()[index])
    assert wanted <= named
    assert named <= set(board.by_ref) | {"J3"}


def test_troubleshooting_names_parts_that_exist():
    known = set().union(*(board.by_ref for board in module.boards()))
    assert _named(_guide()) <= known


@pytest.mark.parametrize("index", [0, 1])
def test_every_test_point_of_a_board_is_measured(index):
    names = (
        ("+12V", "-12V", "5V CONV", "5V PI", "3V3 BUS", "3V3A", "BIAS"),
        ("+12V", "-12V", "4V096"),
    )[index]
    inputs = ("CV X", "CV Y", "CV THR", "CV 1", "CV 2", "CLK", "RST") if index == 0 else ()
    for name in (*names, *inputs, "GND"):
        text = board_path(module.boards()[index].name).read_text()
        assert f'(gr_text "{name}"' in text, name
        assert name == "GND" or name in _sections()[index], name
    points = [part for part in module.boards()[index].parts if part.ref.startswith("TP")]
    assert len(points) == len(names) + len(inputs) + 1


def test_guide_quotes_the_boards_and_the_panel():
    text = " ".join(_guide().split())
    for name in ("main", "voice"):
        left, top, right, bottom = read(board_path(name)).edge
        assert f"{right - left:.1f} x {bottom - top:.1f} mm" in text
    widths = [panel(voices).hp for voices in (1, 2, 3)]
    assert "{}, {} and {} HP".format(*widths) in text
    assert f"{depth_mm(3):.0f} mm deep" in text
    assert "{}, {} and {} mm".format(*(panel(voices).width for voices in (1, 2, 3))) in text
    assert f"{HEIGHT_MM:g} mm high" in text


def test_files_that_the_guide_orders_are_there():
    for name in re.findall(r"`((?:pcb|panel)/[\w/.-]+)`", _guide()):
        for voices in "123":
            assert (FOLDER / name.replace("-N", f"-{voices}")).exists(), name


def test_guide_counts_the_wires_of_one_voice():
    found = re.search(r"some (\d+) wires", _guide())
    ends = [
        sum(not ref.startswith("TP") for ref, _ in pins)
        for board in module.boards()
        for pins in board.nets.values()
    ]
    assert found
    assert sum(count - 1 for count in ends) == pytest.approx(int(found[1]), rel=0.05)


def test_readme_adds_the_prices_that_were_seen():
    text = " ".join((FOLDER / "README.md").read_text().split())
    totals = [seen_total(*module.boards(), voices) for voices in (1, 2, 3)]
    one, two, three = (f"{low:.0f} to {high:.0f}" for low, high, _ in totals)
    assert f"{one} for one voice, {two} for two and {three} for three" in text
    boards_and_panel = 3
    assert f"{totals[0][2] - boards_and_panel} other rows" in text


def test_links_between_the_guides_lead_somewhere():
    for name in ("README.md", "build.md", "power.md"):
        text = (FOLDER / name).read_text()
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            assert (FOLDER / target).exists(), (name, target)


def test_guide_quotes_the_bias_and_the_references():
    main, voice = _sections()
    for text, value in ((main, c.BIAS.volts()), (main, 3.3), (voice, c.DAC_REFERENCE_VOLTS)):
        spans = re.findall(r"(\d\.\d+) to\s+(\d\.\d+) V", text)
        assert any(float(low) < value < float(high) < value * 1.02 for low, high in spans)


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


def _longest_mm(name, ending):
    lengths = {}
    for track in read(board_path(name)).tracks:
        if track.net.endswith(ending):
            piece = distance_mm(track.start, track.end)
            lengths[track.net] = lengths.get(track.net, 0.0) + piece
    return max(lengths.values())


def test_review_of_the_boards_quotes_the_sensitive_nodes():
    text = " ".join((FOLDER / "power.md").read_text().split())
    found = re.search(r"at most (\d+) mm of track at the CV inputs' .*?, (\d+) mm at the", text)
    assert found
    assert float(found[1]) == pytest.approx(_longest_mm("main", "_SUM"), abs=0.6)
    assert float(found[2]) == pytest.approx(_longest_mm("voice", "_MINUS"), abs=0.6)
