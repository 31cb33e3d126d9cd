"""The power budget, and the guide that quotes it."""

from pathlib import Path

import pytest

from hardware import power_budget
from hardware.power_budget import rails, table

HARDWARE = Path(power_budget.__file__).parent
PLUS_HOLD_AMPS, MINUS_HOLD_AMPS, CONVERTER_AMPS = 0.5, 0.14, 1.0


@pytest.mark.parametrize("voices", [1, 2, 3])
def test_fuses_and_converter_carry_the_peak(voices):
    drawn = rails(voices)
    # A resettable fuse holds a fifth less in a warm case.
    assert drawn.plus_peak_ma / 1e3 < 0.8 * PLUS_HOLD_AMPS
    assert drawn.minus_peak_ma / 1e3 < 0.8 * MINUS_HOLD_AMPS
    assert drawn.five_volt_peak_amps < 0.8 * CONVERTER_AMPS


def test_more_voices_draw_more():
    assert rails(1).plus_typical_ma < rails(3).plus_typical_ma


def test_the_guide_quotes_the_budget():
    assert table() in (HARDWARE / "power.md").read_text()
