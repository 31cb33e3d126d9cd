"""The firmware, driven as the Rack module's audio thread drives its twin."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np

from firmware.board.constants import CLOCK_THRESHOLDS_VOLTS
from firmware.bundle.bundle import read_bundle
from firmware.bundle.exact_decoder import ExactDecoder
from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import Engine
from firmware.engine.state import VOICES, EngineState, Quantum
from firmware.engine.voice import Levels
from firmware.instrument.modulation import CvInputs, chosen, modulated
from firmware.instrument.parameters import BY_NAME, Key
from firmware.instrument.patch import DEFAULT_PATCH, Patch, engine_state_of, voice_state
from firmware.instrument.preset import map_position
from firmware.panel.decoders import VoiceDecoders
from tests.pd.plugin.host import CLOCK, KEYS, RESET, Frames

CONTROL_NS = 1_000_000


def silence(seconds: float, rate_hz: float = 48_000) -> Frames:
    """Return inputs without a voltage."""
    return np.zeros((round(seconds * rate_hz), 8), np.float32)


def values_of(patch: Patch) -> Sequence[float]:
    return [patch[key] for key in KEYS]


def random_patch(random: Random) -> Patch:
    """Return values that are the same as 32-bit floats."""
    changes = {}
    for key in KEYS:
        parameter = BY_NAME[key.name]
        if random.random() < 0.5 and key.name not in {"voice", "run", "fill", "clock"}:
            value = random.uniform(parameter.low, parameter.high)
            changes[key] = float(round(value) if parameter.whole else np.float32(value))
    for voice in range(VOICES):
        division = random.choice((-4, -2, 1, 1, 1, 2, 3))
        changes[Key("division", voice)] = float(division)
        changes[Key("mute", voice)] = float(random.random() < 0.1)
    changes[Key("clock")] = float(random.choice((0, 1, 3)))
    changes[Key("density")] = 0.0
    return DEFAULT_PATCH.with_values(changes)


def random_inputs(random: Random, rate_hz: int, seconds: float) -> Frames:
    """Return steady CVs, and clocks and resets with jitter."""
    inputs = silence(seconds, rate_hz)
    inputs[:, :5] = [random.choice((0.0, random.uniform(-6, 6))) for _ in range(5)]
    period_s = random.choice((0.0, random.uniform(0.02, 0.3)))
    at_s = random.uniform(0, 0.3)
    while period_s and at_s < seconds:
        inputs[round(at_s * rate_hz) :][: rate_hz // 200, CLOCK] = 5.0
        at_s += period_s * random.uniform(0.97, 1.03)
    for _ in range(random.choice((0, 0, 2))):
        inputs[random.randrange(len(inputs)) :][:100, RESET] = 5.0
    return inputs


class Reference:
    """One performance of steady parameters and CVs."""

    def __init__(self, folder: Path, patch: Patch, inputs: Frames, rate_hz: int) -> None:
        self.engine = Engine(clock_maker())
        self._patch, self._inputs, self._rate_hz = patch, inputs, rate_hz
        bundle = read_bundle(folder)
        self._decoders = VoiceDecoders(
            [
                ExactDecoder(v, m)
                for v, m in zip(bundle.manifest.voices, bundle.models, strict=True)
            ]
        )

    def state(self) -> EngineState:
        """Return the state of steady parameters and CVs once a kit has landed."""
        volts = [float(volt) for volt in self._inputs[0, :5]]
        modulation = CvInputs().read(volts, self._patch, 0)
        selected = chosen(self._patch, modulation, "voice", VOICES) or 0
        playing = modulated(self._patch, modulation, selected)
        self._decoders.decode([map_position(playing, voice) for voice in range(VOICES)])
        voices = tuple(
            voice_state(playing, n)._replace(pattern=self._decoders.patterns[n], moves=1)
            for n in range(VOICES)
        )
        return engine_state_of(playing, voices, recall=1)

    def play(self) -> Frames:
        """Return what each frame's outputs are."""
        outputs = np.zeros((len(self._inputs), 13), np.float32)
        state, engine, next_ns = self.state(), self.engine, 0
        levels = np.zeros(13, np.float32)
        states = iter([state._replace(quantum=Quantum.BAR), state])
        high = {CLOCK: True, RESET: True}
        for frame in range(len(outputs)):
            now_ns = int(frame * 1e9 / self._rate_hz)
            if now_ns >= next_ns:
                wanted = next(states, None)
                if wanted is not None:
                    engine.set_state(wanted, now_ns)
                next_ns = now_ns + CONTROL_NS
            for jack, take in ((RESET, engine.reset), (CLOCK, engine.pulse)):
                rises = (
                    self._inputs[frame, jack] >= CLOCK_THRESHOLDS_VOLTS[1] and not high[jack]
                )
                high[jack] = bool(self._inputs[frame, jack] >= CLOCK_THRESHOLDS_VOLTS[1])
                if rises:
                    take(now_ns)
            fell = self._advance(now_ns, levels)
            outputs[frame] = levels
            for voice in fell:
                outputs[frame, 4 * voice + 3] = 0
        return outputs

    def _advance(self, now_ns: int, levels: Frames) -> set[int]:
        fell = set()
        for event in self.engine.advance(now_ns):
            if isinstance(event.content, Levels):
                at = 4 * event.voice
                if event.content.gate < levels[at + 3]:
                    fell.add(event.voice)
                levels[at : at + 4] = event.content
            elif isinstance(event.content, bool):
                levels[12] = 5.0 if event.content else 0.0
        return fell
