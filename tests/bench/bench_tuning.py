"""How far pitch is off, in cents, on chips drawn within their datasheets' limits.

Every row is drawn from the same seed: uncalibrated, at two points, at every octave; with
typical and with the worst integral non-linearity; with an ideal meter and one of 0.5 mV.
"""

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from firmware.board.calibration import OutputCurve, fit_output
from firmware.board.constants import DAC_ADDRESSES
from firmware.cli.calibration_procedure import Jacks, by_meter
from firmware.drivers.mcp3208 import Mcp3208
from firmware.engine.scale import NOTE_MAX, NOTE_MIN, pitch_volts
from firmware.simulator.clock import VirtualTime
from firmware.simulator.parts import IDEAL, draw_errors
from firmware.simulator.rack import Rack

CHIPS = 150
SEED = 1
TYPICAL_LSB, WORST_LSB = 2.0, 13.0
GOAL_CENTS = 2.0

Method = Callable[[Jacks, Callable[[float], float]], OutputCurve]


def uncalibrated(_: Jacks, __: Callable[[float], float]) -> OutputCurve:
    return OutputCurve()


def two_points(jacks: Jacks, meter: Callable[[float], float]) -> OutputCurve:
    points = by_meter(jacks, 0, 0, meter).points
    return fit_output((points[0], points[-1]))


def octaves(jacks: Jacks, meter: Callable[[float], float]) -> OutputCurve:
    return by_meter(jacks, 0, 0, meter)


def cents(method: Method, inl_lsb: float, meter_volts: float) -> np.ndarray:
    """Give the error of every note, shape (chips, notes)."""
    random, noise = np.random.default_rng(SEED), np.random.default_rng(SEED + 1)
    rows = []
    for _ in range(CHIPS):
        errors = draw_errors(random, inl_lsb=inl_lsb)
        rack = Rack(VirtualTime(), errors=(errors, *(IDEAL,) * (len(DAC_ADDRESSES) - 1)))
        jacks = Jacks(rack.player().dacs, Mcp3208(rack.adc), lambda _: None)
        dac = rack.dacs[0]
        curve = method(jacks, lambda _, dac=dac: dac.volts[0] + noise.normal(0, meter_volts))
        row = []
        for note in range(NOTE_MIN, NOTE_MAX + 1):
            jacks.set_output(0, 0, curve.code(pitch_volts(note)))
            row.append(abs(dac.volts[0] - pitch_volts(note)) * 1200)
        rows.append(row)
    return np.array(rows)


def main() -> None:
    table = (
        ("uncalibrated", uncalibrated, TYPICAL_LSB, 0.0),
        ("two points", two_points, TYPICAL_LSB, 0.0),
        ("every octave", octaves, TYPICAL_LSB, 0.0),
        ("every octave, 0.5 mV meter", octaves, TYPICAL_LSB, 0.0005),
        ("every octave, worst INL", octaves, WORST_LSB, 0.0),
    )
    sys.stdout.write(f"{CHIPS} chips, cents off: of all notes; of each chip's worst note\n")
    sys.stdout.write(f"{'':28} {'median':>7} {'95 %':>7}   {'median':>7} {'95 %':>7}\n")
    for name, method, inl_lsb, meter_volts in table:
        off = cents(method, inl_lsb, meter_volts)
        notes, worst = np.percentile(off, [50, 95]), np.percentile(off.max(axis=1), [50, 95])
        figures = "{:7.2f} {:7.2f}   {:7.2f} {:7.2f}".format(*notes, *worst)
        sys.stdout.write(f"{name:28} {figures}\n")
    sys.stdout.write(f"goal: every octave, of all notes, 95 %: {GOAL_CENTS}\n")


if __name__ == "__main__":
    main()
