"""The Raspberry Pi's buses, as far as they go without one."""

import ctypes
from typing import Any

import pytest
import smbus2

from firmware.board import constants
from firmware.drivers import bus
from firmware.drivers.bus import (
    I2C_RETRIES,
    I2C_TIMEOUT,
    REOPEN_S,
    BusError,
    LinuxI2c,
    ReopeningI2c,
)
from firmware.drivers.mcp4728 import Mcp4728, Register
from firmware.simulator.clock import VirtualTime
from firmware.simulator.i2c import SimulatedI2c
from firmware.simulator.mcp4728 import FACTORY, Mcp4728Model

READ_FLAG = 0x0001


class I2cDevDouble:
    """The kernel's side of i2c-dev: smbus2's own messages, taken to a simulated bus."""

    i2c_msg = smbus2.i2c_msg
    fd = 99

    def __init__(self, simulated):
        self._simulated = simulated
        self.opened = []
        self.settings = {}

    def SMBus(self, number):  # noqa: N802 - the library's name
        self.opened.append(number)
        return self

    def ioctl(self, descriptor, request, value):
        assert descriptor == self.fd
        self.settings[request] = value

    def i2c_rdwr(self, *messages):
        for message in messages:
            if message.flags & READ_FLAG:
                data = bytearray(message.len)
                self._simulated.readfrom_into(message.addr, data)
                ctypes.memmove(message.buf, bytes(data), len(data))
            else:
                self._simulated.writeto(message.addr, bytes(message))


@pytest.fixture
def chip():
    return Mcp4728Model(0x60, FACTORY)


@pytest.fixture
def kernel(chip, monkeypatch):
    double = I2cDevDouble(SimulatedI2c(VirtualTime(), [chip]))
    monkeypatch.setattr(bus.fcntl, "ioctl", double.ioctl)
    return double


def test_the_dac_driver_runs_over_i2c_dev(kernel):
    i2c = LinuxI2c(kernel, 1)
    dac = Mcp4728(i2c, 0x60)
    dac.write((1, 20, 300, 4000))
    assert kernel.opened == [1]
    assert dac.read().inputs == tuple(map(Register, (1, 20, 300, 4000)))


def test_a_stuck_bus_holds_nobody_up_for_longer_than_10_ms(kernel):
    LinuxI2c(kernel, 1)
    assert kernel.settings == {I2C_TIMEOUT: 1, I2C_RETRIES: 0}


def test_parts_of_buffers_go_over_i2c_dev(kernel, chip):
    i2c = LinuxI2c(kernel, 1)
    i2c.writeto(0x60, b"??\x0a\xbc?", start=2, end=4)
    buffer = bytearray(5)
    i2c.readfrom_into(0x60, buffer, start=1, end=4)
    assert chip.inputs[0].code == 0xABC
    assert buffer == b"\x00\xc0\x9a\xbc\x00"


def test_a_missing_bus_says_how_to_get_it(monkeypatch):
    def missing(number):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(smbus2, "SMBus", missing)
    with pytest.raises(BusError, match=rf"/dev/i2c-{constants.I2C_BUS}: .*dtparam=i2c_arm=on"):
        bus.open_i2c()


def test_a_missing_library_says_how_to_get_it():
    with pytest.raises(BusError, match=r"no_such_library is not installed: .*exnihilo\[pi\]"):
        bus.load("no_such_library")


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
    bus.writeto(0x60, b"abc", start=1, end=2)
    bus.readfrom_into(0x61, bytearray(3), end=1)
    assert opened.calls == [(0x60, b"abc", 1, 2), (0x61, bytearray(3), 0, 1)]


class Recorder:
    """A bus that notes what it is asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def try_lock(self) -> bool:
        return True

    def unlock(self) -> None:
        pass

    def writeto(
        self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None
    ) -> None:
        self.calls.append((address, buffer, start, end))

    def readfrom_into(
        self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None
    ) -> None:
        self.calls.append((address, buffer, start, end))
