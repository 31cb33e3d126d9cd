"""The player, noting when each DAC write was due and when it was made.

Started by the supervisor of `timing.py` in the player's place. Every player leaves its notes in
a file of its own in the folder that EXNIHILO_TIMING names, as it writes: a player that is
killed leaves them too.
"""

import mmap
import os
import struct
import time
from pathlib import Path

from firmware.engine.output_event import OutputEvent
from firmware.engine.voice import Levels
from firmware.ipc.process_config import PlayerConfig
from firmware.player import player
from firmware.player.output_queue import OutputQueue

WRITES_MAX = 1_000_000
NOTE = struct.Struct("<qqq")
"""When a write was due, when it was made, and whether its gate is up. Due at 0: no write."""


class Notes:
    """A mapped file of as many notes as a bench can make."""

    def __init__(self) -> None:
        """Make this process's file."""
        path = Path(os.environ["EXNIHILO_TIMING"]) / f"{os.getpid()}.notes"
        with path.open("w+b") as file:
            file.truncate(NOTE.size * WRITES_MAX)
            self._page = mmap.mmap(file.fileno(), 0)
        self._count = 0

    def add(self, event: OutputEvent, now_ns: int) -> None:
        """Note a write of levels."""
        if self._count < WRITES_MAX and isinstance(event.content, Levels):
            note = event.time_ns, now_ns, event.content.gate > 0
            NOTE.pack_into(self._page, NOTE.size * self._count, *note)
            self._count += 1


class TimedOutputQueue(OutputQueue):
    """Notes the writes of the first voice.

    What changes nothing, because a prepared gate rose before, is neither sent nor noted.
    """

    notes: Notes
    levels: Levels | None = None

    def write(self, event: OutputEvent) -> None:
        """Note a write, and write."""
        content = event.content
        if event.voice == 0 and isinstance(content, Levels) and content != self.levels:
            self.levels = content
            self.notes.add(event, time.monotonic_ns())
        super().write(event)


def main(launch: PlayerConfig) -> None:
    """Play and take notes."""
    TimedOutputQueue.notes = Notes()
    player.OutputQueue = TimedOutputQueue  # type: ignore[misc]
    player.main(launch)
