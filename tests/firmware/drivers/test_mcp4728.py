"""The DAC driver over the simulated bus, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board.constants import CV_OUTPUT
from firmware.drivers.bus import BusError
from firmware.drivers.mcp4728 import Mcp4728, Register
from firmware.simulator.clock import VirtualTime
from firmware.simulator.i2c import SimulatedI2c
from firmware.simulator.mcp4728 import COMMISSIONED, FACTORY, Mcp4728Model

ADDRESS = 0x61
ZEROS = (CV_OUTPUT.zero_code,) * 4
codes = st.tuples(*[st.integers(0, 4095)] * 4)


def bench(eeprom=COMMISSIONED):
    clock = VirtualTime()
    chip = Mcp4728Model(ADDRESS, eeprom)
    return clock, chip, SimulatedI2c(clock, [chip])


def test_a_fresh_chip_is_set_to_the_supply_as_reference():
    _, chip, i2c = bench(FACTORY)
    Mcp4728(i2c, ADDRESS).read()
    assert chip.inputs == [Register(code=2048)] * 4


@pytest.mark.parametrize(("reference", "gain"), [(True, 1), (False, 2)])
def test_a_chip_with_one_wrong_setting_is_corrected(reference, gain):
    _, chip, i2c = bench((*COMMISSIONED[:3], Register(7, reference, gain)))
    Mcp4728(i2c, ADDRESS).read()
    assert chip.inputs == [*COMMISSIONED[:3], Register(7)]


def test_setting_up_a_commissioned_chip_writes_nothing():
    _, _, i2c = bench()
    Mcp4728(i2c, ADDRESS).read()
    assert [t.data for t in i2c.transactions if not t.is_read] == []


@given(codes)
def test_every_write_is_one_transaction_of_nine_bytes_with_the_address(wanted):
    _, chip, i2c = bench()
    dac = Mcp4728(i2c, ADDRESS)
    dac.read()
    i2c.transactions.clear()
    dac.write(wanted)
    (sent,) = i2c.transactions
    assert (sent.address, len(sent.data)) == (ADDRESS, 8)
    assert chip.volts == pytest.approx([CV_OUTPUT.volts(code) for code in wanted])


@given(st.lists(codes, min_size=1, max_size=5))
def test_what_was_written_is_read_back(writes):
    _, _, i2c = bench()
    dac = Mcp4728(i2c, ADDRESS)
    for wanted in writes:
        dac.write(wanted)
    contents = dac.read()
    assert contents.ready
    assert contents.inputs == tuple(map(Register, writes[-1]))
    assert contents.eeprom == COMMISSIONED


def test_the_gate_moves_last():
    _, chip, i2c = bench()
    dac = Mcp4728(i2c, ADDRESS)
    dac.write((3000, 3100, 3200, 3300))
    times = [sample.time_ns for sample in list(chip.trace)[-4:]]
    moved = [
        [a != b for a, b in zip(before.volts, after.volts, strict=True)].index(True)
        for before, after in zip(list(chip.trace)[-5:-1], list(chip.trace)[-4:], strict=True)
    ]
    assert moved == [0, 1, 2, 3]
    assert times[3] - times[0] == 135_000


@given(codes)
def test_commissioned_codes_survive_the_power(wanted):
    clock, chip, i2c = bench(FACTORY)
    dac = Mcp4728(i2c, ADDRESS)
    dac.commission(wanted, clock.sleep)
    dac.write((4095, 4095, 4095, 4095))
    chip.power_on(clock.now_ns)
    assert dac.read().eeprom == dac.read().inputs == tuple(map(Register, wanted))


def test_commissioning_waits_until_the_eeprom_is_written():
    clock, _, i2c = bench(FACTORY)
    dac = Mcp4728(i2c, ADDRESS)
    dac.commission(ZEROS, clock.sleep)
    assert clock.now_ns >= 50_000_000
    assert dac.read().ready


def test_an_eeprom_that_never_gets_ready_is_reported():
    _, _, i2c = bench(FACTORY)
    dac = Mcp4728(i2c, ADDRESS)
    with pytest.raises(BusError, match=r"0x61.*busy"):
        dac.commission(ZEROS, lambda _: None)


def test_an_eeprom_that_does_not_take_the_codes_is_reported():
    clock, chip, i2c = bench(FACTORY)
    dac = Mcp4728(i2c, ADDRESS)
    dac.read()
    # The first command starts a write during which the chip obeys no other.
    i2c.writeto(ADDRESS, bytes([0x58, 0, 0]))
    with pytest.raises(BusError, match="did not take"):
        dac.commission(ZEROS, clock.sleep)
    assert chip.eeprom[1:] == list(FACTORY[1:])


def test_an_absent_chip_is_named():
    _, _, i2c = bench()
    with pytest.raises(BusError, match="DAC at 0x60"):
        Mcp4728(i2c, 0x60).read()


def test_a_chip_that_lost_its_power_is_set_up_again():
    clock, chip, i2c = bench(FACTORY)
    dac = Mcp4728(i2c, ADDRESS)
    dac.write(ZEROS)
    i2c.absent = {ADDRESS}
    with pytest.raises(BusError):
        dac.write(ZEROS)
    chip.power_on(clock.now_ns)
    i2c.absent = set()
    dac.write(ZEROS)
    assert chip.inputs == list(COMMISSIONED)


@pytest.mark.parametrize("call", ["write", "read", "commission"])
@pytest.mark.parametrize("fault", ["absent", "stuck"])
def test_a_fault_is_raised_and_heals(call, fault):
    clock, _, i2c = bench()
    dac = Mcp4728(i2c, ADDRESS)
    calls = {
        "write": lambda: dac.write(ZEROS),
        "read": dac.read,
        "commission": lambda: dac.commission(ZEROS, clock.sleep),
    }
    i2c.absent, i2c.stuck = {ADDRESS} if fault == "absent" else set(), fault == "stuck"
    with pytest.raises(BusError, match="DAC at 0x61"):
        calls[call]()
    i2c.absent, i2c.stuck = set(), False
    calls[call]()
