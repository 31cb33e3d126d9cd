"""The status LED: the kernel's, so that it also shows what no program can.

The overlay `gpio-led` blinks it from power-on until a program takes it over, and the kernel
turns it off when all file systems are unmounted: dark after a shutdown, it is safe to unplug.
"""

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from firmware.board.constants import STATUS_LED

BRIGHTNESS = Path("/sys/class/leds") / STATUS_LED / "brightness"


class Led(Protocol):
    """A lamp."""

    def set(self, *, lit: bool) -> None:
        """Turn it on or off; one that is absent is ignored."""


class KernelLed:
    """A LED of the kernel."""

    def __init__(self, path: Path = BRIGHTNESS) -> None:
        """Take the file of its brightness; nothing is opened yet."""
        self._path = path

    def set(self, *, lit: bool) -> None:
        """Turn it on or off; turning it off ends what the kernel does with it (leds-class)."""
        with suppress(OSError):
            self._path.write_bytes(b"1" if lit else b"0")
