"""The panel can be built, and every file of it says the same."""

import io
import itertools
import re
import xml.etree.ElementTree as ET

import ezdxf
import pytest

from hardware.constants import DAC_OUTPUTS
from hardware.module import boards
from hardware.panel.fabrication import drill, dxf, gerbers, panel_files
from hardware.panel.geometry import (
    BODIES_MM,
    DIAMETERS_MM,
    HEIGHT_MM,
    HP_MM,
    RAIL_MM,
    panel,
)
from hardware.panel.lettering import Legend, box, letters, polygons
from hardware.panel.picture import svg

VOICES = pytest.mark.parametrize("voices", [1, 2, 3])


def _wanted(board):
    return sorted((hole.x, hole.y, DIAMETERS_MM[hole.kind]) for hole in board.holes)


@VOICES
def test_width_is_an_even_number_of_hp_with_play(voices):
    built = panel(voices)
    assert built.hp == 14 + 4 * voices
    assert built.hp % 2 == 0
    assert 0.2 <= built.hp * HP_MM - built.width <= 0.5


@VOICES
def test_mounting_holes_follow_the_rail(voices):
    built = panel(voices)
    holes = [hole for hole in built.holes if hole.kind == "mounting"]
    assert len(holes) == 4
    assert {hole.y for hole in holes} == {3.0, HEIGHT_MM - 3.0}
    for hole in holes:
        steps = (hole.x - 7.5) / HP_MM
        assert steps == pytest.approx(round(steps), abs=1e-3)
        assert hole.x + BODIES_MM["mounting"] / 2 < built.width


@VOICES
def test_bodies_do_not_touch(voices):
    for one, two in itertools.combinations(panel(voices).holes, 2):
        gap = ((one.x - two.x) ** 2 + (one.y - two.y) ** 2) ** 0.5
        assert gap > (BODIES_MM[one.kind] + BODIES_MM[two.kind]) / 2 + 1.0, (one, two)


@VOICES
def test_parts_keep_clear_of_rails_and_edges(voices):
    built = panel(voices)
    for hole in built.holes:
        if hole.kind == "mounting":
            continue
        body = BODIES_MM[hole.kind] / 2
        assert body < hole.x < built.width - body
        assert RAIL_MM + body < hole.y < HEIGHT_MM - RAIL_MM - body


def test_window_keeps_clear_of_the_encoder():
    built = panel(1)
    (encoder,) = [hole for hole in built.holes if hole.kind == "encoder"]
    right = built.window.x + built.window.width / 2
    assert right + 3 < encoder.x - BODIES_MM["encoder"] / 2
    assert built.window.x - built.window.width / 2 > 2


@VOICES
def test_everything_that_a_hand_or_eye_needs_has_a_hole(voices):
    main, _ = boards()
    names = {hole.name for hole in panel(voices).holes if hole.kind != "mounting"}
    controls = {"PJ398SM", "TRS MIDI", "B10k", "button 13 mm"}
    sockets = {part.block for part in main.parts if part.value in controls}
    outputs = {f"{name}_{n}" for name in DAC_OUTPUTS for n in range(1, voices + 1)}
    lights = {"status_led", "clock_led"} | {f"gate_led_{n}" for n in range(1, voices + 1)}
    assert names == sockets | outputs | lights | {"encoder"}


@VOICES
def test_words_stand_clear_of_each_other_and_of_the_holes(voices):
    built = panel(voices)
    boxes = [_box(word) for word in built.legends]
    for one, two in itertools.combinations(boxes, 2):
        assert _apart(one, two), (one, two)
    for hole in built.holes:
        body = BODIES_MM[hole.kind] / 2
        around = (hole.name, hole.x - body, hole.y - body, hole.x + body, hole.y + body)
        assert all(_apart(around, box) for box in boxes), hole


def _box(word):
    return (word.text, *box(word))


def _apart(one, two, gap=0.3):
    (_, a, b, c, d), (_, e, f, g, h) = one, two
    return c + gap < e or g + gap < a or d + gap < f or h + gap < b


def _printed(built):
    """Boxes around the lines and dots of the print."""
    for dot in built.dots:
        x, y, r = dot.x, dot.y, dot.radius
        yield ("dot", x - r, y - r, x + r, y + r)
    for line in built.lines:
        (x1, y1), (x2, y2), half = line.start, line.end, line.width / 2
        yield (
            "line", min(x1, x2) - half, min(y1, y2) - half, max(x1, x2) + half,
            max(y1, y2) + half,
        )  # fmt: skip


@VOICES
def test_print_keeps_clear_of_words_holes_and_edges(voices):
    built = panel(voices)
    words = [_box(word) for word in built.legends]
    for mark in _printed(built):
        assert all(_apart(mark, word) for word in words), mark
        _, left, low, right, high = mark
        assert left > 0.5
        assert right < built.width - 0.5
        for hole in built.holes:
            x, y = max(left, min(hole.x, right)), max(low, min(hole.y, high))
            gap = ((x - hole.x) ** 2 + (y - hole.y) ** 2) ** 0.5
            assert gap > BODIES_MM[hole.kind] / 2 + 0.2, (mark, hole)


@VOICES
def test_nothing_printed_is_finer_than_makers_print(voices):
    built = panel(voices)
    assert min(line.width for line in built.lines) >= 0.2
    assert min(dot.radius for dot in built.dots) >= 0.1
    assert min(word.size_mm for word in built.legends) >= 1.5


@VOICES
def test_what_is_cleared_stands_on_a_plate(voices):
    built = panel(voices)
    for item in (*built.dots, *built.legends):
        on_plate = any(
            abs(item.x - plate.x) < plate.width / 2 and abs(item.y - plate.y) < plate.height / 2
            for plate in built.plates
        )
        assert on_plate == item.cleared, item


def test_a_word_is_centred_and_as_high_as_it_says():
    left, low, right, high = box(Legend("HXH", 10.0, 20.0, 3.0, spacing_mm=1.0))
    assert (left + right) / 2 == pytest.approx(10.0, abs=0.05)
    assert (low, high) == (pytest.approx(18.5, abs=0.02), pytest.approx(21.5, abs=0.02))
    wide = box(Legend("HXH", 10.0, 20.0, 3.0))
    assert right - left == pytest.approx(wide[2] - wide[0] + 2.0)
    assert len(letters(Legend("A B", 0.0, 0.0))) == 2


def test_an_island_comes_after_the_letter_that_it_is_left_out_of():
    (letter,) = letters(Legend("O", 0.0, 0.0))
    outer, inner = polygons(letter)
    assert max(x for x, _ in outer) > max(x for x, _ in inner)


@VOICES
def test_outputs_stand_on_plates_and_inputs_do_not(voices):
    built = panel(voices)
    for hole in built.holes:
        if hole.kind not in {"jack", "midi"}:
            continue
        on_plate = any(
            abs(hole.x - plate.x) < plate.width / 2 and abs(hole.y - plate.y) < plate.height / 2
            for plate in built.plates
        )
        is_output = hole.name.endswith("_out") or hole.name.startswith(DAC_OUTPUTS)
        assert on_plate == is_output, hole


@VOICES
def test_picture_shows_the_drilling(voices):
    built = panel(voices)
    root = ET.fromstring(svg(built))
    drawn = [
        (float(e.get("cx")), round(HEIGHT_MM - float(e.get("cy")), 3), 2 * float(e.get("r")))
        for e in root.iter("{http://www.w3.org/2000/svg}circle")
        if e.get("class") == "hole"
    ]
    assert sorted(drawn) == [pytest.approx(hole) for hole in _wanted(built)]


@VOICES
def test_dxf_holds_the_drilling(voices):
    built = panel(voices)
    document = ezdxf.read(io.StringIO(dxf(built)))
    circles = document.modelspace().query('CIRCLE[layer=="DRILL"]')
    drawn = [(c.dxf.center.x, c.dxf.center.y, 2 * c.dxf.radius) for c in circles]
    assert sorted(drawn) == [pytest.approx(hole) for hole in _wanted(built)]
    assert not document.audit().errors


@VOICES
def test_drill_file_holds_the_drilling(voices):
    built = panel(voices)
    text, tools, found, tool = drill(built), {}, [], None
    for line in text.splitlines():
        if size := re.fullmatch(r"(T\d+)C([\d.]+)", line):
            tools[size[1]] = float(size[2])
        elif line in tools:
            tool = line
        elif at := re.fullmatch(r"X([\d.]+)Y([\d.]+)", line):
            found.append((float(at[1]), float(at[2]), tools[tool]))
    assert sorted(found) == [pytest.approx(hole) for hole in _wanted(built)]


def test_gerbers_carry_no_date_and_the_outline():
    layers = gerbers(panel(3))
    assert set(layers) == {"GM1", "GTO", "GTS", "GTL", "GBS", "GBL"}
    for text in layers.values():
        assert "CreationDate" not in text
        assert text.rstrip().endswith("M02*")
    millimetres = [int(x) / 1e6 for x in re.findall(r"X(\d+)Y", layers["GM1"])]
    assert max(millimetres) == pytest.approx(panel(3).width)


def test_files_are_the_same_every_time():
    one, two = (panel_files(panel(2)) for _ in range(2))
    assert len(one) == 8
    assert one == two


@pytest.mark.parametrize("voices", [0, 4])
def test_an_impossible_number_of_voices_is_refused(voices):
    with pytest.raises(ValueError, match="choose 1 to 3"):
        panel(voices)
