"""The firmware's numbers are the circuit's."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware import board
from hardware import constants as c


def test_output_stage_is_the_circuit_s():
    assert board.CV_OUTPUT.gain == pytest.approx(c.OUTPUT.gain())
    assert board.CV_OUTPUT.offset_volts == pytest.approx(c.OUTPUT.offset_volts())
    assert board.CV_OUTPUT.reference_volts == c.DAC_REFERENCE_VOLTS
    assert board.CV_OUTPUT.bits == c.DAC_BITS
    ends = (board.CV_OUTPUT.lowest_volts, board.CV_OUTPUT.highest_volts)
    assert ends == pytest.approx(c.OUTPUT.range_volts())


def test_input_stage_is_the_circuit_s():
    assert board.CV_INPUT.gain == pytest.approx(c.INPUT.gain())
    assert board.CV_INPUT.offset_volts == pytest.approx(c.INPUT.offset_volts())
    assert board.CV_INPUT.reference_volts == board.KNOB.reference_volts == c.ANALOG_VOLTS
    assert board.CV_INPUT.bits == board.KNOB.bits == c.ADC_BITS


def test_clock_thresholds_are_the_circuit_s():
    assert pytest.approx(c.CLOCK.thresholds_volts(), abs=1e-3) == board.CLOCK_THRESHOLDS_VOLTS


def test_wiring_is_the_circuit_s():
    assert board.DAC_ADDRESSES == c.DAC_ADDRESSES
    assert board.ADC_INPUTS == c.ADC_INPUTS
    assert board.DAC_OUTPUTS == c.DAC_OUTPUTS
    selects = {"adc": board.ADC_CHIP_SELECT, "oled": board.OLED_CHIP_SELECT}
    assert selects == c.SPI_CHIP_SELECTS


def test_pins_are_the_circuit_s():
    names = [field.name for field in fields(board.Pins) if field.name != "ldac"]
    assert {name: getattr(board.PINS, name) for name in names} == {
        name: c.BCM_PINS[name] for name in names
    }
    assert board.PINS.ldac == tuple(c.BCM_PINS[f"ldac_{voice}"] for voice in (1, 2, 3))


@given(st.integers(0, 4095))
def test_a_code_comes_back_from_its_volts(code):
    for stage in (board.CV_OUTPUT, board.CV_INPUT, board.KNOB):
        assert stage.code(stage.volts(code)) == code


@pytest.mark.parametrize(
    ("stage", "volts", "code"),
    [
        (board.CV_OUTPUT, -4.0, 0),
        (board.CV_OUTPUT, 12.0, 4095),
        (board.CV_OUTPUT, 0.0, 1539),
        (board.CV_INPUT, 12.0, 0),
        (board.CV_INPUT, -12.0, 4095),
        (board.CV_INPUT, 0.0, 2048),
        (board.KNOB, 1.65, 2048),
    ],
)
def test_codes_are_held_inside_the_converter(stage, volts, code):
    assert stage.code(volts) == code


def test_power_on_code_is_within_half_a_code_of_zero_volts():
    assert abs(board.CV_OUTPUT.volts(board.CV_OUTPUT.zero_code)) < 0.5 * 2.5 / 1200
