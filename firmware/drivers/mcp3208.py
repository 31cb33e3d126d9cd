"""MCP3208: eight 12-bit inputs on SPI (Microchip DS21298E)."""

import struct
from collections.abc import Sequence

from firmware.board import constants
from firmware.drivers.bus import BusError, SpiExchange, open_spi

SPEED_HZ = 1_000_000
"""The chip runs at 3.3 V, where 1 MHz is safe; a sample takes 24 us."""

_NULL_BIT, _CODE_MASK = 0x1000, 0x0FFF


class Mcp3208:
    """The module's knobs and CV inputs."""

    def __init__(self, spi: SpiExchange) -> None:
        self._spi = spi
        self._prepared: dict[Sequence[int], tuple[tuple[bytes, ...], struct.Struct]] = {}

    def read(self, channels: Sequence[int]) -> list[int]:
        """Return the codes 0..4095 of inputs 0..7, sampled one after another in one transfer.

        Raises `BusError`. An absent chip shows as a null bit that is not 0, or as nothing but
        zeros, which only the caller can distinguish from 0 V.
        """
        if channels not in self._prepared:
            self._prepared[channels] = tuple(map(_command, channels)), _answers(len(channels))
        commands, answers = self._prepared[channels]
        try:
            words = answers.unpack(self._spi.exchange(commands))
        except OSError as error:
            raise BusError(f"ADC: {error}") from error
        for word in words:
            if word & _NULL_BIT:
                channel = channels[words.index(word)]
                raise BusError(f"ADC input {channel}: no answer from the chip")
        return [word & _CODE_MASK for word in words]


def _command(channel: int) -> bytes:
    """Return what starts a conversion and clocks its result out (section 6.1, figure 6-1).

    0 0 0 0 0 START SGL D2 | D1 D0 x x x x x x | x x x x x x x x
    """
    return bytes((0x06 | channel >> 2, (channel & 0b11) << 6, 0))


def _answers(count: int) -> struct.Struct:
    """Return the format of answers; the first bits are undriven, then comes a null bit.

    ? ? ? ? ? ? ? ? | ? ? ? 0 B11 .. B8 | B7 .. B0
    """
    return struct.Struct(">" + "xH" * count)


def open_adc() -> Mcp3208:
    """Open the module's ADC. Raises `BusError`."""
    return Mcp3208(open_spi(constants.ADC_CHIP_SELECT, SPEED_HZ))
