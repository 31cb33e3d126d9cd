"""The electrical rules are really checked."""

import pytest

from hardware import devices, parts
from hardware.board import Bench, CircuitError

QUAD = {"4": "+12V", "11": "-12V"}


def _bench():
    bench = Bench("bad")
    bench.power("+12V", "-12V", "GND")
    bench.place("rails", parts.capacitor(1e-9), p1="+12V", p2="GND")
    bench.place("rails", parts.capacitor(1e-9), p1="-12V", p2="GND")
    return bench


def test_two_outputs_on_one_net_are_refused():
    bench = _bench()
    units = dict.fromkeys(("1", "7", "8", "14"), "OUT")
    inputs = dict.fromkeys(("2", "3", "5", "6", "9", "10", "12", "13"), "GND")
    bench.place_pins("amplifier", devices.OUTPUT_AMPLIFIER, {**QUAD, **units, **inputs})
    with pytest.raises(CircuitError, match="OUTPUT"):
        bench.board()


def test_a_supply_that_nothing_drives_is_refused():
    bench = _bench()
    bench.place("reference", devices.REFERENCE_3V3, p1="NOWHERE", p2="+3V3A", p3="GND")
    bench.place("reference", parts.capacitor(1e-9), p1="NOWHERE", p2="+3V3A")
    with pytest.raises(CircuitError, match="NOWHERE"):
        bench.board()


def test_a_net_with_one_end_is_refused():
    bench = _bench()
    bench.place("stage", parts.resistor(1e3), p1="GND", p2="LOOSE")
    with pytest.raises(CircuitError, match="LOOSE has one pin"):
        bench.board()


@pytest.mark.parametrize("pins", [{"1": "GND"}, {"1": "GND", "2": "+12V", "3": "+12V"}])
def test_a_pin_forgotten_or_invented_is_refused(pins):
    with pytest.raises(CircuitError, match="not wired or not there"):
        _bench().place_pins("stage", parts.resistor(1e3), pins)


def test_the_netlist_is_the_same_every_time():
    first, second = (_bench() for _ in range(2))
    assert first.netlist() == second.netlist()
    assert "date" in first.netlist()
