"""Tunes the pitch outputs at the front panel: octave by octave, by ear or with a meter.

By ear, the user turns the code until the octave is in tune; with a meter, the user enters its
reading. Either gives a point of the curve: a code and its volts.
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
    """The points that are tuned and not saved yet, over the current calibration.

    `sounding`: the voice holds the octave's code, for listening or measuring.
    Octaves count from 0, as in `OCTAVES_VOLTS`.
    """

    def __init__(self, calibration: Calibration) -> None:
        """Begin with the saved calibration."""
        self.calibration = calibration
        self.sounding = False
        self._points: dict[tuple[int, int], Point] = {}

    def point(self, voice: int, octave: int) -> Point:
        """Return an octave's code and volts: as tuned, or else from the calibration."""
        return self._points.get((voice, octave)) or self._saved(voice, octave)

    def cents(self, voice: int, octave: int) -> float:
        """Return how far an octave was moved, in cents."""
        moved = self.point(voice, octave).code - self._saved(voice, octave).code
        return moved * CENTS_PER_CODE

    def held(self, voice: int, octave: int) -> PitchHold | None:
        """Return the pitch for the player to hold."""
        return PitchHold(voice, int(self.point(voice, octave).code)) if self.sounding else None

    def turn_code(self, voice: int, octave: int, detents: int) -> None:
        """Move the octave's code up or down; the last code counts as in tune."""
        code = min(max(self.point(voice, octave).code + detents, 0), CODE_MAX)
        self._points[voice, octave] = Point(code, OCTAVES_VOLTS[octave])

    def turn_reading(self, voice: int, octave: int, detents: int) -> None:
        """Raise the meter's reading by some millivolts."""
        code, volts = self.point(voice, octave)
        reading = round(volts + detents * METER_STEP_VOLTS, 3)
        self._points[voice, octave] = Point(code, reading)

    def curve(self, voice: int) -> OutputCurve:
        """Return the curve of a voice's pitch. Raises `CalibrationError` if it cannot be."""
        return fit_output(self.point(voice, octave) for octave in range(len(OCTAVES_VOLTS)))

    def save(self, voice: int, curve: OutputCurve) -> None:
        """Use a curve from now on."""
        self.calibration = self.calibration.with_output(voice, PITCH, curve)
        for octave in range(len(OCTAVES_VOLTS)):
            self._points.pop((voice, octave), None)

    def _saved(self, voice: int, octave: int) -> Point:
        curve = self.calibration.outputs[voice][PITCH]
        code = curve.code(OCTAVES_VOLTS[octave])
        return Point(code, curve.volts(code))
