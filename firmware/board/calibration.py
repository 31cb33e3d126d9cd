"""Calibration: the measured way from volts to codes and back, per jack.

An output's curve is a table of (code, volts) with straight lines between, measured at every
octave; an input's is a straight line through two points. What was not measured is nominal.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from firmware.board.constants import (
    ADC_INPUTS,
    CV_INPUT,
    CV_OUTPUT,
    DAC_ADDRESSES,
    DAC_OUTPUTS,
    KNOB,
    InputStage,
)

CODE_MAX = 4095
OCTAVES_VOLTS = tuple(float(volts) for volts in range(-3, 6))
"""Where a pitch output is measured: every octave that it reaches."""

PLAUSIBLE_VOLTS = 0.5
"""A measured point further than this from the nominal one is a misreading."""

POINTS_MAX = 64


class CalibrationError(ValueError):
    """Points that cannot be a jack of this board."""


class Point(NamedTuple):
    """A converter code and the jack volts that belong to it."""

    code: float
    volts: float


NOMINAL_POINTS = (
    Point(0, CV_OUTPUT.volts(0)),
    Point(CODE_MAX, CV_OUTPUT.volts(CODE_MAX)),
)


@dataclass(frozen=True, slots=True)
class OutputCurve:
    """A converter output: straight lines between at least two measured points, rising."""

    points: tuple[Point, ...] = NOMINAL_POINTS

    def code(self, volts: float) -> int:
        """Find the code nearest to the requested volts, held inside the converter's range."""
        points = self.points
        after = bisect_right(points, volts, 1, len(points) - 1, key=_volts)
        (low_code, low), (high_code, high) = points[after - 1], points[after]
        code = round(low_code + (volts - low) * (high_code - low_code) / (high - low))
        return min(max(code, 0), CODE_MAX)

    def volts(self, code: float) -> float:
        """Return the volts of a code."""
        points = self.points
        after = bisect_right(points, code, 1, len(points) - 1, key=_code)
        (low_code, low), (high_code, high) = points[after - 1], points[after]
        return low + (code - low_code) * (high - low) / (high_code - low_code)


@dataclass(frozen=True, slots=True)
class InputLine:
    """A converter input: jack volts are `offset_volts + volts_per_code * code`."""

    offset_volts: float
    volts_per_code: float

    def volts(self, code: float) -> float:
        """Return the volts behind a code."""
        return self.offset_volts + self.volts_per_code * code


def nominal_input(stage: InputStage) -> InputLine:
    """Return the line of a stage as designed."""
    return InputLine(stage.volts(0), stage.volts(1) - stage.volts(0))


NOMINAL_INPUTS = tuple(
    nominal_input(KNOB if name.startswith("knob") else CV_INPUT) for name in ADC_INPUTS
)
Curves = tuple[OutputCurve, OutputCurve, OutputCurve, OutputCurve]
NOMINAL_CURVES: Curves = (OutputCurve(), OutputCurve(), OutputCurve(), OutputCurve())


@dataclass(frozen=True, slots=True)
class Calibration:
    """A curve per voice and output A to D, and a line per input of the ADC."""

    outputs: tuple[Curves, ...] = (NOMINAL_CURVES,) * len(DAC_ADDRESSES)
    inputs: tuple[InputLine, ...] = NOMINAL_INPUTS

    def codes(self, voice: int, volts: Sequence[float]) -> tuple[int, int, int, int]:
        """Return the codes of a voice's pitch, velocity, accent and gate volts."""
        a, b, c, d = self.outputs[voice]
        pitch, velocity, accent, gate = volts
        return a.code(pitch), b.code(velocity), c.code(accent), d.code(gate)

    def zero_codes(self, voice: int) -> tuple[int, int, int, int]:
        """Return the codes of 0 V at all four jacks of a voice."""
        return self.codes(voice, (0.0,) * len(DAC_OUTPUTS))

    def with_output(self, voice: int, output: int, curve: OutputCurve) -> "Calibration":
        """Return a calibration with the curve of one output replaced."""
        curves = list(self.outputs[voice])
        curves[output] = curve
        voices = list(self.outputs)
        voices[voice] = (curves[0], curves[1], curves[2], curves[3])
        return replace(self, outputs=tuple(voices))

    def with_input(self, index: int, line: InputLine) -> "Calibration":
        """Return a calibration with the line of one input replaced."""
        return replace(self, inputs=(*self.inputs[:index], line, *self.inputs[index + 1 :]))


NOMINAL = Calibration()


def fit_output(points: Iterable[tuple[float, float]]) -> OutputCurve:
    """Make an output's curve of measured (code, volts), in any order.

    Raises `CalibrationError` for fewer than two points, volts that do not rise with the code,
    or a point that no module can have.
    """
    measured = tuple(sorted(Point(float(code), float(volts)) for code, volts in points))
    if not 2 <= len(measured) <= POINTS_MAX:
        raise CalibrationError(f"{len(measured)} points; 2 to {POINTS_MAX} make a curve")
    for code, volts in measured:
        nominal = CV_OUTPUT.volts(code)
        if not 0 <= code <= CODE_MAX or not abs(volts - nominal) <= PLAUSIBLE_VOLTS:
            raise CalibrationError(
                f"{volts:.4g} V at code {code:g}, where about {nominal:.3f} V belongs"
            )
    if not all(a.code < b.code and a.volts < b.volts for a, b in pairwise(measured)):
        raise CalibrationError("the volts do not rise with the code; measure again")
    return OutputCurve(measured)


def fit_input(low: tuple[float, float], high: tuple[float, float], index: int) -> InputLine:
    """Make an input's line of two measured (code, volts).

    Raises `CalibrationError` if its slope is not within a tenth of the nominal, or its offset
    not within `PLAUSIBLE_VOLTS`.
    """
    (low_code, low_volts), (high_code, high_volts) = low, high
    nominal = NOMINAL_INPUTS[index]
    if low_code == high_code:
        raise CalibrationError(f"{ADC_INPUTS[index]}: both readings are {low_code:g}")
    slope = (high_volts - low_volts) / (high_code - low_code)
    line = InputLine(low_volts - slope * low_code, slope)
    if not abs(slope / nominal.volts_per_code - 1) <= 0.1:
        raise CalibrationError(f"{ADC_INPUTS[index]}: the readings do not fit the voltages")
    middle = (CODE_MAX + 1) / 2
    if not abs(line.volts(middle) - nominal.volts(middle)) <= PLAUSIBLE_VOLTS:
        raise CalibrationError(f"{ADC_INPUTS[index]}: the readings do not fit the voltages")
    return line


def _volts(point: Point) -> float:
    return point.volts


def _code(point: Point) -> float:
    return point.code
