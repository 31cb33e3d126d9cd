"""A CV with noise keeps its rhythm, and a small move on purpose changes it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from firmware.board.calibration import NOMINAL
from firmware.board.constants import ADC_INPUTS, CV_INPUT
from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
from firmware.drivers.cv_inputs import CV_CHANNELS
from firmware.engine.pattern import STEPS
from firmware.engine.state import EngineState
from firmware.engine.step_decision import StepMemory, StepRandom, decide
from firmware.instrument.instrument import Instrument
from firmware.instrument.preset import State
from firmware.panel.decoders import VoiceDecoders

NOISE_VOLTS = 0.010
READS = 150
SCAN_NS = 2_000_000
FULL_VOLTS = 5.0


class Module:
    """From jack volts to the steps that sound, by the converter's own codes."""

    def __init__(self, decoders: VoiceDecoders) -> None:
        self.instrument = Instrument(State())
        self._decoders = decoders
        self._memory = StepMemory()
        self._now_ns = 0

    def steps(self, volts: Sequence[float]) -> list[bool]:
        """Read five jacks once, and decide every step of voice 1."""
        codes = [CV_INPUT.code(volt) for volt in volts]
        lines = [NOMINAL.inputs[channel] for channel in CV_CHANNELS]
        self._now_ns += SCAN_NS
        self.instrument.take_cvs(
            [line.volts(code) for line, code in zip(lines, codes, strict=True)], self._now_ns
        )
        self._decoders.decode([self.instrument.place(voice) for voice in range(3)])
        return self._decide(self.instrument.engine_state(self._decoders.patterns))

    def _decide(self, state: EngineState) -> list[bool]:
        sounding = []
        for step in range(STEPS):
            decision, self._memory = decide(state, StepRandom(0, 0, 0, step), self._memory)
            sounding.append(decision.sounds)
        return sounding


def flicker(decoders: VoiceDecoders, places: int, seed: int) -> float:
    """Return the share of random places at which some read changes a step.

    The knobs stand in the middle, so 2.5 V lead to the edge of the map.
    """
    random = np.random.default_rng(seed)
    changed = 0
    for _ in range(places):
        module, volts = Module(decoders), np.zeros(len(CV_CHANNELS))
        volts[:3] = random.uniform(0.1, FULL_VOLTS / 2 - 0.1, 3)
        noise = random.normal(0.0, NOISE_VOLTS, (READS, len(volts)))
        seen = [module.steps(volts + each) for each in noise]
        changed += any(steps != seen[0] for steps in seen)
    return changed / places


def moved(decoders: VoiceDecoders, seed: int) -> tuple[bool, float]:
    """Move X by 1/64 of the travel under noise, at a random place.

    Return whether the engine was let decide afresh, and how far from there X ended up.
    """
    random = np.random.default_rng(seed)
    module, volts = Module(decoders), np.zeros(len(CV_CHANNELS))
    volts[:2] = random.uniform(0.1, FULL_VOLTS / 2 - 0.3, 2)
    after = volts + np.array([FULL_VOLTS / 64, 0, 0, 0, 0])
    noise = random.normal(0.0, NOISE_VOLTS, (2, READS, len(volts)))
    for each in noise[0]:
        module.steps(volts + each)
    count = module.instrument.moves.counts[0]
    for each in noise[1, :3]:
        module.steps(after + each)
    afresh = module.instrument.moves.counts[0] > count
    for each in noise[1, 3:]:
        module.steps(after + each)
    reached = module.instrument.place(0)[0]
    return afresh, abs(reached - (0.5 + after[0] / FULL_VOLTS))


@pytest.fixture(scope="module")
def decoders(real_bundles: Path) -> VoiceDecoders:
    return VoiceDecoders(load_decoders(read_bundle(real_bundles / "drums")))


def test_every_jack_is_read() -> None:
    assert [ADC_INPUTS[channel][:2] for channel in CV_CHANNELS] == ["cv"] * 5


def test_ten_millivolts_of_noise_leave_the_rhythm_alone(decoders: VoiceDecoders) -> None:
    assert flicker(decoders, 100, 1) < 0.02


@pytest.mark.parametrize("seed", range(30))
def test_a_move_of_a_64th_of_the_travel_takes_effect_at_once(
    decoders: VoiceDecoders, seed: int
) -> None:
    afresh, distance = moved(decoders, seed)
    assert afresh
    assert distance < 1 / 128
