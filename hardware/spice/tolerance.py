# SPDX-License-Identifier: CERN-OHL-P-2.0
"""How far a note is out of tune over many built voices, with and without calibration.

ngspice gives each stage's gain and offset with its own resistors, cold and warm; the
converter's and the reference's errors come from their data sheets. The shape of the
converter's integral error is not published: a smooth random one of the given size stands in.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmware.board.calibration import OutputCurve, Point
from firmware.board.constants import CV_OUTPUT
from hardware import constants as c
from hardware.board import Board, Part
from hardware.spice.deck import Figure, deck, lines
from hardware.spice.ngspice import simulate
from hardware.spice.outputs import CENT_VOLTS, RAILS

Floats = npt.NDArray[np.float64]

NOTE_VOLTS = np.arange(-36, 61) / 12
"""Every semitone from -3 V to +5 V."""

OCTAVE_VOLTS = np.arange(-3.0, 6.0)
HALF_OCTAVE_VOLTS = np.arange(-6, 11) / 2
TWO_POINT_VOLTS = np.array([-2.0, 4.0])
WARMING_KELVIN = 10.0

DAC_OFFSET_VOLTS = 0.020
DAC_GAIN_ERROR = 0.0125
DAC_GAIN_PER_KELVIN = 3e-6
REFERENCE_ERROR, REFERENCE_PER_KELVIN = 0.001, 8e-6
"""REF5040A, SBOS410: initial accuracy and drift at most."""
AMPLIFIER_OFFSET_VOLTS = 0.010
AMPLIFIER_VOLTS_PER_KELVIN = 18e-6
"""TL074, SLOS080: offset at most, drift typical."""
METER_VOLTS = 0.5e-3
"""Error of the meter used for calibration, rms."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An integral error: its greatest value, and how wavy it is."""

    name: str
    lsb: float
    half_waves: int
    limit_cents: float | None = None
    """What a per-octave calibration must reach with it."""


SHAPES = (
    Shape("INL 2 LSB, smooth", 2.0, 4, limit_cents=2.0),
    Shape("INL 2 LSB, wavy", 2.0, 8),
    Shape("INL 13 LSB, smooth", 13.0, 4),
)
"""MCP4728, DS22187E section 1: 2 LSB typical, 13 at most; the shapes are assumed."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Gain and offset of each of many output stages, of shape (stages,)."""

    dac_gain: Floats
    """Jack volts per converter volt."""
    reference_gain: Floats
    """Jack volts per reference volt: negative."""


@dataclass(frozen=True, slots=True)
class Population:
    """Many built voices, cold and warm: jack volts of every code, (voices, codes)."""

    cold: Floats
    warm: Floats


def stages(board: Board, scales: list[dict[str, float]]) -> Stages:
    """Simulate one output stage per set of resistor factors, all in one deck."""
    copies = [line for n, scale in enumerate(scales) for line in _copy(board, n, scale)]
    names = [f"pitch_jack_{n}" for n in range(len(scales))]
    loads = [f"Rload{n} {name} 0 1meg" for n, name in enumerate(names)]
    save = ".save " + " ".join(f"v({name})" for name in names)

    def run(dac_volts: float, reference_volts: float) -> Floats:
        rails = RAILS.rpartition("\n")[0] + f"\nVref p4v096 0 {reference_volts}"
        source = f"Vdac dac_pitch 0 {dac_volts}"
        waves = simulate(deck("Output stages", copies, rails, *loads, source, ".op", save))
        return np.array([waves[f"v({name})"][0] for name in names])

    rest = run(1.0, 1.0)
    return Stages(run(2.0, 1.0) - rest, run(1.0, 2.0) - rest)


def _copy(board: Board, number: int, scale: dict[str, float]) -> list[str]:
    """Write one stage with its own node names."""
    shared = {"0", "p12v", "n12v", "p4v096", "dac_pitch", "TL074"}
    written = []
    for line in lines(board, ("output_pitch",), scale):
        name, *rest = line.split()
        ends = [
            word if word in shared or word[0].isdigit() else f"{word}_{number}" for word in rest
        ]
        written.append(" ".join((f"{name}_{number}", *ends)))
    return written


def resistor_scales(
    board: Board, rng: np.random.Generator, count: int
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Draw each stage's resistors, cold and warmed by ten kelvins."""
    resistors = [part for part in board.block("output_pitch") if part.item.prefix == "R"]
    cold, warm = [], []
    for _ in range(count):
        drawn = {part.ref: _draw(part, rng) for part in resistors}
        cold.append({ref: factor for ref, (factor, _) in drawn.items()})
        warm.append({ref: factor * (1 + drift) for ref, (factor, drift) in drawn.items()})
    return cold, warm


def _draw(part: Part, rng: np.random.Generator) -> tuple[float, float]:
    tolerance, tempco = part.item.tolerance, part.item.tempco
    factor, drift = rng.uniform(-1, 1, 2)
    return 1 + factor * tolerance, drift * tempco * WARMING_KELVIN


def population(board: Board, rng: np.random.Generator, count: int, shape: Shape) -> Population:
    """Build many voices and measure every code of each, cold and warm."""
    cold_scales, warm_scales = resistor_scales(board, rng, count)
    reference = c.DAC_REFERENCE_VOLTS * (1 + rng.uniform(-1, 1, count) * REFERENCE_ERROR)
    warm_reference = reference * (1 + _drift(rng, count, REFERENCE_PER_KELVIN))
    converter = _converters(rng, count, shape)
    warm_converter = converter * (1 + _drift(rng, count, DAC_GAIN_PER_KELVIN))[:, None]
    offset = rng.uniform(-1, 1, count) * AMPLIFIER_OFFSET_VOLTS
    warm_offset = offset + _drift(rng, count, AMPLIFIER_VOLTS_PER_KELVIN)
    return Population(
        _jack(stages(board, cold_scales), reference, converter, offset),
        _jack(stages(board, warm_scales), warm_reference, warm_converter, warm_offset),
    )


def _drift(rng: np.random.Generator, count: int, per_kelvin: float) -> Floats:
    return rng.uniform(-1, 1, count) * per_kelvin * WARMING_KELVIN


def _jack(stage: Stages, reference: Floats, converter: Floats, offset: Floats) -> Floats:
    """Jack volts, shape (voices, codes); the amplifier's offset rides on its input."""
    dac = converter * reference[:, None] + offset[:, None]
    volts: Floats = stage.dac_gain[:, None] * dac + (stage.reference_gain * reference)[:, None]
    return volts


def _converters(rng: np.random.Generator, count: int, shape: Shape) -> Floats:
    """Draw converters: output over reference at every code, shape (voices, codes).

    The integral error is a sum of half waves over the range, scaled to its greatest value.
    """
    share = np.arange(2**c.DAC_BITS) / 2**c.DAC_BITS
    gain = 1 + rng.uniform(-1, 1, count) * DAC_GAIN_ERROR
    offset = rng.uniform(0, 1, count) * DAC_OFFSET_VOLTS / c.DAC_REFERENCE_VOLTS
    orders = np.arange(1, shape.half_waves + 1)
    waves = np.sin(np.pi * np.outer(orders, share))
    weights = rng.normal(size=(count, shape.half_waves)) / orders
    bends = weights @ waves
    bends *= shape.lsb / 2**c.DAC_BITS / np.abs(bends).max(axis=1, keepdims=True)
    output: Floats = np.minimum(gain[:, None] * share + offset[:, None] + bends, 1.0)
    return output


def worst_cents(
    volts: Floats,
    calibrated: Floats,
    points: Floats | None,
    rng: np.random.Generator,
    meter_volts: float = 0.0,
) -> Floats:
    """Worst note of each voice, in cents, shape (voices,).

    The codes come from the firmware's own curve through what `calibrated` measured at
    `points` (nominal if None); `volts` is what those codes then give.
    """
    errors = []
    for real, measured in zip(volts, calibrated, strict=True):
        curve = OutputCurve()
        if points is not None:
            codes = [CV_OUTPUT.code(point) for point in points]
            readings = measured[codes] + rng.normal(0, meter_volts, len(codes))
            curve = OutputCurve(tuple(map(Point, codes, readings)))
        chosen = [curve.code(note) for note in NOTE_VOLTS]
        errors.append(np.abs(real[chosen] - NOTE_VOLTS).max() / CENT_VOLTS)
    return np.array(errors)


def tolerance_figures(board: Board, *, count: int = 300, seed: int = 9) -> list[Figure]:
    """Measure the tuning of many voices: 95th percentile of each voice's worst note."""
    rng = np.random.default_rng(seed)
    figures = []
    for shape in SHAPES:
        built = population(board, rng, count, shape)
        runs = (
            ("uncalibrated", built.cold, None, 0.0, None),
            ("two points", built.cold, TWO_POINT_VOLTS, 0.0, None),
            ("per octave", built.cold, OCTAVE_VOLTS, 0.0, shape.limit_cents),
            ("per half octave", built.cold, HALF_OCTAVE_VOLTS, 0.0, None),
            ("per octave, 0.5 mV rms meter", built.cold, OCTAVE_VOLTS, METER_VOLTS, None),
            ("per octave, then 10 K warmer", built.warm, OCTAVE_VOLTS, 0.0, None),
        )
        for run, volts, points, meter, limit in runs:
            cents = float(np.percentile(worst_cents(volts, built.cold, points, rng, meter), 95))
            figures.append(
                Figure("tuning, 95 %", f"{shape.name}: {run}", cents, "cents", high=limit)
            )
    return figures
