"""Chips that cost nothing: what a driver sends is accepted, and its answers are ready.

Only drivers are imported here, as the start of the processes is counted too.
"""

import os
from collections.abc import Sequence
from itertools import cycle

from firmware.board.constants import ADC_INPUTS
from firmware.drivers.backend import Backend
from firmware.drivers.devices import PlayerHardware, dacs_on
from firmware.drivers.gpio import Inputs, ReconnectingLines
from firmware.drivers.led import KernelLed
from firmware.drivers.mcp3208 import Mcp3208
from firmware.drivers.oled import Oled

MIDDLE = 2048


class Spi:
    """An ADC whose answers repeat; a display that listens."""

    def __init__(self) -> None:
        """Begin with all inputs in the middle."""
        self.play([[MIDDLE] * len(ADC_INPUTS)])

    def play(self, scans: Sequence[Sequence[int]]) -> None:
        """Take the codes of all inputs, per scan; a part of the inputs are the last ones."""
        answers = [
            b"".join(b"\0" + code.to_bytes(2, "big") for code in codes) for codes in scans
        ]
        self._answers = {
            count: cycle([answer[3 * (len(ADC_INPUTS) - count) :] for answer in answers])
            for count in range(1, len(ADC_INPUTS) + 1)
        }

    def exchange(self, messages: tuple[bytes, ...]) -> bytes:
        """Return the next answer for the last of the inputs."""
        return next(self._answers[len(messages)])

    def write(self, data: bytes) -> None:
        """Accept a picture."""


class I2c:
    """DACs that were set up before."""

    def writeto(self, address: int, buffer: bytes | bytearray) -> None:
        """Accept codes, and tell a process that waits for the first gate."""

    def readfrom_into(self, address: int, buffer: bytearray) -> None:
        """Leave zeros: references and gains are as they should be."""


class Lines:
    """Lines that are driven."""

    def set(self, line: int, *, high: bool) -> None:
        """Accept a level."""


def silent_inputs() -> Inputs:
    """Return lines without edges."""
    return Inputs(os.pipe()[0])


def silent_midi(direction: int) -> int:
    """Open a port at which nothing arrives."""
    return os.pipe()[0] if direction == os.O_RDONLY else os.open(os.devnull, direction)


def backend(spi: Spi | None = None, i2c: I2c | None = None) -> Backend:
    """Return all devices."""
    bus, dacs, lines = spi or Spi(), dacs_on(i2c or I2c()), Lines()
    return Backend(
        player=lambda: PlayerHardware(
            dacs, ReconnectingLines(silent_inputs), ReconnectingLines(lambda: lines)
        ),
        dacs=lambda: dacs,
        adc=lambda: Mcp3208(bus),
        oled=lambda: Oled(bus, lines),
        clock_lines=silent_inputs,
        encoder_lines=silent_inputs,
        midi=silent_midi,
        status_led=KernelLed,
    )
