"""Simulated output lines; the input lines are tested with their driver."""

import gc
from pathlib import Path

import pytest

from firmware.drivers.bus import BusError
from firmware.simulator.clock import RealTime, VirtualTime
from firmware.simulator.gpio import SimulatedInputs, SimulatedOutputs


def test_changes_are_stamped_and_repeats_are_none():
    clock = VirtualTime()
    lines = SimulatedOutputs(clock)
    for now_ns, high in ((1, True), (2, True), (3, False)):
        clock.now_ns = now_ns
        lines.set(16, high=high)
    assert list(lines.changes) == [(1, 16, True), (3, 16, False)]


def test_broken_lines_are_reported_and_heal():
    lines = SimulatedOutputs(VirtualTime())
    lines.broken = True
    with pytest.raises(BusError, match="GPIO 16"):
        lines.set(16, high=True)
    lines.broken = False
    lines.set(16, high=True)
    assert lines.levels == {16: True}


def open_descriptors():
    return len(list(Path("/dev/fd").iterdir()))


def test_forgotten_lines_close_their_descriptors():
    gc.collect()
    before = open_descriptors()
    for _ in range(50):
        SimulatedInputs(VirtualTime()).close()
        SimulatedInputs(VirtualTime())
    gc.collect()
    assert open_descriptors() == before


def test_real_time_goes_on():
    clock = RealTime()
    assert clock.now_ns <= clock.now_ns
