# SPDX-License-Identifier: CERN-OHL-P-2.0
"""What the module draws from each rail, typical and at its peak, by number of voices."""

from dataclasses import dataclass

from hardware.constants import MAX_VOICES, SUPPLY_VOLTS

CONVERTER_EFFICIENCY = 0.88
"""TSR 1-2450 at 12 V, a little under its data sheet's figure."""


PI_TYPICAL_AMPS, PI_PEAK_AMPS = 0.35, 0.60
"""A Raspberry Pi Zero 2 W on 5 V: published ranges, not measured here."""


@dataclass(frozen=True, slots=True)
class Load:
    """One load on one rail, milliamps."""

    name: str
    rail: str
    typical_ma: float
    peak_ma: float
    per_voice: bool = False


LOADS = (
    Load("OLED, half lit / all lit", "+5V", 12, 25),
    Load("MIDI out, idle / sending", "+5V", 1, 7),
    Load("clock out, open / shorted", "+5V", 0, 5),
    Load("74AHCT125, H11L1, pull-ups", "+5V", 3, 6),
    Load("3V3A: converter, amplifiers, pots", "+5V", 3, 4),
    Load("I2C pull-ups, LEDs, 5 V switch", "+5V", 4, 8),
    Load("TL074", "+12V", 6, 10, per_voice=True),
    Load("gate LED", "+12V", 0.5, 1.5, per_voice=True),
    Load("TL074", "-12V", 6, 10, per_voice=True),
    Load("REF5040 and MCP4728", "+12V", 3, 4, per_voice=True),
    Load("four outputs at 5 V into 100k / 10k", "+12V", 0.2, 2, per_voice=True),
    Load("one output shorted at 5 V", "+12V", 0, 11),
)
"""Data-sheet typical and maximum figures."""


@dataclass(frozen=True, slots=True)
class Rails:
    """Draw of a module, milliamps from the rack."""

    plus_typical_ma: float
    plus_peak_ma: float
    minus_typical_ma: float
    minus_peak_ma: float
    five_volt_peak_amps: float
    peak_converter_watts: float


def rails(voices: int = MAX_VOICES) -> Rails:
    """Add the budget up. The rack's own +5 V is not used."""

    def total(rail: str, *, peak: bool) -> float:
        loads = [load for load in LOADS if load.rail == rail]
        return sum(
            (load.peak_ma if peak else load.typical_ma) * (voices if load.per_voice else 1)
            for load in loads
        )

    typical = PI_TYPICAL_AMPS + total("+5V", peak=False) / 1e3
    peak = PI_PEAK_AMPS + total("+5V", peak=True) / 1e3
    to_rack = 5.0 / SUPPLY_VOLTS / CONVERTER_EFFICIENCY * 1e3
    return Rails(
        plus_typical_ma=total("+12V", peak=False) + typical * to_rack,
        plus_peak_ma=total("+12V", peak=True) + peak * to_rack,
        minus_typical_ma=total("-12V", peak=False),
        minus_peak_ma=total("-12V", peak=True),
        five_volt_peak_amps=peak,
        peak_converter_watts=peak * 5.0 / CONVERTER_EFFICIENCY,
    )


def table() -> str:
    """Write the budget as a Markdown table, milliamps from the rack's rails."""
    rows = [
        "| voices | +12 V typical | +12 V peak | -12 V typical | -12 V peak |",
        "|---|---|---|---|---|",
    ]
    for voices in range(1, MAX_VOICES + 1):
        drawn = rails(voices)
        cells = (
            drawn.plus_typical_ma,
            drawn.plus_peak_ma,
            drawn.minus_typical_ma,
            drawn.minus_peak_ma,
        )
        figures = " | ".join(f"{tens(cell)}" for cell in cells)
        rows.append(f"| {voices} | {figures} |")
    return "\n".join(rows) + "\n"


def tens(milliamps: float) -> int:
    """Round up to whole tens: an estimate deserves no more digits."""
    return -(-int(milliamps + 0.999) // 10) * 10
