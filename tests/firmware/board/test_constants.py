"""The firmware's numbers are the circuit's."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board import constants
from hardware import constants as c


def test_output_stage_is_the_circuit_s():
    assert constants.CV_OUTPUT.gain == pytest.approx(c.OUTPUT.gain())
    assert constants.CV_OUTPUT.offset_volts == pytest.approx(c.OUTPUT.offset_volts())
    assert constants.CV_OUTPUT.reference_volts == c.DAC_REFERENCE_VOLTS
    assert constants.CV_OUTPUT.bits == c.DAC_BITS
    ends = (constants.CV_OUTPUT.lowest_volts, constants.CV_OUTPUT.highest_volts)
    assert ends == pytest.approx(c.OUTPUT.range_volts())


def test_input_stage_is_the_circuit_s():
    assert constants.CV_INPUT.gain == pytest.approx(c.INPUT.gain())
    assert constants.CV_INPUT.offset_volts == pytest.approx(c.INPUT.offset_volts())
    assert (
        constants.CV_INPUT.reference_volts == constants.KNOB.reference_volts == c.ANALOG_VOLTS
    )
    assert constants.CV_INPUT.bits == constants.KNOB.bits == c.ADC_BITS


def test_clock_thresholds_are_the_circuit_s():
    assert (
        pytest.approx(c.CLOCK.thresholds_volts(), abs=1e-3) == constants.CLOCK_THRESHOLDS_VOLTS
    )


def test_wiring_is_the_circuit_s():
    assert constants.DAC_ADDRESSES == c.DAC_ADDRESSES
    assert constants.ADC_INPUTS == c.ADC_INPUTS
    assert constants.DAC_OUTPUTS == c.DAC_OUTPUTS
    selects = {"adc": constants.ADC_CHIP_SELECT, "oled": constants.OLED_CHIP_SELECT}
    assert selects == c.SPI_CHIP_SELECTS


def test_pins_are_the_circuit_s():
    # A header line that the circuit does not use yet must at least be free.
    free = set(c.HEADER_PINS) - set(c.BCM_PINS.values())
    names = [
        field.name
        for field in fields(constants.Pins)
        if field.name != "ldac"
        and (field.name in c.BCM_PINS or getattr(constants.PINS, field.name) not in free)
    ]
    assert {name: getattr(constants.PINS, name) for name in names} == {
        name: c.BCM_PINS[name] for name in names
    }
    assert constants.PINS.ldac == tuple(c.BCM_PINS[f"ldac_{voice}"] for voice in (1, 2, 3))


@given(st.integers(0, 4095))
def test_a_code_comes_back_from_its_volts(code):
    for stage in (constants.CV_OUTPUT, constants.CV_INPUT, constants.KNOB):
        assert stage.code(stage.volts(code)) == code


@pytest.mark.parametrize(
    ("stage", "volts", "code"),
    [
        (constants.CV_OUTPUT, -4.0, 0),
        (constants.CV_OUTPUT, 12.0, 4095),
        (constants.CV_OUTPUT, 0.0, 1539),
        (constants.CV_INPUT, 12.0, 0),
        (constants.CV_INPUT, -12.0, 4095),
        (constants.CV_INPUT, 0.0, 2048),
        (constants.KNOB, 1.65, 2048),
    ],
)
def test_codes_are_held_inside_the_converter(stage, volts, code):
    assert stage.code(volts) == code


def test_power_on_code_is_within_half_a_code_of_zero_volts():
    assert abs(constants.CV_OUTPUT.volts(constants.CV_OUTPUT.zero_code)) < 0.5 * 2.5 / 1200
