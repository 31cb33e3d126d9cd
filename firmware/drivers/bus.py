"""The buses as the drivers see them, and the Raspberry Pi's own.

A driver is passed a bus and never opens one, so the simulator replaces the bus and the driver
runs unchanged. Nothing here is imported or opened before an `open_*` is called.
"""

import fcntl
import importlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from firmware.board import constants

I2C_RETRIES, I2C_TIMEOUT = 0x0701, 0x0702
"""Settings of a bus, the time-out in units of 10 ms (linux/i2c-dev.h)."""


REOPEN_S = 0.5


class BusError(OSError):
    """A chip did not answer, or its answer is invalid; the message names bus, chip, cause."""


class I2c(Protocol):
    """The bus interface that CircuitPython drivers use (`busio.I2C`)."""

    def try_lock(self) -> bool:
        """Take the bus; false if it is taken."""

    def unlock(self) -> None:
        """Release the bus."""

    def writeto(
        self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None
    ) -> None:
        """Write to the chip at a 7-bit address. Raises `OSError` if it does not answer."""

    def readfrom_into(
        self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None
    ) -> None:
        """Fill the buffer from the chip. Raises `OSError` if it does not answer."""


class Spi(Protocol):
    """The part of `spidev.SpiDev` that is used; one object per chip select."""

    max_speed_hz: int

    def open(self, bus: int, device: int) -> None:
        """Open a bus at a chip select."""

    def xfer2(self, values: Sequence[int]) -> Sequence[int]:
        """Exchange bytes with the chip select held. Raises `OSError`."""

    def writebytes(self, values: Sequence[int]) -> None:
        """Write bytes. Raises `OSError`."""

    def close(self) -> None:
        """Release the device."""


class LinuxI2c:
    """An i2c-dev bus for CircuitPython drivers, without Blinka's board detection.

    A transfer takes a quarter of a millisecond. One that hangs is cancelled after 10 ms, the
    least that can be set, instead of the kernel's second, and is not retried.
    """

    def __init__(self, smbus2: Any, number: int) -> None:
        self._message = smbus2.i2c_msg
        self._bus = smbus2.SMBus(number)
        fcntl.ioctl(self._bus.fd, I2C_TIMEOUT, 1)
        fcntl.ioctl(self._bus.fd, I2C_RETRIES, 0)

    def try_lock(self) -> bool:
        """Succeed always: the kernel serialises transfers, and a process has one thread."""
        return True

    def unlock(self) -> None:
        """Do nothing, as there is no lock."""

    def writeto(
        self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None
    ) -> None:
        """Write one message."""
        self._bus.i2c_rdwr(self._message.write(address, buffer[start:end]))

    def readfrom_into(
        self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None
    ) -> None:
        """Read one message."""
        stop = len(buffer) if end is None else end
        message = self._message.read(address, stop - start)
        self._bus.i2c_rdwr(message)
        buffer[start:stop] = bytes(message)


class ReopeningI2c:
    """A bus that may be absent: opened when it is used, and tried again twice a second."""

    def __init__(self, open_bus: Callable[[], I2c], clock: Callable[[], float]) -> None:
        """Open nothing yet; `clock` gives the time in seconds."""
        self._open = open_bus
        self._clock = clock
        self._bus: I2c | None = None
        self._error = ""
        self._retry_s = 0.0

    def try_lock(self) -> bool:
        """Succeed always, as with the kernel's buses."""
        return True

    def unlock(self) -> None:
        """Do nothing, as there is no lock."""

    def writeto(
        self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None
    ) -> None:
        """Write one message. Raises `OSError`."""
        self._opened().writeto(address, buffer, start=start, end=end)

    def readfrom_into(
        self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None
    ) -> None:
        """Read one message. Raises `OSError`."""
        self._opened().readfrom_into(address, buffer, start=start, end=end)

    def _opened(self) -> I2c:
        if self._bus is None:
            if self._error and self._clock() < self._retry_s:
                raise BusError(self._error)
            try:
                self._bus = self._open()
            except BusError as error:
                self._error = str(error)
                self._retry_s = self._clock() + REOPEN_S
                raise
        return self._bus


def open_i2c() -> LinuxI2c:
    """Open the DACs' bus. Raises `BusError` saying what is missing."""
    smbus2 = load("smbus2")
    try:
        return LinuxI2c(smbus2, constants.I2C_BUS)
    except OSError as error:
        remedy = "on a module: dtparam=i2c_arm=on, and the group i2c; elsewhere: firmware sim"
        raise BusError(f"/dev/i2c-{constants.I2C_BUS}: {error.strerror}; {remedy}") from None


def open_spi(chip_select: int, speed_hz: int) -> Spi:
    """Open the SPI bus at a chip select. Raises `BusError` saying what is missing."""
    spi: Spi = load("spidev").SpiDev()
    try:
        spi.open(constants.SPI_BUS, chip_select)
    except OSError as error:
        device = f"/dev/spidev{constants.SPI_BUS}.{chip_select}"
        remedy = "enable it with dtparam=spi=on, and join the group spi"
        raise BusError(f"{device}: {error.strerror}; {remedy}") from None
    spi.max_speed_hz = speed_hz
    return spi


def load(name: str) -> Any:
    """Import a library that only the module has. Raises `BusError` naming the extra."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise BusError(f"{name} is not installed: pip install 'exnihilo[pi]'") from None
