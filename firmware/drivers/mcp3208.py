"""MCP3208: eight 12-bit inputs on SPI (Microchip DS21298E)."""

from firmware.board import constants
from firmware.drivers.bus import BusError, Spi, open_spi

SPEED_HZ = 1_000_000
"""The chip runs at 3.3 V, where 1 MHz is safe; a sample takes 24 us."""


class Mcp3208:
    """The module's knobs and CV inputs."""

    def __init__(self, spi: Spi) -> None:
        self._spi = spi

    def read(self, channel: int) -> int:
        """Return the code 0..4095 of an input 0..7. Raises `BusError`.

        An absent chip shows as a null bit that is not 0, or as nothing but zeros, which only
        the caller can distinguish from 0 V.
        """
        # Section 6.1, figure 6-1; the answer's first bits are undriven, then comes a null bit:
        # 0 0 0 0 0 START SGL D2 | D1 D0 x x x x x x | x x x x x x x x
        #                        | ? ? ? 0 B11 .. B8 | B7 .. B0
        try:
            answer = self._spi.xfer2([0x06 | channel >> 2, (channel & 0b11) << 6, 0])
        except OSError as error:
            raise BusError(f"ADC input {channel}: {error}") from error
        if answer[1] & 0x10:
            raise BusError(f"ADC input {channel}: no answer from the chip")
        return (answer[1] & 0x0F) << 8 | answer[2]


def open_adc() -> Mcp3208:
    """Open the module's ADC. Raises `BusError`."""
    return Mcp3208(open_spi(constants.ADC_CHIP_SELECT, SPEED_HZ))
