"""The simulated module's MIDI sockets: a terminal device, like the board's UART."""

import os
import time
import tty
from collections import deque
from contextlib import suppress
from typing import NamedTuple

from firmware.drivers.uart import open_device

HISTORY = 8192


class MidiReceived(NamedTuple):
    """Bytes from the MIDI output, and the time at which they were read."""

    time_ns: int
    data: bytes


class MidiSockets:
    """The module's MIDI jacks: a terminal whose other end is the connected device."""

    def __init__(self) -> None:
        self.received: deque[MidiReceived] = deque(maxlen=HISTORY)
        self.plug()

    def plug(self) -> None:
        """Create the device; its `path` is new each time."""
        self._device, near_end = os.openpty()
        tty.setraw(near_end)
        # Kept open, or the other end would fail whenever no player runs.
        self._near_end = near_end
        os.set_blocking(self._device, False)
        self.path = os.ttyname(near_end)

    def open(self, direction: int) -> int:
        """Open the module's end, in the direction `os.O_RDONLY`, `os.O_WRONLY` or both."""
        return open_device(self.path, direction)

    def unplug(self) -> None:
        """Remove the device; processes that have it open get errors."""
        os.close(self._device)
        os.close(self._near_end)
        self.received.clear()

    def fileno(self) -> int:
        """Return the other end, readable when the module has sent something."""
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


class MidiPipes:
    """The module's MIDI jacks in one process: pipes, whose other ends are read and written."""

    def __init__(self) -> None:
        """Open both, so that neither end ever fails."""
        self._input, self._output = os.pipe2(os.O_NONBLOCK), os.pipe2(os.O_NONBLOCK)

    def open(self, direction: int) -> int:
        """Open the module's end, in the direction `os.O_RDONLY` or `os.O_WRONLY`."""
        return os.dup(self._input[0] if direction == os.O_RDONLY else self._output[1])

    def read(self) -> bytes:
        """Return what the module sent since the last call."""
        with suppress(BlockingIOError):
            return os.read(self._output[0], 65536)
        return b""

    def send(self, data: bytes) -> None:
        """Send to the module."""
        os.write(self._input[1], data)

    def close(self) -> None:
        """Close this side's ends."""
        for descriptor in (*self._input, *self._output):
            os.close(descriptor)
