"""The simulated module's MIDI sockets: a terminal device, as the board's UART is one."""

import os
import time
import tty
from collections import deque
from contextlib import suppress
from typing import NamedTuple

from firmware.drivers.uart import open_device

HISTORY = 8192


class MidiReceived(NamedTuple):
    """Bytes that left the MIDI output, and when they were read there."""

    time_ns: int
    data: bytes


class MidiSockets:
    """The module's MIDI jacks: a terminal whose far end is the other device."""

    def __init__(self) -> None:
        self.received: deque[MidiReceived] = deque(maxlen=HISTORY)
        self.plug()

    def plug(self) -> None:
        """Bring the device into being; its `path` is new each time."""
        self._device, near_end = os.openpty()
        tty.setraw(near_end)
        # Held open, or the far end would fail whenever no player runs.
        self._near_end = near_end
        os.set_blocking(self._device, False)
        self.path = os.ttyname(near_end)

    def open(self, direction: int) -> int:
        """Open the module's end, in the direction `os.O_RDONLY`, `os.O_WRONLY` or both."""
        return open_device(self.path, direction)

    def unplug(self) -> None:
        """Let the device vanish; whoever has it open gets errors."""
        os.close(self._device)
        os.close(self._near_end)
        self.received.clear()

    def fileno(self) -> int:
        """Return the far end, readable when the module has sent something."""
        return self._device

    def listen(self) -> None:
        """Keep what the module sent."""
        with suppress(BlockingIOError):
            data = os.read(self._device, 4096)
            self.received.append(MidiReceived(time.monotonic_ns(), data))

    def send(self, data: bytes) -> None:
        """Send to the module; lost when it has not listened for long."""
        with suppress(BlockingIOError):
            os.write(self._device, data)
