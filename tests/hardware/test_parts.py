"""The catalogue against KiCad's own libraries."""

import pytest

from hardware import controls, parts
from hardware.board import footprint_path
from hardware.module import boards
from hardware.pcb.sexpr import child, children, numbers, parse


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (13e3, "13k"),
        (680.0, "680R"),
        (470e-12, "470p"),
        (1e-9, "1n"),
        (10e-6, "10u"),
        (4700.0, "4k7"),
        (1e6, "1M"),
    ],
)
def test_values_are_written_as_on_a_sheet(value, text):
    assert parts.engineering(value) == text


def test_a_value_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no component value"):
        parts.engineering(0.0)


@pytest.mark.parametrize(
    ("ohms", "number"),
    [(10e3, "ERA-6AEB103V"), (36e3, "ERA-6AEB363V"), (100e3, "ERA-6AEB104V")],
)
def test_precise_resistors_carry_the_maker_s_digits(ohms, number):
    assert parts.precise_resistor(ohms).number == number


def test_every_footprint_is_in_kicad_s_library():
    for board in boards():
        for part in board.parts:
            assert footprint_path(part.item.footprint).exists(), part.ref


def test_every_part_has_a_height():
    for board in boards():
        for part in board.parts:
            assert (part.item.height_mm > 0) == (part.item != parts.TEST_POINT), part.ref


def _pads(footprint):
    tree = parse(footprint_path(footprint).read_text())
    return {pad[1]: tuple(numbers(child(pad, "at"))[:2]) for pad in children(tree, "pad")}


def test_the_stereo_jack_has_the_contacts_of_the_mono_one():
    stereo, mono = _pads(controls.MIDI_JACK.footprint), _pads(controls.JACK.footprint)
    assert stereo == {"S": mono["S"], "T": mono["T"], "R": mono["TN"]}


def test_the_display_has_seven_pins_in_a_row():
    pads = _pads(controls.OLED.footprint)
    assert [pads[str(n)] for n in range(1, 8)] == [(2.54 * n, 0.0) for n in range(7)]
