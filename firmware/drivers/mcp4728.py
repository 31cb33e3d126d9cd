"""MCP4728: four 12-bit outputs on I2C, one chip per voice (Microchip DS22187E).

Playing uses the fast write (figure 5-7), which sets all four outputs in one transaction of nine
bytes and leaves references and gains as they are.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import TypeVar

from firmware.drivers.bus import BusError, I2c

CHANNELS = 4
Result = TypeVar("Result")
Codes = tuple[int, int, int, int]
"""A code 0..4095 for each of the outputs A to D."""

_FAST_WRITE = Struct(">4H")
_READ_BYTES = 24
_SEQUENTIAL_WRITE = 0x50
_ALL_TO_SUPPLY, _ALL_GAINS_1 = b"\x80", b"\xc0"
"""Write references and gains of A to D, bits 3 to 0 (figures 5-12 and 5-14)."""
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
        self._set_up = False

    def write(self, codes: Codes) -> None:
        """Set all four outputs by one fast write, A first, D last. Codes are not checked."""
        self._send(_FAST_WRITE.pack(*codes))

    def read(self) -> Contents:
        """Read input registers and EEPROM (figure 5-15)."""
        return self._use(self._read)

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

    def _send(self, frame: bytes | bytearray) -> None:
        self._use(lambda: self._i2c.writeto(self.address, frame))

    def _read(self) -> Contents:
        data = bytearray(_READ_BYTES)
        self._i2c.readfrom_into(self.address, data)
        groups = [data[start : start + 3] for start in range(0, _READ_BYTES, 3)]
        return Contents(
            ready=bool(data[0] & 0x80),
            inputs=tuple(map(_register, groups[0::2])),
            eeprom=tuple(map(_register, groups[1::2])),
        )

    def _use(self, access: Callable[[], Result]) -> Result:
        """Access the chip, set up; name it in an error."""
        try:
            if not self._set_up:
                self._prepare()
                self._set_up = True
            return access()
        except OSError as error:
            self._set_up = False
            raise BusError(f"DAC at {self.address:#04x}: {error}") from error

    def _prepare(self) -> None:
        """Set references to the supply and gains to 1, if one is not."""
        registers = self._read().inputs
        if any(register.internal_reference for register in registers):
            self._i2c.writeto(self.address, _ALL_TO_SUPPLY)
        if any(register.gain != 1 for register in registers):
            self._i2c.writeto(self.address, _ALL_GAINS_1)


def _register(group: Sequence[int]) -> Register:
    """Decode RDY POR DAC1 DAC0 0 A2 A1 A0, Vref PD1 PD0 Gx D11..D8, D7..D0."""
    _, high, low = group
    return Register(
        code=(high & 0x0F) << 8 | low,
        internal_reference=bool(high & 0x80),
        gain=2 if high & 0x10 else 1,
        power_down=high >> 5 & 0b11,
    )
