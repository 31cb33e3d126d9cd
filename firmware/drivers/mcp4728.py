"""MCP4728: four 12-bit outputs on I2C, one chip per voice (Microchip DS22187E).

The Adafruit driver finds the chip and sets references and gains. Playing bypasses it: it has no
fast write (figure 5-7), which sets all four outputs in one transaction of nine bytes and leaves
references and gains as they are. Its `reset`, `wakeup` and `soft_update` are never called: they
go to the chip's address instead of the general call's, and the chip takes them for a fast write
to output A.
"""

import importlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from firmware.drivers.bus import BusError, I2c

CHANNELS = 4
Codes = tuple[int, int, int, int]
"""A code 0..4095 for each of the outputs A to D."""

_READ_BYTES = 24
_SEQUENTIAL_WRITE = 0x50
_EEPROM_POLL_S = 0.005
_EEPROM_POLLS = 20
"""The slowest EEPROM write takes 50 ms (pages 4-6); 100 ms leave a margin."""


@dataclass(frozen=True, slots=True)
class Register:
    """An output's settings, in its input register or in the EEPROM."""

    code: int
    internal_reference: bool = False
    gain: int = 1
    power_down: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """The result of a read: ready unless the EEPROM is being written, and all registers."""

    ready: bool
    inputs: tuple[Register, ...]
    eeprom: tuple[Register, ...]


class Mcp4728:
    """One voice's outputs. Every method raises `BusError` if the chip does not answer.

    The first use finds the chip and sets it up, and so does the first after a fault: a chip
    that was absent may have lost its settings with its power.
    """

    def __init__(self, i2c: I2c, address: int) -> None:
        """Do not access the chip yet."""
        self.address = address
        self._i2c = i2c
        self._device: Any = None
        self._frame = bytearray(2 * CHANNELS)
        # Loaded here, as it imports the whole of Blinka, a tenth of a second.
        self._library = importlib.import_module("adafruit_mcp4728")

    def write(self, codes: Codes) -> None:
        """Set all four outputs by one fast write, A first, D last. Codes are not checked."""
        frame = self._frame
        for channel, code in enumerate(codes):
            frame[2 * channel] = code >> 8
            frame[2 * channel + 1] = code & 0xFF
        self._send(frame)

    def read(self) -> Contents:
        """Read input registers and EEPROM (figure 5-15)."""
        data = bytearray(_READ_BYTES)
        self._transfer(lambda device: device.readinto(data))
        groups = [data[start : start + 3] for start in range(0, _READ_BYTES, 3)]
        return Contents(
            ready=bool(data[0] & 0x80),
            inputs=tuple(map(_register, groups[0::2])),
            eeprom=tuple(map(_register, groups[1::2])),
        )

    def commission(self, codes: Codes, sleep: Callable[[float], None] = time.sleep) -> None:
        """Write the power-on codes into the EEPROM and read them back.

        The outputs take the codes too. Raises `BusError` if the EEPROM does not hold them.
        """
        # 0 1 0 1 0 DAC1 DAC0 UDAC, from A on, then Vref PD1 PD0 Gx and code (figure 5-9).
        frame = bytearray([_SEQUENTIAL_WRITE])
        for code in codes:
            frame += code.to_bytes(2, "big")
        self._send(frame)
        if self._settled(sleep).eeprom != tuple(map(Register, codes)):
            raise BusError(f"DAC at {self.address:#04x}: the EEPROM did not take the codes")

    def _settled(self, sleep: Callable[[float], None]) -> Contents:
        for _ in range(_EEPROM_POLLS):
            sleep(_EEPROM_POLL_S)
            contents = self.read()
            if contents.ready:
                return contents
        raise BusError(f"DAC at {self.address:#04x}: the EEPROM stays busy")

    def _send(self, frame: bytearray) -> None:
        self._transfer(lambda device: device.write(frame))

    def _transfer(self, use: Callable[[Any], None]) -> None:
        """Access the chip with the bus locked; name it in an error."""
        try:
            if self._device is None:
                self._device = self._found()
            with self._device as device:
                use(device)
        # The driver raises ValueError if the chip does not answer when it is probed.
        except (OSError, ValueError) as error:
            self._device = None
            raise BusError(f"DAC at {self.address:#04x}: {error}") from error

    def _found(self) -> Any:
        """Find the chip and set its references to the supply, gain 1, where they are not."""
        driver = self._library.MCP4728(self._i2c, self.address)
        for name in "abcd":
            channel = getattr(driver, f"channel_{name}")
            if channel.vref != self._library.Vref.VDD:
                channel.vref = self._library.Vref.VDD
            # The driver takes 1 or 2 and answers 0 or 1.
            if channel.gain != 0:
                channel.gain = 1
        return driver.i2c_device


def _register(group: Sequence[int]) -> Register:
    """Decode RDY POR DAC1 DAC0 0 A2 A1 A0, Vref PD1 PD0 Gx D11..D8, D7..D0."""
    _, high, low = group
    return Register(
        code=(high & 0x0F) << 8 | low,
        internal_reference=bool(high & 0x80),
        gain=2 if high & 0x10 else 1,
        power_down=high >> 5 & 0b11,
    )
