from collections.abc import Callable
from math import inf

import numpy as np
import pytest

from firmware.board.calibration import NOMINAL, CalibrationError, OutputCurve
from firmware.board.constants import CV_INPUT, CV_OUTPUT
from firmware.cli.calibration_procedure import (
    Jacks,
    by_ear,
    by_loop,
    by_meter,
    with_measured_input,
)
from firmware.drivers.mcp3208 import Mcp3208
from firmware.engine.scale import NOTE_MAX, NOTE_MIN, pitch_volts
from firmware.simulator.clock import VirtualTime
from firmware.simulator.mcp4728 import FACTORY
from firmware.simulator.parts import IDEAL, PartErrors, draw_errors
from firmware.simulator.rack import Rack
from firmware.simulator.spi import NOMINAL_STAGES

CENT_VOLTS = 1 / 1200
STEP_VOLTS = CV_OUTPUT.volts(1) - CV_OUTPUT.volts(0)
CHIPS = 40
CV_X = 3


class Bench:
    """A rack of one kind of chip, its jacks, and a meter on the pitch of voice 1."""

    def __init__(self, errors: PartErrors = IDEAL, patched: str | None = None) -> None:
        self.time = VirtualTime()
        self.rack = Rack(self.time, errors=(errors, IDEAL, IDEAL))
        player = self.rack.player()
        self.patched = patched
        self.jacks = Jacks(player.dacs, Mcp3208(self.rack.adc), self.settle)

    def settle(self, duration_s: float) -> None:
        self.time.sleep(duration_s)
        if self.patched:
            self.rack.adc.volts[self.patched] = self.pitch_volts

    @property
    def pitch_volts(self) -> float:
        return self.rack.dacs[0].volts[0]

    def cents(self, curve: OutputCurve) -> list[float]:
        """Return how far every note is off, in cents."""
        off = []
        for note in range(NOTE_MIN, NOTE_MAX + 1):
            self.jacks.set_output(0, 0, curve.code(pitch_volts(note)))
            off.append(abs(self.pitch_volts - pitch_volts(note)) / CENT_VOLTS)
        return off


def metered(bench: Bench, meter: Callable[[float], float]) -> list[float]:
    return bench.cents(by_meter(bench.jacks, 0, 0, lambda _: meter(bench.pitch_volts)))


def test_by_meter_pitch_is_within_two_cents_at_the_95th_percentile() -> None:
    random = np.random.default_rng(1)
    off: list[float] = []
    for _ in range(CHIPS):
        off += metered(Bench(draw_errors(random)), lambda volts: volts)
    assert np.percentile(off, 95) <= 2.0
    assert max(off) <= 4.0


def test_a_chip_as_it_comes_is_far_off() -> None:
    random = np.random.default_rng(1)
    off = [Bench(draw_errors(random)).cents(OutputCurve()) for _ in range(5)]
    assert np.median([max(chip) for chip in off]) > 20


def test_a_meter_of_half_a_millivolt_costs_little() -> None:
    random = np.random.default_rng(2)
    off: list[float] = []
    for _ in range(CHIPS):
        bench = Bench(draw_errors(random))
        off += metered(bench, lambda volts: volts + random.normal(0, 0.0005))
    assert np.percentile(off, 95) <= 3.0


def test_by_ear_is_as_good_as_the_converters_steps() -> None:
    bench = Bench(draw_errors(np.random.default_rng(3)))

    def ear(volts: float, code: int) -> int:
        off = volts - bench.pitch_volts
        return round(off / STEP_VOLTS)

    assert np.percentile(bench.cents(by_ear(bench.jacks, 0, 0, ear)), 95) <= 4.0


def test_a_loop_takes_gain_and_offset_out() -> None:
    bench = Bench(draw_errors(np.random.default_rng(4)), patched="cv_x")
    before = np.median(bench.cents(OutputCurve()))
    off = bench.cents(by_loop(bench.jacks, 0, 0, CV_X))
    assert np.median(off) < 6
    assert np.median(off) < before / 4


def test_a_loop_without_a_cable_is_refused() -> None:
    bench = Bench()
    with pytest.raises(CalibrationError):
        by_loop(bench.jacks, 0, 0, CV_X)


@pytest.mark.parametrize("reading", [0.0, inf, -4.0])
def test_a_meter_that_cannot_be_is_refused(reading: float) -> None:
    bench = Bench()
    with pytest.raises(CalibrationError):
        metered(bench, lambda _: reading)


def test_gates_are_measured_at_two_points() -> None:
    bench = Bench(draw_errors(np.random.default_rng(5)))
    curve = by_meter(bench.jacks, 0, 3, lambda _: bench.rack.dacs[0].volts[3])
    assert len(curve.points) == 2
    bench.jacks.set_output(0, 3, curve.code(5.0))
    assert bench.rack.dacs[0].volts[3] == pytest.approx(5.0, abs=0.02)


def test_an_input_is_measured_at_two_points() -> None:
    bench = Bench()
    calibration = with_measured_input(
        bench.jacks, CV_X, lambda volts: bench.rack.adc.volts.update(cv_x=volts)
    )
    code = CV_INPUT.code(2.5)
    assert calibration.inputs[CV_X].volts(code) == pytest.approx(2.5, abs=0.01)
    assert NOMINAL_STAGES["cv_x"] is CV_INPUT


def test_commissioning_makes_a_factory_chip_boot_at_zero_and_is_done_once() -> None:
    time = VirtualTime()
    rack = Rack(time, eeprom=FACTORY)
    player = rack.player()
    jacks = Jacks(player.dacs, Mcp3208(rack.adc), time.sleep)
    assert jacks.commission() == (NOMINAL.zero_codes(0),) * 3
    writes = len(rack.i2c.transactions)
    jacks.commission()
    assert all(entry.is_read for entry in list(rack.i2c.transactions)[writes:])
    for chip in rack.dacs:
        chip.power_on(time.now_ns)
        assert chip.volts == pytest.approx(
            (0.0,) * 4, abs=CV_OUTPUT.volts(1) - CV_OUTPUT.volts(0)
        )
