"""The module in virtual time: real drivers over simulated buses, as fast as it goes.

The knobs are turned in volts at the ADC's inputs, read back by its driver, decoded, and
played; what left the jacks and the MIDI output is in the `Recording`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from PIL.Image import Image

from firmware.board import constants
from firmware.bundle.decoder import Decoder
from firmware.desk.random_walk import random_walk
from firmware.drivers.cv_outputs import CvOutputs
from firmware.drivers.mcp3208 import Mcp3208
from firmware.drivers.oled import Oled
from firmware.engine.clock import ticks_ns
from firmware.engine.engine import Engine
from firmware.engine.internal_clock import InternalClock
from firmware.engine.output_event import OutputEvent
from firmware.engine.pattern import Pattern
from firmware.engine.state import VOICES, EngineState, Quantum, VoiceState
from firmware.instrument.parameters import Key
from firmware.instrument.patch import Patch, engine_state_of, voice_state
from firmware.instrument.preset import MapPosition
from firmware.panel.decoders import VoiceDecoders
from firmware.panel.map_renderer import MapRenderer
from firmware.simulator.clock import VirtualTime
from firmware.simulator.i2c import Transaction
from firmware.simulator.rack import Rack
from firmware.simulator.trace import Trace
from firmware.ui.menu import Menu
from firmware.ui.screen import draw_page
from firmware.ui.snapshot import DisplaySnapshot

STOP_BARS = 2
"""How long the tour stays at one place."""

START_NS = 100_000_000
"""When the first step plays; before it a trace shows the module silent at 0 V."""

KNOBS = {"x": "knob_x", "y": "knob_y", "threshold": "knob_threshold"}
"""The knobs of voice 1, which is the selected one when the module starts."""


class MidiOut(NamedTuple):
    """A MIDI message and when it left."""

    time_ns: int
    data: bytes


class Played(NamedTuple):
    """What a voice was set to play, from a time on."""

    time_ns: int
    pattern: Pattern
    threshold: float
    position: MapPosition


@dataclass(frozen=True, slots=True)
class Recording:
    """All that left the simulated module.

    `traces` and `played` hold one sequence per voice, `frame` is what the display showed last.
    The song lies between `start_ns` and `end_ns`; a trace goes on a little after it, until
    everything is silent.
    """

    midi: tuple[MidiOut, ...]
    traces: tuple[Trace, ...]
    played: tuple[tuple[Played, ...], ...]
    start_ns: int
    end_ns: int
    bar_ns: int
    frame: Image


class Session:
    """A simulated module that plays a bundle for some bars."""

    def __init__(self, decoders: Sequence[Decoder], patch: Patch, *, seed: int = 0) -> None:
        """Power the module on. `seed` chooses the tour.

        As on the module, voices share the decoders in turn if there are fewer of them.
        """
        self._time = VirtualTime()
        self._rack = Rack(self._time)
        hardware = self._rack.player()
        self._outputs = CvOutputs(hardware.dacs)
        self._adc = Mcp3208(self._rack.adc)
        self._oled = Oled(self._rack.oled, self._rack.outputs)
        self._engine = Engine(lambda score: InternalClock(score.milli_bpm))
        self._ensemble = VoiceDecoders(decoders)
        self._patch = patch
        self._seed = seed
        self._midi: list[MidiOut] = []
        self._played: tuple[list[Played], ...] = tuple([] for _ in range(VOICES))

    def play(self, bars: int, fixed: Mapping[Key, float]) -> Recording:
        """Play so many bars; places that are not `fixed` follow the tour."""
        milli_bpm = round(1000 * self._patch[Key("tempo")])
        bar_ns = ticks_ns(Quantum.BAR, milli_bpm)
        for stop, places in enumerate(self._stops(bars)):
            self._run_until(START_NS + ticks_ns(stop * STOP_BARS * Quantum.BAR, milli_bpm))
            self._go_to(places, fixed)
        end_ns = START_NS + ticks_ns(bars * Quantum.BAR, milli_bpm)
        self._run_until(end_ns)
        self._engine.set_state(EngineState(running=False), end_ns)
        self._run_until(end_ns + bar_ns // 4)
        return Recording(
            tuple(self._midi),
            self._rack.traces,
            tuple(map(tuple, self._played)),
            START_NS,
            end_ns,
            bar_ns,
            self._show(),
        )

    @property
    def bus_transactions(self) -> Sequence[Transaction]:
        """What went over the I2C bus."""
        return tuple(self._rack.i2c.transactions)

    def _stops(self, bars: int) -> list[tuple[tuple[float, float], ...]]:
        stops = -(-bars // STOP_BARS)
        models = [decoder.voice for decoder in self._ensemble.decoders]
        walks = (random_walk(model, stops, self._seed + n) for n, model in enumerate(models))
        return list(zip(*walks, strict=True))

    def _go_to(self, places: Sequence[tuple[float, float]], fixed: Mapping[Key, float]) -> None:
        """Move to a stop of the tour and let every voice play what is there."""
        changes: dict[Key, float] = {}
        for voice, (x, y) in enumerate(places):
            changes |= {Key("x", voice): x, Key("y", voice): y}
        wanted = self._patch.with_values({**changes, **fixed})
        self._patch = self._turn_knobs(wanted)
        positions = [self._position(voice) for voice in range(VOICES)]
        self._ensemble.decode(positions)
        voices = tuple(self._voice_score(voice, p) for voice, p in enumerate(positions))
        self._engine.set_state(engine_state_of(self._patch, voices, 0), self._time.now_ns)

    def _turn_knobs(self, wanted: Patch) -> Patch:
        """Set the knobs of voice 1 and read them back through the ADC."""
        read: dict[Key, float] = {}
        for name, knob in KNOBS.items():
            volts = wanted[Key(name)] * constants.KNOB.reference_volts
            self._rack.adc.volts[knob] = volts
            code = self._adc.read(constants.ADC_INPUTS.index(knob))
            read[Key(name)] = min(code / (2**constants.KNOB.bits - 1), 1.0)
        return wanted.with_values(read)

    def _position(self, voice: int) -> MapPosition:
        x, y, z, w = (self._patch[Key(name, voice)] for name in ("x", "y", "z", "w"))
        return x, y, z, w

    def _voice_score(self, voice: int, position: MapPosition) -> VoiceState:
        wanted = replace(
            voice_state(self._patch, voice), pattern=self._ensemble.patterns[voice]
        )
        self._played[voice].append(
            Played(self._time.now_ns, wanted.pattern, wanted.threshold, position)
        )
        return wanted

    def _show(self) -> Image:
        """Show the map of voice 1 and give what the display made of it."""
        maps, menu, threshold = MapRenderer(), Menu(), self._patch[Key("threshold")]
        while not maps.view(0, threshold).density:
            maps.step(self._ensemble)
        snapshot = DisplaySnapshot(
            page=menu.page,
            item=menu.item,
            editing=False,
            voice=0,
            patch=self._patch,
            playing=self._patch,
            pattern=self._ensemble.patterns[0],
            report=self._engine.report(),
            choices=menu.choices,
            map=maps.view(0, threshold),
        )
        self._oled.show(draw_page(snapshot))
        return self._rack.oled.image()

    def _run_until(self, until_ns: int) -> None:
        """Play as a perfect player would: woken exactly at every deadline."""
        while True:
            deadline_ns = self._engine.next_deadline_ns
            if deadline_ns is None or deadline_ns >= until_ns:
                break
            self._time.now_ns = max(self._time.now_ns, deadline_ns)
            for event in self._engine.advance(self._time.now_ns):
                self._do(event)
        self._time.now_ns = until_ns

    def _do(self, event: OutputEvent) -> None:
        match event.content:
            case bool():
                self._rack.outputs.set(constants.PINS.clock_out, high=event.content)
            case bytes():
                self._midi.append(MidiOut(event.time_ns, event.content))
            case levels:
                self._outputs.write(event.voice, levels)
