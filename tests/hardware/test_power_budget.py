"""The power budget, and the guide that quotes it."""

from pathlib import Path

import pytest

from hardware import power_budget
from hardware.power_budget import PI_4, PIS, ZERO_2W, rails, table

HARDWARE = Path(power_budget.__file__).parent
HOLD_AMPS = {"MF-RHT050": 0.5, "MF-RHT100": 1.0}
CONVERTER_AMPS = {"TSR 1-2450": 1.0, "TSR 2-2450": 2.0}


@pytest.mark.parametrize("pi", PIS)
@pytest.mark.parametrize("voices", [1, 2, 3])
def test_fuse_and_converter_carry_the_peak(pi, voices):
    drawn = rails(pi, voices)
    assert drawn.plus_peak_ma / 1e3 < HOLD_AMPS[pi.fuse]
    assert drawn.five_volt_peak_amps < CONVERTER_AMPS[pi.converter]


def test_more_voices_and_larger_pis_draw_more():
    assert rails(ZERO_2W, 1).plus_typical_ma < rails(ZERO_2W, 3).plus_typical_ma
    assert rails(ZERO_2W, 3).plus_peak_ma < rails(PI_4, 3).plus_peak_ma


def test_the_guide_quotes_the_budget():
    assert table() in (HARDWARE / "power.md").read_text()
