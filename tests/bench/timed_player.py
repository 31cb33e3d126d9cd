"""The player, noting when each DAC write was due and when it was made.

Started by the supervisor of `timing.py` in the player's place; the notes are left in the file
that EXNIHILO_TIMING names when it ends.
"""

import os
import time
from array import array
from pathlib import Path

from firmware import player
from firmware.action import OutputEvent
from firmware.voice import Levels
from firmware.writer import OutputQueue

WRITES_MAX = 1_000_000


class TimedOutputQueue(OutputQueue):
    """Notes, per write of the first voice, its due time, its time and whether a gate is up.

    What changes nothing, as it was foretold, does not reach the bus and is not noted.
    """

    written = array("q", bytes(8 * 3 * WRITES_MAX))
    count = 0
    levels: Levels | None = None

    def write(self, event: OutputEvent) -> None:
        """Note a write, and write."""
        changes = event.voice == 0 and event.content != self.levels
        if changes and isinstance(event.content, Levels) and self.count < WRITES_MAX:
            self.levels = event.content
            at = 3 * self.count
            self.written[at] = event.time_ns
            self.written[at + 1] = time.monotonic_ns()
            self.written[at + 2] = event.content.gate > 0
            type(self).count += 1
        super().write(event)


def main() -> None:
    """Play, then leave the notes."""
    player.OutputQueue = TimedOutputQueue  # type: ignore[misc]
    player.main()
    path = Path(os.environ["EXNIHILO_TIMING"])
    path.write_bytes(TimedOutputQueue.written[: 3 * TimedOutputQueue.count].tobytes())


if __name__ == "__main__":
    main()
