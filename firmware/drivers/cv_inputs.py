"""Reads the knobs and CV jacks: calibrated volts, last good values, and the ADC's state."""

from collections.abc import Callable, Sequence

from firmware.board.calibration import InputLine
from firmware.board.constants import ADC_INPUTS
from firmware.drivers.bus import BusError
from firmware.drivers.mcp3208 import Mcp3208
from firmware.instrument.controls import knob_position

KNOB_CHANNELS = tuple(n for n, name in enumerate(ADC_INPUTS) if name.startswith("knob"))
CV_CHANNELS = tuple(n for n, name in enumerate(ADC_INPUTS) if name.startswith("cv"))
KNOBS_EVERY = 5
"""CVs at every scan, knobs at every fifth: 500 Hz and 100 Hz."""

REOPEN_SCANS = 500
"""A chip that does not answer is opened again once a second."""

FROZEN_SCANS = 1000
_LIVELY = 0.1
"""A converter whose codes changed by noise in a tenth of the scans, and then not for two
seconds, is frozen. One without any noise (a simulated one) is never called frozen."""


class CvInputs:
    """The ADC over time.

    codes: of all inputs as last read; volts: of the CV jacks; positions: of the knobs, 0..1, or
    None before they were read.
    """

    def __init__(self, open_adc: Callable[[], Mcp3208], inputs: Sequence[InputLine]) -> None:
        """Take the function that opens the ADC; the first scan calls it."""
        self.volts = (0.0,) * len(CV_CHANNELS)
        self.positions: tuple[float, ...] | None = None
        self.knobs_read = False
        self._open_adc = open_adc
        self._inputs = tuple(inputs)
        self._adc: Mcp3208 | None = None
        self.codes = [0] * len(ADC_INPUTS)
        self._scans = 0
        self._retry_at = 0
        self._still = 0
        self._liveliness = 0.0

    def recalibrate(self, inputs: Sequence[InputLine]) -> None:
        """Use another calibration from now on."""
        self._inputs = tuple(inputs)

    def scan(self) -> str | None:
        """Read what is due; return an error or None. `knobs_read`: the knobs were due too."""
        self._scans += 1
        self.knobs_read = self._scans % KNOBS_EVERY == 1
        channels = range(len(ADC_INPUTS)) if self.knobs_read else CV_CHANNELS
        try:
            codes = self._read(channels)
        except BusError as error:
            self._adc = None
            self.knobs_read = False
            return str(error)
        if codes is None:
            self.knobs_read = False
            return "the ADC does not answer"
        self._take(codes)
        return self._frozen()

    def _read(self, channels: Sequence[int]) -> list[int] | None:
        if self._adc is None:
            if self._scans < self._retry_at:
                return None
            self._retry_at = self._scans + REOPEN_SCANS
            self._adc = self._open_adc()
        codes = self.codes[: channels[0]] + self._adc.read(channels)
        if not any(codes[CV_CHANNELS[0] :]):
            # Every jack at +11 V: the data line is stuck low.
            raise BusError("the ADC answers only zeros")
        return codes

    def _take(self, codes: list[int]) -> None:
        moved = codes != self.codes
        self._still = 0 if moved else self._still + 1
        if self._still <= FROZEN_SCANS // 10:
            self._liveliness += (moved - self._liveliness) / FROZEN_SCANS
        if moved:
            self.codes = codes
            self.volts = tuple([self._inputs[n].volts(codes[n]) for n in CV_CHANNELS])
        if self.knobs_read:
            lines = (self._inputs[n].volts(codes[n]) for n in KNOB_CHANNELS)
            self.positions = tuple(map(knob_position, lines))

    def _frozen(self) -> str | None:
        if self._still > FROZEN_SCANS and self._liveliness > _LIVELY:
            return "the ADC is frozen"
        return None
