"""The model against the datasheet, command by command (DS22187E)."""

import contextlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board.constants import CV_OUTPUT
from firmware.drivers.mcp4728 import Register
from firmware.simulator.clock import VirtualTime
from firmware.simulator.i2c import SimulatedI2c
from firmware.simulator.mcp4728 import COMMISSIONED, FACTORY, Mcp4728Model

ADDRESS = 0x62
REST = Register(0)


def bench(*, ldac_low=True, eeprom=(REST,) * 4):
    chip = Mcp4728Model(ADDRESS, eeprom)
    chip.ldac_low = ldac_low
    clock = VirtualTime()
    return clock, chip, SimulatedI2c(clock, [chip])


def send(i2c, text, address=ADDRESS):
    i2c.writeto(address, bytes.fromhex(text))


def codes(registers):
    return [register.code for register in registers]


WRITES = {
    # Figure 5-7: fast write, A to D
    "fast": ("0123 0456 0789 0abc", {0: 0x123, 1: 0x456, 2: 0x789, 3: 0xABC}, set()),
    "fast, two channels": ("0123 0456", {0: 0x123, 1: 0x456}, set()),
    "fast, C0 set": ("2123", {0: 0x123}, set()),
    "fast, later command bits ignored": ("0123 c456", {0: 0x123, 1: 0x456}, set()),
    "fast, half a channel": ("0123 04", {0: 0x123}, set()),
    "fast, a fifth channel": ("0001 0002 0003 0004 0005", {0: 1, 1: 2, 2: 3, 3: 4}, set()),
    # Figure 5-8: multi-write, any channels in any order
    "multi": ("46 0abc 40 0123", {3: 0xABC, 0: 0x123}, set()),
    "multi, one channel twice": ("42 0001 42 0002", {1: 2}, set()),
    # Figure 5-9: sequential, from a channel to D, with EEPROM
    "sequential from A": ("50 0001 0002 0003 0004", {0: 1, 1: 2, 2: 3, 3: 4}, {0, 1, 2, 3}),
    "sequential from C": ("54 0003 0004", {2: 3, 3: 4}, {2, 3}),
    "sequential past D": ("56 0004 0005", {3: 4}, {3}),
    # Figure 5-10: single, with EEPROM
    "single": ("5a 0fff", {1: 0xFFF}, {1}),
    "single, more bytes": ("5a 0fff 0123", {1: 0xFFF}, {1}),
    # W1 W0 = 0 1 and C2 C1 C0 = 1 1 1 are not used
    "unused W": ("48 0fff", {}, set()),
    "unused C": ("e0 0fff", {}, set()),
}


@pytest.mark.parametrize(("text", "written", "saved"), WRITES.values(), ids=WRITES)
def test_writes(text, written, saved):
    _, chip, i2c = bench()
    send(i2c, text)
    assert codes(chip.inputs) == [written.get(channel, 0) for channel in range(4)]
    assert codes(chip.eeprom) == [
        written[channel] if channel in saved else 0 for channel in range(4)
    ]


@pytest.mark.parametrize("command", ["40", "50", "58"])
def test_flags_travel_with_the_code(command):
    # Vref PD1 PD0 Gx before the code (figures 5-8 to 5-10)
    _, chip, i2c = bench()
    send(i2c, f"{command} d123")
    assert chip.inputs[0] == Register(0x123, internal_reference=True, gain=2, power_down=2)


def test_a_fast_write_keeps_reference_and_gain_and_sets_power_down():
    _, chip, i2c = bench(eeprom=FACTORY)
    send(i2c, "3123")
    assert chip.inputs[0] == Register(0x123, internal_reference=True, gain=2, power_down=3)


FLAGS = {
    # Figures 5-12 to 5-14: one bit per channel, A highest; power-down two
    "references": ("8a", "internal_reference", [True, False, True, False]),
    "gains": ("c5", "gain", [1, 2, 1, 2]),
    "power down": ("ac b0", "power_down", [3, 0, 2, 3]),
    "power down, half": ("ac", "power_down", [0, 0, 0, 0]),
}


@pytest.mark.parametrize(("text", "name", "values"), FLAGS.values(), ids=FLAGS)
@pytest.mark.parametrize("ldac_low", [True, False])
def test_flags_reach_inputs_and_outputs_whatever_ldac_says(text, name, values, ldac_low):
    _, chip, i2c = bench(ldac_low=ldac_low)
    send(i2c, text)
    for registers in (chip.inputs, chip.outputs):
        assert [getattr(register, name) for register in registers] == values
    assert chip.eeprom == [REST] * 4


LATCHING = [
    # Table 4-5: LDAC low updates all; high, only the channel whose UDAC is 0
    ("40 0fff", True, [0xFFF, 5, 0, 0]),
    ("41 0fff", True, [0xFFF, 5, 0, 0]),
    ("40 0fff", False, [0xFFF, 0, 0, 0]),
    ("41 0fff", False, [0, 0, 0, 0]),
    ("58 0fff", False, [0xFFF, 0, 0, 0]),
    ("59 0fff", False, [0, 0, 0, 0]),
    ("56 0fff", False, [0, 0, 0, 0xFFF]),
    ("57 0fff", False, [0, 0, 0, 0]),
    # A fast write has no UDAC
    ("0fff", True, [0xFFF, 5, 0, 0]),
    ("0fff", False, [0, 0, 0, 0]),
]


@pytest.mark.parametrize(("text", "ldac_low", "outputs"), LATCHING)
def test_ldac_and_udac_decide_when_outputs_follow(text, ldac_low, outputs):
    _, chip, i2c = bench(ldac_low=False)
    send(i2c, "43 0005")
    chip.ldac_low = ldac_low
    send(i2c, text)
    assert codes(chip.outputs) == outputs


def test_a_falling_ldac_brings_all_outputs():
    _, chip, i2c = bench(ldac_low=False)
    send(i2c, "0001 0002 0003 0004")
    chip.latch(0)
    assert codes(chip.outputs) == [1, 2, 3, 4]


class TestGeneralCall:
    """Section 5.4: address 0, the command in the second byte."""

    def test_reset_loads_the_eeprom(self):
        _, chip, i2c = bench(eeprom=COMMISSIONED)
        send(i2c, "0fff 0fff 0fff 0fff")
        send(i2c, "06", address=0)
        assert chip.inputs == chip.outputs == list(COMMISSIONED)

    def test_wake_up_clears_power_down(self):
        _, chip, i2c = bench()
        send(i2c, "af f0")
        send(i2c, "09", address=0)
        assert {register.power_down for register in chip.inputs + chip.outputs} == {0}

    def test_software_update_latches(self):
        _, chip, i2c = bench(ldac_low=False)
        send(i2c, "0001 0002 0003 0004")
        send(i2c, "08", address=0)
        assert codes(chip.outputs) == [1, 2, 3, 4]

    def test_read_address_is_acknowledged_but_not_its_read(self):
        # Figure 5-6: the read wants LDAC to fall within a clock pulse.
        _, _, i2c = bench()
        send(i2c, "0c", address=0)
        with pytest.raises(OSError, match="Remote I/O"):
            i2c.readfrom_into(0, bytearray(1))

    def test_any_other_is_not_acknowledged(self):
        _, _, i2c = bench()
        with pytest.raises(OSError, match="Remote I/O"):
            send(i2c, "07", address=0)

    @pytest.mark.parametrize("command", ["06", "08", "09"])
    def test_sent_to_the_chip_s_address_it_is_a_fast_write(self, command):
        # A general call's commands, sent to the chip's own address.
        _, chip, i2c = bench(eeprom=COMMISSIONED)
        send(i2c, f"00 {command}")
        assert chip.inputs[0].code == int(command, 16)


def test_a_new_address_is_refused_without_the_ldac_dance():
    # Figure 5-11, note 2c: the third byte is not acknowledged.
    _, chip, i2c = bench()
    with pytest.raises(OSError, match="Remote I/O"):
        send(i2c, "69 66 67")
    assert chip.address == ADDRESS


def test_read_gives_registers_and_eeprom_from_a_to_d_and_over_again():
    # Figure 5-15: RDY POR DAC1 DAC0 0 A2 A1 A0, then two bytes
    _, _, i2c = bench(eeprom=COMMISSIONED)
    send(i2c, "0123 0456 0789 0abc")
    data = bytearray(26)
    i2c.readfrom_into(ADDRESS, data)
    zero = f"{CV_OUTPUT.zero_code:04x}"
    expected = f"c20123 c2{zero} d20456 d2{zero} e20789 e2{zero} f20abc f2{zero} c201"
    assert data.hex() == expected.replace(" ", "")


def test_busy_until_the_eeprom_is_written_and_deaf_to_writes():
    clock, chip, i2c = bench()
    send(i2c, "58 0123")
    send(i2c, "0fff 0fff 0fff 0fff")
    first = bytearray(1)
    i2c.readfrom_into(ADDRESS, first)
    assert not first[0] & 0x80
    assert codes(chip.inputs) == [0x123, 0, 0, 0]
    clock.sleep(0.06)
    i2c.readfrom_into(ADDRESS, first)
    assert first[0] & 0x80


@pytest.mark.parametrize(
    ("register", "volts"),
    [
        # Table 4-6: internal 2.048 V times gain; with VDD the gain is ignored
        (Register(2048), 2.048),
        (Register(2048, gain=2), 2.048),
        (Register(2048, internal_reference=True), 1.024),
        (Register(2048, internal_reference=True, gain=2), 2.048),
        (Register(4095, internal_reference=True, gain=2), 4.095),
        (Register(2048, power_down=1), 0.0),
    ],
)
def test_output_volts(register, volts):
    _, chip, _ = bench(eeprom=(register,) * 4)
    jack = CV_OUTPUT.offset_volts + CV_OUTPUT.gain * volts
    assert chip.volts == pytest.approx([jack] * 4)


def test_a_commissioned_chip_wakes_at_0_volts_and_a_fresh_one_may_not():
    assert Mcp4728Model(ADDRESS, COMMISSIONED).volts == pytest.approx([0.0] * 4, abs=0.0011)
    assert min(Mcp4728Model(ADDRESS, FACTORY).volts) > 1.0


fast_codes = st.lists(st.integers(0, 4095), min_size=4, max_size=4)


@given(fast_codes)
def test_a_fast_write_is_what_is_read(wanted):
    _, _, i2c = bench()
    i2c.writeto(ADDRESS, b"".join(code.to_bytes(2, "big") for code in wanted))
    data = bytearray(24)
    i2c.readfrom_into(ADDRESS, data)
    assert [int.from_bytes(data[n + 1 : n + 3], "big") for n in range(0, 24, 6)] == wanted


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("write"), st.binary(max_size=20)),
            st.tuples(st.just("call"), st.binary(max_size=3)),
            st.tuples(st.just("read"), st.integers(0, 60)),
            st.tuples(st.just("ldac"), st.booleans()),
            st.tuples(st.just("sleep"), st.integers(0, 60)),
        ),
        max_size=20,
    )
)
def test_no_bytes_upset_the_model(actions):
    clock, chip, i2c = bench()
    for kind, value in actions:
        with contextlib.suppress(OSError):
            _do(kind, value, clock, chip, i2c)
    times = [sample.time_ns for sample in chip.trace]
    assert times == sorted(times)
    for register in chip.inputs + chip.outputs + chip.eeprom:
        assert 0 <= register.code <= 4095
        assert 0 <= register.power_down <= 3
        assert register.gain in (1, 2)
    assert all(a.volts != b.volts for a, b in pairwise(chip.trace))


def _do(kind, value, clock, chip, i2c):
    if kind == "write":
        i2c.writeto(ADDRESS, value)
    elif kind == "call":
        i2c.writeto(0, value)
    elif kind == "read":
        i2c.readfrom_into(ADDRESS, bytearray(value))
    elif kind == "ldac":
        chip.ldac_low = value
    else:
        clock.sleep(value / 1000)
