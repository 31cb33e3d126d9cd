"""Measures a module's jacks: sets outputs, reads inputs, and fits the calibration curves.

An output is measured in one of three ways: with a multimeter, by ear against a reference, or in
a loop into one of the module's CV inputs, which is coarse: an input's step is 6.4 cents.
"""

from collections.abc import Callable, Iterator, Sequence

from firmware.board.calibration import (
    CODE_MAX,
    NOMINAL,
    OCTAVES_VOLTS,
    Calibration,
    OutputCurve,
    Point,
    fit_input,
    fit_output,
)
from firmware.board.constants import ADC_INPUTS, DAC_OUTPUTS, KNOB
from firmware.drivers.mcp3208 import Mcp3208
from firmware.drivers.mcp4728 import Codes, Mcp4728, Register

SETTLE_S = 0.01
READINGS = 64
TWO_POINTS_VOLTS = (0.0, 5.0)
"""Enough for velocity, accent and gate, which need no tuning."""

LOOP_CODES = tuple(range(64, CODE_MAX + 1, 62))
"""Many codes, whose line is finer than the input's steps."""

Meter = Callable[[float], float]
"""Called with the expected volts; returns the meter's reading."""

Ear = Callable[[float, int], int]
"""Called with the expected volts and the code; returns codes up or down, 0 if in tune."""


class Jacks:
    """The outputs and inputs of a module whose firmware is stopped."""

    def __init__(
        self,
        dacs: Sequence[Mcp4728],
        adc: Mcp3208,
        settle: Callable[[float], None],
        calibration: Calibration = NOMINAL,
    ) -> None:
        """Take the chips; `settle` waits so many seconds."""
        self.calibration = calibration
        self._dacs = dacs
        self._adc = adc
        self._settle = settle

    def set_output(self, voice: int, output: int, code: int) -> None:
        """Set one output to a code and its neighbours to 0 V. Raises `BusError`."""
        codes = list(self.calibration.zero_codes(voice))
        codes[output] = code
        self._dacs[voice].write((codes[0], codes[1], codes[2], codes[3]))
        self._settle(SETTLE_S)

    def silence(self) -> None:
        """Set all outputs to 0 V. Raises `BusError`."""
        for voice, dac in enumerate(self._dacs):
            dac.write(self.calibration.zero_codes(voice))

    def read_code(self, place: int) -> float:
        """Read an input of the ADC, averaged. Raises `BusError`."""
        return sum(self._adc.read((place,) * READINGS)) / READINGS

    def commission(self) -> tuple[Codes, ...]:
        """Write 0 V as the power-on voltage of every output into the EEPROMs.

        Raises `BusError` if one does not hold it.
        """
        codes = tuple(self.calibration.zero_codes(voice) for voice in range(len(self._dacs)))
        for dac, zero in zip(self._dacs, codes, strict=True):
            if dac.read().eeprom != tuple(map(Register, zero)):
                dac.commission(zero, self._settle)
        return codes


def points_to_measure(output: int) -> tuple[float, ...]:
    """Return the volts at which an output is measured: each octave of a pitch, else two."""
    return OCTAVES_VOLTS if DAC_OUTPUTS[output] == "pitch" else TWO_POINTS_VOLTS


def by_meter(jacks: Jacks, voice: int, output: int, meter: Meter) -> OutputCurve:
    """Measure an output with a meter. Raises `CalibrationError` for impossible readings."""
    return fit_output(_metered(jacks, voice, output, meter))


def by_ear(jacks: Jacks, voice: int, output: int, ear: Ear) -> OutputCurve:
    """Tune an output by ear at each of its points. Raises `CalibrationError`."""
    return fit_output(_tuned(jacks, voice, output, ear))


def by_loop(jacks: Jacks, voice: int, output: int, place: int) -> OutputCurve:
    """Measure an output through the CV input `place` that it is patched into.

    Raises `CalibrationError`, also if no cable connects them.
    """
    line = jacks.calibration.inputs[place]
    points = []
    for code in LOOP_CODES:
        jacks.set_output(voice, output, code)
        points.append(Point(code, line.volts(jacks.read_code(place))))
    return fit_output(_straight(points))


def input_line(
    jacks: Jacks, place: int, present: Callable[[float], None]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Read an input at 0 V and at 5 V (a knob: at both ends); `present` asks for the volts."""
    high_volts = KNOB.reference_volts if ADC_INPUTS[place].startswith("knob") else 5.0
    present(0.0)
    low = (jacks.read_code(place), 0.0)
    present(high_volts)
    return low, (jacks.read_code(place), high_volts)


def with_measured_input(
    jacks: Jacks, place: int, present: Callable[[float], None]
) -> Calibration:
    """Return the calibration with one input measured. Raises `CalibrationError`."""
    low, high = input_line(jacks, place, present)
    return jacks.calibration.with_input(place, fit_input(low, high, place))


def _metered(jacks: Jacks, voice: int, output: int, meter: Meter) -> Iterator[Point]:
    for volts in points_to_measure(output):
        code = OutputCurve().code(volts)
        jacks.set_output(voice, output, code)
        yield Point(code, meter(volts))


def _tuned(jacks: Jacks, voice: int, output: int, ear: Ear) -> Iterator[Point]:
    moved = 0
    for volts in points_to_measure(output):
        # The error of the octave below is most of this one's.
        code = OutputCurve().code(volts) + moved
        while True:
            jacks.set_output(voice, output, min(max(code, 0), CODE_MAX))
            step = ear(volts, code)
            if not step:
                break
            code = min(max(code + step, 0), CODE_MAX)
        moved = code - OutputCurve().code(volts)
        yield Point(code, volts)


def _straight(points: Sequence[Point]) -> tuple[Point, Point]:
    """Return two points on the line that fits best (least squares)."""
    count = len(points)
    mean_code = sum(point.code for point in points) / count
    mean_volts = sum(point.volts for point in points) / count
    spread = sum((point.code - mean_code) ** 2 for point in points)
    slope = sum((p.code - mean_code) * (p.volts - mean_volts) for p in points) / spread
    low, high = points[0].code, points[-1].code
    return (
        Point(low, mean_volts + slope * (low - mean_code)),
        Point(high, mean_volts + slope * (high - mean_code)),
    )
