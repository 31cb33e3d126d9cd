from functools import partial

from firmware.board.calibration import Calibration, fit_output
from firmware.board.constants import CV_OUTPUT
from firmware.drivers.cv_outputs import CvOutputs, ToCodes
from firmware.engine.state import VOICES, PitchHold
from firmware.engine.voice import Levels
from firmware.simulator.clock import VirtualTime
from firmware.simulator.rack import Rack

PLAYED = Levels(1.0, 2.0, 0.0, 5.0)
FLAT = Calibration().with_output(
    0, 0, fit_output([(CV_OUTPUT.code(volts), volts - 0.1) for volts in (-3.0, 5.0)])
)


class Bench:
    """The jacks of a rack over a calibration that may be kept anew."""

    def __init__(self) -> None:
        self.rack = Rack(VirtualTime())
        self.calibration = Calibration()
        self.outputs = CvOutputs(self.rack.player().dacs, self.calibrated)

    def calibrated(self) -> list[ToCodes]:
        return [partial(self.calibration.codes, voice) for voice in range(VOICES)]

    @property
    def codes(self) -> list[tuple[int, ...]]:
        return [tuple(r.code for r in dac.read().inputs) for dac in self.rack.player().dacs]

    def volts(self, voice: int = 0) -> list[float]:
        return [round(volts, 2) + 0.0 for volts in self.rack.dacs[voice].volts]


def test_what_did_not_change_is_not_written() -> None:
    bench = Bench()
    bench.outputs.write(0, PLAYED)
    writes = len(bench.rack.i2c.transactions)
    bench.outputs.write(0, PLAYED)
    assert len(bench.rack.i2c.transactions) == writes
    assert bench.volts() == [1.0, 2.0, 0.0, 5.0]


def test_a_held_voice_stands_whatever_it_plays_and_the_others_play() -> None:
    bench = Bench()
    bench.outputs.hold_pitch(PitchHold(0, 2000))
    for voice in range(VOICES):
        bench.outputs.write(voice, PLAYED)
    assert bench.codes[0][0] == 2000
    assert bench.volts()[1:] == [5.0, 0.0, 5.0]
    assert bench.volts(1) == bench.volts(2) == [1.0, 2.0, 0.0, 5.0]


def test_a_voice_let_go_falls_silent_and_plays_again() -> None:
    bench = Bench()
    bench.outputs.hold_pitch(PitchHold(0, 2000))
    bench.outputs.hold_pitch(PitchHold(1, 2100))
    assert bench.volts(0) == [0.0] * 4
    bench.outputs.write(0, PLAYED)
    assert bench.volts(0) == [1.0, 2.0, 0.0, 5.0]
    bench.outputs.hold_pitch(None)
    assert bench.volts(1) == [0.0] * 4


def test_a_held_voice_that_could_not_be_written_is_made_good() -> None:
    bench = Bench()
    bench.rack.i2c.stuck = True
    bench.outputs.hold_pitch(PitchHold(0, 2000))
    assert bench.outputs.failing
    bench.rack.i2c.stuck = False
    bench.outputs.retry_failed(1)
    bench.outputs.retry_failed(1_000_000_000)
    assert bench.codes[0][0] == 2000


def test_a_calibration_kept_anew_is_followed_from_the_next_write_on() -> None:
    bench = Bench()
    bench.calibration = FLAT
    bench.outputs.write(0, PLAYED)
    assert bench.volts()[0] == 1.0
    bench.outputs.recalibrate()
    bench.outputs.write(0, PLAYED)
    assert bench.volts()[0] == 1.1
