"""The CV outputs: from a voice's levels to one write of its DAC."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from firmware.board.calibration import Curves
from firmware.board.constants import CV_OUTPUT, DAC_ADDRESSES
from firmware.drivers.bus import BusError
from firmware.drivers.mcp4728 import Codes, Mcp4728
from firmware.engine.state import PitchHold
from firmware.engine.voice import GATE_VOLTS, SILENT, VELOCITY_VOLTS, Levels

CODES_KEPT = 256
"""How many of the last levels have their codes cached, per output."""

ToCodes = Callable[[Levels], Codes]

_HELD = Levels(0.0, VELOCITY_VOLTS, 0.0, GATE_VOLTS)
"""The levels of a voice that is tuned, without its pitch."""


def nominal_codes(levels: Levels) -> Codes:
    """Return the codes of a voice whose outputs have the circuit's nominal values."""
    pitch, velocity, accent, gate = map(CV_OUTPUT.code, levels)
    return pitch, velocity, accent, gate


def all_nominal() -> Sequence[ToCodes]:
    """Return the codes of an uncalibrated module."""
    return (nominal_codes,) * len(DAC_ADDRESSES)


def cached_codes(curves: Curves) -> ToCodes:
    """Return the codes of a voice with these curves: few levels come, and again and again."""
    a, b, c, d = (lru_cache(CODES_KEPT)(curve.code) for curve in curves)

    def codes(levels: Levels) -> Codes:
        pitch, velocity, accent, gate = levels
        return a(pitch), b(velocity), c(accent), d(gate)

    return codes


RETRY_NS = 2_000_000
RETRY_NS_MAX = 500_000_000


class CvOutputs:
    """All voices' DACs. A failed write is counted; `retry_failed` repeats it."""

    def __init__(
        self, dacs: Sequence[Mcp4728], calibrated: Callable[[], Sequence[ToCodes]] = all_nominal
    ) -> None:
        """Take the DACs and the function that reads the calibration; set the jacks to 0 V."""
        self.faults = 0
        self._dacs = tuple(dacs)
        self._calibrated = calibrated
        self._to_codes = tuple(calibrated())
        self._held: PitchHold | None = None
        self._wanted = [to(SILENT) for to in self._to_codes]
        self._written: list[Codes | None] = [None] * len(self._dacs)
        self._retry_ns = RETRY_NS
        self._failed_ns = 0
        for voice in range(len(self._dacs)):
            self._send(voice)

    @property
    def failing(self) -> bool:
        """Some voice's voltages could not be written."""
        return self._wanted != self._written

    def write(self, voice: int, levels: Levels) -> None:
        """Set the four voltages of a voice in one transaction; none if nothing changed."""
        if self._held is None or self._held.voice != voice:
            self._want(voice, self._to_codes[voice](levels))

    def hold_pitch(self, pitch_hold: PitchHold | None) -> None:
        """Hold a voice's pitch at a code with its gate up, whatever it plays; None ends it."""
        if pitch_hold == self._held:
            return
        before, self._held = self._held, pitch_hold
        if before and (pitch_hold is None or pitch_hold.voice != before.voice):
            self._want(before.voice, self._to_codes[before.voice](SILENT))
        if pitch_hold:
            _, *others = self._to_codes[pitch_hold.voice](_HELD)
            self._want(pitch_hold.voice, (pitch_hold.code, others[0], others[1], others[2]))

    def recalibrate(self) -> None:
        """Read the calibration again and use it from now on."""
        self._to_codes = tuple(self._calibrated())

    def retry_failed(self, now_ns: int) -> None:
        """Retry failed writes: at first soon, then less often, because a dead bus is slow."""
        if not self.failing:
            self._retry_ns, self._failed_ns = RETRY_NS, 0
        elif not self._failed_ns:
            self._failed_ns = now_ns
        elif now_ns - self._failed_ns >= self._retry_ns:
            self._retry_ns = min(2 * self._retry_ns, RETRY_NS_MAX)
            self._failed_ns = now_ns
            for voice in range(len(self._dacs)):
                if self._wanted[voice] != self._written[voice]:
                    self._send(voice)

    def _want(self, voice: int, codes: Codes) -> None:
        self._wanted[voice] = codes
        if codes != self._written[voice]:
            self._send(voice)

    def _send(self, voice: int) -> None:
        codes = self._wanted[voice]
        try:
            self._dacs[voice].write(codes)
        except BusError:
            self.faults += 1
            self._written[voice] = None
        else:
            self._written[voice] = codes
