"""Tuning the pitch outputs at the front panel: octave by octave, by ear or by a meter.

By ear the code is turned until the octave sounds in tune; by a meter what it reads is turned
in. Either way a point of the curve follows: a code, and the volts that it gives.
"""

from firmware.board.calibration import (
    CODE_MAX,
    OCTAVES_VOLTS,
    Calibration,
    OutputCurve,
    Point,
    fit_output,
)
from firmware.board.constants import CV_OUTPUT, DAC_OUTPUTS
from firmware.engine.scale import SEMITONES
from firmware.engine.state import PitchHold

PITCH = DAC_OUTPUTS.index("pitch")
METER_STEP_VOLTS = 0.001
CENTS_PER_CODE = (CV_OUTPUT.volts(1) - CV_OUTPUT.volts(0)) * SEMITONES * 100


class Tuner:
    """What was tuned and not saved yet, over the current calibration.

    `sounding`: the voice stands at the octave's code, to be listened to or measured.
    Octaves count from 0, as in `OCTAVES_VOLTS`.
    """

    def __init__(self, calibration: Calibration) -> None:
        """Begin with what was saved."""
        self.calibration = calibration
        self.sounding = False
        self._points: dict[tuple[int, int], Point] = {}

    def point(self, voice: int, octave: int) -> Point:
        """Return an octave's code and volts: as tuned here, or as the calibration says."""
        return self._points.get((voice, octave)) or self._saved(voice, octave)

    def cents(self, voice: int, octave: int) -> float:
        """Return how far an octave was moved, in cents."""
        moved = self.point(voice, octave).code - self._saved(voice, octave).code
        return moved * CENTS_PER_CODE

    def held(self, voice: int, octave: int) -> PitchHold | None:
        """Return what the player shall hold."""
        return PitchHold(voice, int(self.point(voice, octave).code)) if self.sounding else None

    def turn_code(self, voice: int, octave: int, detents: int) -> None:
        """Go by codes up or down; where that ends the octave is in tune."""
        code = min(max(self.point(voice, octave).code + detents, 0), CODE_MAX)
        self._points[voice, octave] = Point(code, OCTAVES_VOLTS[octave])

    def turn_reading(self, voice: int, octave: int, detents: int) -> None:
        """Say that the meter reads so many millivolts more."""
        code, volts = self.point(voice, octave)
        reading = round(volts + detents * METER_STEP_VOLTS, 3)
        self._points[voice, octave] = Point(code, reading)

    def curve(self, voice: int) -> OutputCurve:
        """Return the curve of a voice's pitch. Raises `CalibrationError` if it cannot be."""
        return fit_output(self.point(voice, octave) for octave in range(len(OCTAVES_VOLTS)))

    def save(self, voice: int, curve: OutputCurve) -> None:
        """Use a curve from here on."""
        self.calibration = self.calibration.with_output(voice, PITCH, curve)
        for octave in range(len(OCTAVES_VOLTS)):
            self._points.pop((voice, octave), None)

    def _saved(self, voice: int, octave: int) -> Point:
        curve = self.calibration.outputs[voice][PITCH]
        code = curve.code(OCTAVES_VOLTS[octave])
        return Point(code, curve.volts(code))
