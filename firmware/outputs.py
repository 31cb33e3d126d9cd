"""The jacks: from a voice's levels to one write of its DAC."""

from collections.abc import Callable, Sequence

from firmware.board import CV_OUTPUT
from firmware.chips.bus import BusError
from firmware.chips.mcp4728 import Codes, Mcp4728
from firmware.voice import SILENT, Levels

ToCodes = Callable[[Levels], Codes]


def nominal_codes(levels: Levels) -> Codes:
    """Give the codes of a voice whose outputs are as the circuit was drawn."""
    pitch, velocity, accent, gate = map(CV_OUTPUT.code, levels)
    return pitch, velocity, accent, gate


class Outputs:
    """All voices' DACs. A failed write is counted and made good by the next one."""

    def __init__(self, dacs: Sequence[Mcp4728], to_codes: Sequence[ToCodes] = ()) -> None:
        """Take the DACs and, per voice, its calibration; bring the jacks to 0 V."""
        self.faults = 0
        self._dacs = tuple(dacs)
        self._to_codes = tuple(to_codes) or (nominal_codes,) * len(self._dacs)
        self._written: list[Codes | None] = [None] * len(self._dacs)
        for voice in range(len(self._dacs)):
            self.write(voice, SILENT)

    def write(self, voice: int, levels: Levels) -> None:
        """Set the four voltages of a voice in one transaction; none if nothing changed."""
        codes = self._to_codes[voice](levels)
        if codes == self._written[voice]:
            return
        try:
            self._dacs[voice].write(codes)
        except BusError:
            self.faults += 1
            self._written[voice] = None
        else:
            self._written[voice] = codes
