"""Simulated lines: outputs with a history, inputs whose edges come through a descriptor."""

import os
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from firmware.board.constants import PINS
from firmware.drivers.bus import BusError
from firmware.drivers.gpio import EVENT, FALLING, RISING, Outputs
from firmware.simulator.clock import TimeSource


class SimulatedOutputs:
    """Driven lines and their history; broken: nothing can be driven any more."""

    def __init__(self, clock: TimeSource, history: int | None = None) -> None:
        """Start with no line driven; `history` bounds the changes that are recorded."""
        self.levels: dict[int, bool] = {}
        self.changes: deque[tuple[int, int, bool]] = deque(maxlen=history)
        """(time_ns, line, level), where the level differs from the one before."""
        self.on_fall: dict[int, Callable[[], None]] = {}
        self.broken = False
        self._clock = clock

    def set(self, line: int, *, high: bool) -> None:
        """Drive a BCM line. Raises `BusError` if broken."""
        if self.broken:
            raise BusError(f"GPIO {line}: broken")
        if self.levels.get(line) == high:
            return
        self.levels[line] = high
        self.changes.append((self._clock.now_ns, line, high))
        if not high and line in self.on_fall:
            self.on_fall[line]()


class SimulatedInputs:
    """The kernel's end of a line request: what is written here, `Inputs` reads and polls."""

    def __init__(self, clock: TimeSource) -> None:
        self.descriptor, self._kernel_end = os.pipe()
        weakref.finalize(self, os.close, self.descriptor)
        self._end = weakref.finalize(self, os.close, self._kernel_end)
        self._clock = clock
        self._count = 0

    def edge(self, line: int, *, rising: bool, time_ns: int | None = None) -> None:
        """Raise or lower a jack, or close or open a contact; the pin does the opposite."""
        self._count += 1
        stamp = self._clock.now_ns if time_ns is None else time_ns
        event = EVENT.pack(stamp, FALLING if rising else RISING, line, self._count, self._count)
        self.raw(event)

    def raw(self, event: bytes) -> None:
        """Put a `struct gpio_v2_line_event` where the kernel would."""
        os.write(self._kernel_end, event)

    def close(self) -> None:
        """End the line request: after this, reading raises `BusError`."""
        self._end()


class LineLed:
    """The status LED of a rack, which has no kernel: a line."""

    def __init__(self, lines: Outputs) -> None:
        self._lines = lines

    def set(self, *, lit: bool) -> None:
        """Turn it on or off; one that is broken is ignored, as on the module."""
        with suppress(OSError):
            self._lines.set(PINS.status_led, high=lit)
