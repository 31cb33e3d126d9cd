"""The buses as the drivers see them, and the Raspberry Pi's own.

A driver is passed a bus and never opens one, so the simulator replaces the bus and the driver
runs unchanged. Nothing here is imported or opened before an `open_*` is called.
"""

import ctypes
import fcntl
import importlib
import os
import struct
from collections.abc import Callable
from typing import Any, Protocol

from firmware.board import constants

I2C_RETRIES, I2C_TIMEOUT, I2C_ADDRESS = 0x0701, 0x0702, 0x0703
"""Settings of a bus, the time-out in units of 10 ms; the chip of what follows (i2c-dev.h)."""

SPI_MESSAGE = 0x40006B00
"""`SPI_IOC_MESSAGE(n)` without its size, which goes to bit 16 (linux/spi/spidev.h)."""
SPI_TRANSFER = struct.Struct("=QQII2xxB4x")
"""`struct spi_ioc_transfer`: tx_buf, rx_buf, len, speed_hz, cs_change, and what stays 0."""

REOPEN_S = 0.5


class BusError(OSError):
    """A chip did not answer, or its answer is invalid; the message names bus, chip, cause."""


class I2c(Protocol):
    """The bus of the DACs."""

    def writeto(self, address: int, buffer: bytes | bytearray) -> None:
        """Write to the chip at a 7-bit address. Raises `OSError` if it does not answer."""

    def readfrom_into(self, address: int, buffer: bytearray) -> None:
        """Fill the buffer from the chip. Raises `OSError` if it does not answer."""


class SpiExchange(Protocol):
    """A chip on an SPI bus that answers."""

    def exchange(self, messages: tuple[bytes, ...]) -> bytes:
        """Exchange messages, with the chip deselected after each; return all that came back.

        Raises `OSError`.
        """


class SpiWrite(Protocol):
    """A chip on an SPI bus that only listens."""

    def write(self, data: bytes) -> None:
        """Write bytes, with the chip selected meanwhile. Raises `OSError`."""


class LinuxSpi:
    """A chip behind a spidev device, in mode 0. Any number of messages is one system call."""

    def __init__(self, descriptor: int, speed_hz: int) -> None:
        """Take the device's descriptor and the clock of its transfers."""
        self._descriptor = descriptor
        self._speed_hz = speed_hz
        self._prepared: dict[tuple[bytes, ...], tuple[int, bytearray, Any]] = {}

    def exchange(self, messages: tuple[bytes, ...]) -> bytes:
        """Exchange messages; those of a tuple seen before cost no preparation."""
        if messages not in self._prepared:
            self._prepared[messages] = self._prepare(messages)
        request, transfers, buffer = self._prepared[messages]
        fcntl.ioctl(self._descriptor, request, transfers)
        received: bytes = buffer[1].raw
        return received

    def write(self, data: bytes) -> None:
        """Write bytes."""
        request, transfers, _buffers = self._prepare((data,))
        fcntl.ioctl(self._descriptor, request, transfers)

    def _prepare(self, messages: tuple[bytes, ...]) -> tuple[int, bytearray, Any]:
        """Return the request, its `spi_ioc_transfer`s, and the buffers to which they point."""
        sent = ctypes.create_string_buffer(b"".join(messages), sum(map(len, messages)))
        received = ctypes.create_string_buffer(len(sent))
        transfers, at = bytearray(), 0
        for number, message in enumerate(messages, 1):
            transfers += SPI_TRANSFER.pack(
                ctypes.addressof(sent) + at,
                ctypes.addressof(received) + at,
                len(message),
                self._speed_hz,
                # After the last message the chip is deselected anyway.
                number < len(messages),
            )
            at += len(message)
        return SPI_MESSAGE | len(transfers) << 16, transfers, (sent, received)


class LinuxI2c:
    """An i2c-dev bus.

    A transfer takes a quarter of a millisecond. One that hangs is cancelled after 10 ms, the
    least that can be set, instead of the kernel's second, and is not retried.
    """

    def __init__(self, descriptor: int) -> None:
        """Take the device's descriptor."""
        self._descriptor = descriptor
        self._address: int | None = None
        fcntl.ioctl(descriptor, I2C_TIMEOUT, 1)
        fcntl.ioctl(descriptor, I2C_RETRIES, 0)

    def writeto(self, address: int, buffer: bytes | bytearray) -> None:
        """Write one message."""
        self._select(address)
        os.write(self._descriptor, buffer)

    def readfrom_into(self, address: int, buffer: bytearray) -> None:
        """Read one message."""
        self._select(address)
        buffer[:] = os.read(self._descriptor, len(buffer))

    def _select(self, address: int) -> None:
        if address != self._address:
            fcntl.ioctl(self._descriptor, I2C_ADDRESS, address)
            self._address = address


class ReopeningI2c:
    """A bus that may be absent: opened when it is used, and tried again twice a second."""

    def __init__(self, open_bus: Callable[[], I2c], clock: Callable[[], float]) -> None:
        """Open nothing yet; `clock` gives the time in seconds."""
        self._open = open_bus
        self._clock = clock
        self._bus: I2c | None = None
        self._error = ""
        self._retry_s = 0.0

    def writeto(self, address: int, buffer: bytes | bytearray) -> None:
        """Write one message. Raises `OSError`."""
        self._opened().writeto(address, buffer)

    def readfrom_into(self, address: int, buffer: bytearray) -> None:
        """Read one message. Raises `OSError`."""
        self._opened().readfrom_into(address, buffer)

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
    device = f"/dev/i2c-{constants.I2C_BUS}"
    try:
        return LinuxI2c(os.open(device, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        remedy = "on a module: dtparam=i2c_arm=on, and the group i2c; elsewhere: firmware sim"
        raise BusError(f"{device}: {error.strerror}; {remedy}") from None


def open_spi(chip_select: int, speed_hz: int) -> LinuxSpi:
    """Open the SPI bus at a chip select. Raises `BusError` saying what is missing."""
    device = f"/dev/spidev{constants.SPI_BUS}.{chip_select}"
    try:
        return LinuxSpi(os.open(device, os.O_RDWR | os.O_CLOEXEC), speed_hz)
    except OSError as error:
        remedy = "enable it with dtparam=spi=on, and join the group spi"
        raise BusError(f"{device}: {error.strerror}; {remedy}") from None


def load(name: str) -> Any:
    """Import a library that only the module has. Raises `BusError` naming the extra."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise BusError(f"{name} is not installed: pip install 'exnihilo[pi]'") from None
