"""Mutes the outputs when no player runs."""

import time
from collections.abc import Sequence

from firmware.board.calibration import Calibration
from firmware.drivers.bus import BusError
from firmware.drivers.mcp4728 import Mcp4728
from firmware.engine.voice import NOTE_OFF
from firmware.ipc.heartbeat import SharedHeartbeat
from firmware.midi.ports import MidiOutput, Open

_TRIES = 3


class OutputMute:
    """0 V at all jacks, and a note-off for every note that a dead player left on."""

    def __init__(
        self,
        dacs: Sequence[Mcp4728],
        calibration: Calibration,
        open_midi: Open,
        heartbeat: SharedHeartbeat,
    ) -> None:
        self._dacs = [(dac, calibration.zero_codes(voice)) for voice, dac in enumerate(dacs)]
        self._open_midi = open_midi
        self._heartbeat = heartbeat

    def silence(self) -> bool:
        """Mute everything; return whether all DACs answered."""
        done = [self._zero(dac, codes) for dac, codes in self._dacs]
        self._end_notes()
        self._heartbeat.clear()
        return all(done)

    def _zero(self, dac: Mcp4728, codes: tuple[int, int, int, int]) -> bool:
        for _ in range(_TRIES):
            try:
                dac.write(codes)
            except BusError:
                continue
            return True
        return False

    def _end_notes(self) -> None:
        """Send the note-offs; opening a port ends all notes by itself."""
        output = MidiOutput(self._open_midi)
        output.reconnect(time.monotonic_ns())
        for channel, note in self._heartbeat.sounding:
            output.send(bytes((NOTE_OFF | channel, note, 0)))
        output.flush()
        output.close()
