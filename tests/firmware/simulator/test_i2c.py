"""The bus itself: addresses, time, faults."""

import pytest

from firmware.simulator.clock import VirtualTime
from firmware.simulator.i2c import SimulatedI2c
from firmware.simulator.mcp4728 import COMMISSIONED, Mcp4728Model


def bench(history=None):
    clock = VirtualTime(1_000_000)
    chips = [Mcp4728Model(address, COMMISSIONED) for address in (0x60, 0x61, 0x62)]
    return clock, chips, SimulatedI2c(clock, chips, history)


def test_a_write_reaches_its_chip_only():
    _, chips, i2c = bench()
    i2c.writeto(0x61, b"\x01\x23")
    assert [chip.inputs[0].code == 0x123 for chip in chips] == [False, True, False]


def test_a_general_call_reaches_all():
    _, chips, i2c = bench()
    for chip in chips:
        i2c.writeto(chip.address, b"\x01\x23")
    i2c.writeto(0, b"\x06")
    assert all(chip.inputs == list(COMMISSIONED) for chip in chips)


def test_chips_wait_for_each_other():
    # A fast write is start, nine bytes of nine bits, stop: 83 bits of 2.5 us.
    _, _, i2c = bench()
    for address in (0x60, 0x61, 0x62):
        i2c.writeto(address, bytes(8))
    starts = [transaction.time_ns for transaction in i2c.transactions]
    assert starts == [1_000_000, 1_207_500, 1_415_000]


def test_outputs_follow_as_their_bytes_land():
    clock, chips, i2c = bench()
    clock.now_ns = 2_000_000
    i2c.writeto(0x60, bytes.fromhex("0fff0fff0fff0fff"))
    landed = [sample.time_ns - 2_000_000 for sample in chips[0].trace][1:]
    # Start bit, address, then two bytes per channel.
    assert landed == [2_500 * (1 + 9 * bytes_) for bytes_ in (3, 5, 7, 9)]


@pytest.mark.parametrize(
    ("fault", "message"),
    [("absent", "Remote I/O error"), ("stuck", "Connection timed out")],
)
def test_faults_look_like_linux_and_heal(fault, message):
    _, _, i2c = bench()
    i2c.absent, i2c.stuck = {0x60} if fault == "absent" else set(), fault == "stuck"
    for attempt in (
        lambda: i2c.writeto(0x60, b"\x00\x00"),
        lambda: i2c.readfrom_into(0x60, bytearray(1)),
    ):
        with pytest.raises(OSError, match=message):
            attempt()
    i2c.absent, i2c.stuck = set(), False
    i2c.writeto(0x60, b"\x00\x00")


def test_an_address_that_nobody_has_is_not_acknowledged():
    _, _, i2c = bench()
    with pytest.raises(OSError, match="Remote I/O"):
        i2c.writeto(0x67, b"")


def test_history_is_bounded_on_request():
    _, _, i2c = bench(history=3)
    for _ in range(10):
        i2c.writeto(0x60, bytes(8))
    assert len(i2c.transactions) == 3
