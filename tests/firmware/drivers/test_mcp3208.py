"""The ADC driver over the simulated chip, bit for bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board import constants
from firmware.drivers.bus import BusError
from firmware.drivers.mcp3208 import Mcp3208
from firmware.simulator.spi import NOMINAL_STAGES, SimulatedAdc


@given(st.lists(st.floats(-12, 12), min_size=8, max_size=8))
def test_every_input_is_read_through_its_stage(volts):
    chip = SimulatedAdc()
    chip.volts.update(zip(constants.ADC_INPUTS, volts, strict=True))
    adc = Mcp3208(chip)
    expected = [NOMINAL_STAGES[name].code(chip.volts[name]) for name in constants.ADC_INPUTS]
    assert adc.read(range(8)) == expected
    assert adc.read((6, 1, 6)) == [expected[6], expected[1], expected[6]]


@given(st.integers(0, 4095), st.integers(0, 7))
def test_every_code_comes_through(code, channel):
    chip = SimulatedAdc()
    name = constants.ADC_INPUTS[channel]
    chip.volts[name] = NOMINAL_STAGES[name].volts(code)
    assert Mcp3208(chip).read((channel,)) == [code]


def test_a_line_that_floats_high_is_no_chip():
    chip = SimulatedAdc()
    chip.floating = 1
    with pytest.raises(BusError, match="ADC input 3: no answer"):
        Mcp3208(chip).read((3,))


def test_a_line_that_lies_low_reads_zero():
    chip = SimulatedAdc()
    chip.floating = 0
    assert Mcp3208(chip).read((3,)) == [0]


def test_a_frozen_chip_repeats_itself_until_it_thaws():
    chip = SimulatedAdc()
    adc = Mcp3208(chip)
    before = adc.read((3,))
    chip.frozen = True
    chip.volts["cv_x"] = 5.0
    assert adc.read((3,)) == before
    chip.frozen = False
    assert adc.read((3,)) == [constants.CV_INPUT.code(5.0)]


def test_a_broken_bus_is_reported():
    chip = SimulatedAdc()
    chip.broken = True
    with pytest.raises(BusError, match="ADC: "):
        Mcp3208(chip).read((5,))
