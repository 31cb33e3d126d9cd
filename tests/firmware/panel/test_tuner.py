import numpy as np
import pytest

from firmware.board.calibration import NOMINAL, OCTAVES_VOLTS, CalibrationError, OutputCurve
from firmware.board.constants import CV_OUTPUT
from firmware.cli.calibration_procedure import Jacks
from firmware.drivers.mcp3208 import Mcp3208
from firmware.engine.scale import NOTE_MAX, NOTE_MIN, pitch_volts
from firmware.engine.state import PitchHold
from firmware.panel.tuner import CENTS_PER_CODE, METER_STEP_VOLTS, PITCH, Tuner
from firmware.simulator.clock import VirtualTime
from firmware.simulator.parts import IDEAL, draw_errors
from firmware.simulator.rack import Rack

VOICE = 1
OCTAVES = range(len(OCTAVES_VOLTS))
CENT_VOLTS = 1 / 1200


class Bench:
    """Voice 2 of a rack with the errors of a real chip, and a tuner of it."""

    def __init__(self) -> None:
        time = VirtualTime()
        errors = (IDEAL, draw_errors(np.random.default_rng(7)), IDEAL)
        self.rack = Rack(time, errors=errors)
        self.jacks = Jacks(self.rack.player().dacs, Mcp3208(self.rack.adc), time.sleep)
        self.tuner = Tuner(NOMINAL)
        self.tuner.sounding = True

    def sounds(self, octave: int) -> float:
        held = self.tuner.held(VOICE, octave)
        assert held is not None
        return self.volts_of(held.code)

    def volts_of(self, code: int) -> float:
        self.jacks.set_output(VOICE, PITCH, code)
        return self.rack.dacs[VOICE].volts[PITCH]

    def worst_cents(self, curve: OutputCurve) -> float:
        notes = map(pitch_volts, range(NOTE_MIN, NOTE_MAX + 1))
        return max(abs(self.volts_of(curve.code(v)) - v) for v in notes) / CENT_VOLTS


def test_a_voice_tuned_by_ear_is_in_tune() -> None:
    bench = Bench()
    assert bench.worst_cents(OutputCurve()) > 20
    for octave, wanted in enumerate(OCTAVES_VOLTS):
        for _ in range(3):
            off_cents = (wanted - bench.sounds(octave)) / CENT_VOLTS
            bench.tuner.turn_code(VOICE, octave, round(off_cents / CENTS_PER_CODE))
    assert bench.worst_cents(bench.tuner.curve(VOICE)) < 5


def test_a_voice_measured_by_a_meter_is_in_tune() -> None:
    bench = Bench()
    for octave in OCTAVES:
        reads = bench.sounds(octave)
        shown = bench.tuner.point(VOICE, octave).volts
        detents = round((reads - shown) / METER_STEP_VOLTS)
        bench.tuner.turn_reading(VOICE, octave, detents)
    assert bench.worst_cents(bench.tuner.curve(VOICE)) < 5


def test_what_was_kept_stands_where_nothing_was_tuned() -> None:
    tuner = Tuner(NOMINAL)
    tuner.turn_code(VOICE, 4, 9)
    kept = tuner.curve(VOICE)
    tuner.save(VOICE, kept)
    assert tuner.calibration.outputs[VOICE][PITCH] == kept
    assert tuner.calibration.outputs[0] == NOMINAL.outputs[0]
    assert [tuner.cents(VOICE, octave) for octave in OCTAVES] == [0.0] * len(OCTAVES)
    assert tuner.curve(VOICE) == kept


def test_cents_tell_how_far_it_was_moved() -> None:
    tuner = Tuner(NOMINAL)
    tuner.turn_code(VOICE, 4, -2)
    assert tuner.cents(VOICE, 4) == pytest.approx(-4.9, abs=0.1)
    assert tuner.cents(VOICE, 5) == tuner.cents(0, 4) == 0


def test_the_code_stays_within_the_converter() -> None:
    tuner = Tuner(NOMINAL)
    tuner.sounding = True
    tuner.turn_code(VOICE, 8, 9999)
    assert tuner.held(VOICE, 8) == PitchHold(VOICE, 4095)


def test_nothing_is_held_in_silence() -> None:
    assert Tuner(NOMINAL).held(VOICE, 0) is None


def test_what_no_jack_gives_is_refused() -> None:
    tuner = Tuner(NOMINAL)
    tuner.turn_reading(VOICE, 4, 700)
    with pytest.raises(CalibrationError):
        tuner.curve(VOICE)


@pytest.mark.parametrize("code", [0, 64, 2033, 4095])
def test_a_nominal_curves_volts_are_the_boards(code: int) -> None:
    assert OutputCurve().volts(code) == pytest.approx(CV_OUTPUT.volts(code))
