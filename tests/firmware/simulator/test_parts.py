"""Parts' errors in the jacks' volts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board.constants import CV_OUTPUT
from firmware.simulator.mcp4728 import COMMISSIONED, Mcp4728Model
from firmware.simulator.parts import IDEAL, NOTHING, PartErrors, draw_errors, jack_table

SUPPLY = np.full(4, CV_OUTPUT.reference_volts)
LSB = CV_OUTPUT.gain * CV_OUTPUT.reference_volts / 4096


def test_ideal_parts_are_nominal():
    nominal = [CV_OUTPUT.volts(code) for code in range(4096)]
    assert jack_table(IDEAL, SUPPLY) == pytest.approx(np.tile(nominal, (4, 1)))


@pytest.mark.parametrize(
    ("errors", "code", "volts"),
    [
        (PartErrors(offset_volts=(0.01, 0.0, 0.0, 0.0)), 2048, CV_OUTPUT.gain * 0.01),
        (PartErrors(gain_error=(0.01, 0.0, 0.0, 0.0)), 2048, CV_OUTPUT.gain * 0.02048),
        (PartErrors(stage_gain_error=(0.001, 0.0, 0.0, 0.0)), 2048, CV_OUTPUT.gain * 0.002048),
        (
            PartErrors(stage_bias_error=(0.001, 0.0, 0.0, 0.0)),
            2048,
            CV_OUTPUT.offset_volts * 0.001,
        ),
        (PartErrors(inl_lsb=(NOTHING, (2.0, 0.0, 0.0, 0.0), NOTHING)), 2047, 2.0 * LSB),
        (PartErrors(inl_lsb=(NOTHING, (2.0, 0.0, 0.0, 0.0), NOTHING)), 4095, 0.0),
    ],
)
def test_each_error_moves_its_output_alone(errors, code, volts):
    moved = jack_table(errors, SUPPLY)[:, code] - CV_OUTPUT.volts(code)
    assert moved == pytest.approx([volts, 0.0, 0.0, 0.0], abs=LSB * 1e-3)


def test_a_reference_error_leaves_the_code_of_0_volts_alone():
    chip = Mcp4728Model(0x60, COMMISSIONED, PartErrors(reference_error=0.01))
    assert chip.volts == pytest.approx([CV_OUTPUT.volts(CV_OUTPUT.zero_code) * 1.01] * 4)


@given(st.integers(0, 2**32), st.sampled_from([0.0, 2.0, 13.0]))
def test_drawn_parts_stay_within_the_datasheets(seed, inl_lsb):
    errors = draw_errors(np.random.default_rng(seed), inl_lsb=inl_lsb)
    assert np.abs(errors.inl_lsb).max() <= inl_lsb
    assert max(map(abs, errors.gain_error)) <= 0.0125
    assert errors == draw_errors(np.random.default_rng(seed), inl_lsb=inl_lsb)
    table = jack_table(errors, SUPPLY)
    # Nominal within 20 mV of offset, 1.25 % of gain and 13 LSB, through the stage.
    worst = CV_OUTPUT.gain * (0.02 + 0.014 * 4.096) + 13 * LSB + 0.02
    assert np.abs(table - jack_table(IDEAL, SUPPLY)).max() < worst
