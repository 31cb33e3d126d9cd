"""The Raspberry Pi's buses, as far as they go without one."""

import ctypes
import os
import struct
from typing import Any

import pytest

from firmware.board import constants
from firmware.drivers import bus
from firmware.drivers.bus import (
    I2C_ADDRESS,
    I2C_RETRIES,
    I2C_TIMEOUT,
    REOPEN_S,
    BusError,
    LinuxI2c,
    LinuxSpi,
    ReopeningI2c,
)
from firmware.drivers.mcp4728 import Mcp4728, Register
from firmware.simulator.clock import VirtualTime
from firmware.simulator.i2c import SimulatedI2c
from firmware.simulator.mcp4728 import FACTORY, Mcp4728Model


class I2cDevDouble:
    """The kernel's side of i2c-dev: calls on its descriptor, taken to a simulated bus."""

    descriptor = 99

    def __init__(self, simulated):
        self._simulated = simulated
        self.settings = {}

    def ioctl(self, descriptor, request, value):
        assert descriptor == self.descriptor
        self.settings[request] = value

    def read(self, descriptor, size):
        assert descriptor == self.descriptor
        data = bytearray(size)
        self._simulated.readfrom_into(self.settings[I2C_ADDRESS], data)
        return bytes(data)

    def write(self, descriptor, data):
        assert descriptor == self.descriptor
        self._simulated.writeto(self.settings[I2C_ADDRESS], data)


@pytest.fixture
def kernel(monkeypatch):
    chips = [Mcp4728Model(address, FACTORY) for address in (0x60, 0x61)]
    double = I2cDevDouble(SimulatedI2c(VirtualTime(), chips))
    monkeypatch.setattr(bus.fcntl, "ioctl", double.ioctl)
    monkeypatch.setattr(bus.os, "read", double.read)
    monkeypatch.setattr(bus.os, "write", double.write)
    return double


def test_the_dac_driver_runs_over_i2c_dev(kernel):
    i2c = LinuxI2c(kernel.descriptor)
    dacs = [Mcp4728(i2c, address) for address in (0x60, 0x61)]
    for number, dac in enumerate(dacs):
        dac.write((1, 20, 300, 4000 + number))
    for number, dac in enumerate(dacs):
        assert dac.read().inputs == tuple(map(Register, (1, 20, 300, 4000 + number)))


def test_a_stuck_bus_holds_nobody_up_for_longer_than_10_ms(kernel):
    LinuxI2c(kernel.descriptor)
    assert kernel.settings == {I2C_TIMEOUT: 1, I2C_RETRIES: 0}


def test_a_missing_bus_says_how_to_get_it(monkeypatch):
    def missing(path, flags):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(bus.os, "open", missing)
    with pytest.raises(BusError, match=rf"/dev/i2c-{constants.I2C_BUS}: .*dtparam=i2c_arm=on"):
        bus.open_i2c()
    with pytest.raises(BusError, match=r"/dev/spidev0.1: .*dtparam=spi=on"):
        bus.open_spi(1, 1)


def test_a_missing_library_says_how_to_get_it():
    with pytest.raises(BusError, match=r"no_such_library is not installed: .*exnihilo\[pi\]"):
        bus.load("no_such_library")


class SpidevDouble:
    """The kernel's side of spidev: reads a request's transfers, and answers from a chip."""

    def __init__(self, answer):
        self._answer = answer
        self.sent = []
        self.requests = []

    def ioctl(self, descriptor, request, argument):
        assert request == bus.SPI_MESSAGE | len(argument) << 16
        transfers = list(struct.iter_unpack("=QQIIHBB4x", argument))
        for sent_at, received_at, length, *_ in transfers:
            self.sent.append(ctypes.string_at(sent_at, length))
            ctypes.memmove(received_at, self._answer(self.sent[-1]), length)
        self.requests.append([transfer[2:] for transfer in transfers])


@pytest.fixture
def spidev(monkeypatch):
    double = SpidevDouble(lambda sent: bytes(byte ^ 0xFF for byte in sent))
    monkeypatch.setattr(bus.fcntl, "ioctl", double.ioctl)
    return double


def test_all_messages_go_in_one_system_call_and_the_chip_is_deselected_after_each(spidev):
    spi = LinuxSpi(7, 1_000_000)
    for _ in range(2):
        assert spi.exchange((b"\x01\x02", b"\x03", b"\x04")) == b"\xfe\xfd\xfc\xfb"
    assert spidev.sent == [b"\x01\x02", b"\x03", b"\x04"] * 2
    # Length, speed, delay, bits per word (0: eight), chip deselected before the next one.
    assert (
        spidev.requests
        == [[(2, 1_000_000, 0, 0, 1), (1, 1_000_000, 0, 0, 1), (1, 1_000_000, 0, 0, 0)]] * 2
    )


def test_as_many_messages_as_a_calibration_reads_fit_into_one_request(spidev):
    assert LinuxSpi(7, 1).exchange((b"abc",) * 64) == bytes(b ^ 0xFF for b in b"abc") * 64


def test_what_is_written_goes_over_spidev_whole(spidev):
    LinuxSpi(7, 8_000_000).write(b"picture")
    assert spidev.sent == [b"picture"]
    assert spidev.requests == [[(7, 8_000_000, 0, 0, 0)]]


def test_a_real_system_call_takes_the_request():
    """A pipe is no spidev, and the kernel says so: the call itself was well-formed."""
    ends = os.pipe()
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        LinuxSpi(ends[0], 1).exchange((b"abc",) * 64)
    for end in ends:
        os.close(end)


def test_an_absent_bus_is_opened_when_it_is_used_and_not_too_often() -> None:
    moments = iter([0.0, 0.1, REOPEN_S - 0.01, REOPEN_S, REOPEN_S])
    buses: list[object] = [BusError("no bus"), BusError("no bus"), Recorder()]

    def open_bus() -> Any:
        bus = buses.pop(0)
        if isinstance(bus, BusError):
            raise bus
        return bus

    bus = ReopeningI2c(open_bus, lambda: next(moments))
    assert len(buses) == 3
    for left in (2, 2, 2, 1):
        with pytest.raises(BusError, match="no bus"):
            bus.writeto(0x60, b"x")
        assert len(buses) == left


def test_a_bus_that_is_open_passes_everything_on() -> None:
    opened = Recorder()
    bus = ReopeningI2c(lambda: opened, lambda: 0.0)
    bus.writeto(0x60, b"abc")
    bus.readfrom_into(0x61, bytearray(3))
    assert opened.calls == [(0x60, b"abc"), (0x61, bytearray(3))]


class Recorder:
    """A bus that notes what it is asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def writeto(self, address: int, buffer: bytes | bytearray) -> None:
        self.calls.append((address, buffer))

    def readfrom_into(self, address: int, buffer: bytearray) -> None:
        self.calls.append((address, buffer))
