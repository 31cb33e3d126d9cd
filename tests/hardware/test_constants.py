"""The values of the circuit against what the module promises at its jacks."""

import pytest

from hardware import constants as c

# MCP4728 data sheet DS22187E, section 1: offset error 20 mV, gain error 1.25 % of full scale.
DAC_OFFSET_VOLTS = 0.020
DAC_GAIN = 0.0125


def test_outputs_span_the_pitch_range_with_the_worst_converter():
    lowest, highest = c.OUTPUT.range_volts()
    gain = c.OUTPUT.gain()
    assert lowest + gain * DAC_OFFSET_VOLTS < -3.0
    full_scale = gain * c.DAC_REFERENCE_VOLTS
    assert highest - gain * DAC_OFFSET_VOLTS - DAC_GAIN * full_scale > 5.0


def test_one_output_code_is_less_than_two_and_a_half_cents():
    volts_per_code = c.OUTPUT.gain() * c.DAC_REFERENCE_VOLTS / 2**c.DAC_BITS
    assert volts_per_code * 1200 < 2.5


@pytest.mark.parametrize("jack_volts", [-10.0, -5.0, 0.0, 5.0, 10.0])
def test_inputs_stay_clear_of_the_amplifier_s_rails(jack_volts):
    pin_volts = c.INPUT.offset_volts() + c.INPUT.gain() * jack_volts
    assert 0.1 < pin_volts < c.ANALOG_VOLTS - 0.1


def test_zero_volts_in_stands_in_the_middle():
    assert c.INPUT.offset_volts() == pytest.approx(c.ANALOG_VOLTS / 2)


@pytest.mark.parametrize("jack_volts", [-12.0, 12.0])
def test_clock_amplifier_inputs_stay_on_its_rails(jack_volts):
    divider = c.CLOCK.bias_ohms / (c.CLOCK.input_ohms + c.CLOCK.bias_ohms)
    node = jack_volts * divider + c.BIAS.volts() * (1 - divider)
    assert -0.3 < node < c.ANALOG_VOLTS + 0.3


def test_clock_thresholds():
    falling, rising = c.CLOCK.thresholds_volts()
    assert 1.0 < falling < rising < 2.0
    assert rising - falling > 0.5


def test_every_line_has_its_own_header_pin():
    lines = list(c.BCM_PINS.values())
    assert len(set(lines)) == len(lines)
    pins = [c.HEADER_PINS[line] for line in lines]
    assert len(set(pins)) == len(pins)
