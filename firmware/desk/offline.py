"""The module in virtual time: switched on, played through a random walk, and recorded.

The knobs are turned in volts at the ADC's inputs; what left the jacks and the MIDI output is in
the `Recording`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PIL.Image import Image

from firmware.board.constants import KNOB, PINS
from firmware.bundle.decoder import Decoder
from firmware.bundle.latent_map import REST
from firmware.desk.random_walk import MapPoint, random_walk
from firmware.desk.virtual_module import MidiOut, VirtualModule
from firmware.engine.clock import MIDI_PPQN, PPQNS, TICKS_PER_QUARTER, ticks_ns
from firmware.engine.clock_output import MIDI_CLOCK, MIDI_START
from firmware.engine.pattern import Pattern
from firmware.engine.state import VOICES, ClockSource, Quantum
from firmware.instrument.controls import knob_travel
from firmware.instrument.instrument import KNOBS, LINKED, Source
from firmware.instrument.parameters import Key
from firmware.instrument.patch import Patch
from firmware.instrument.preset import MapPosition, State, state_bytes
from firmware.simulator.i2c import Transaction
from firmware.simulator.trace import Trace
from firmware.storage.paths import Home, InstalledBundle
from firmware.storage.state_store import save

STOP_BARS = 2
"""How long the walk stays at one position."""

START_NS = 100_000_000
"""When the module is switched on and plays; before it a trace shows 0 V."""

TURN_NS = 30_000_000
"""How long before a bar the knobs are turned, so that the panel has read them when it comes."""

STOP_NS = 4_000_000
"""How long before the end it is stopped: later, the player has prepared the next step."""


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
    bus_transactions: tuple[Transaction, ...]


class Session:
    """A simulated module that plays a bundle for some bars."""

    def __init__(
        self,
        home: Home,
        decoders: Sequence[Decoder],
        patch: Patch,
        fixed: Mapping[Key, float],
        *,
        seed: int = 0,
    ) -> None:
        """Take a home to write into, and the patch to start with.

        `fixed` are the values that the walk leaves alone; `seed` chooses the walk. As on the
        module, voices share the decoders in turn if there are fewer of them.
        """
        self._home = home
        self._decoders = decoders
        self._patch = patch.with_values(fixed)
        self._fixed = fixed
        self._seed = seed
        self._pulses = 0
        self._played: tuple[list[Played], ...] = tuple([] for _ in range(VOICES))

    def play(self, bars: int) -> Recording:
        """Switch the module on, play so many bars and switch it off."""
        milli_bpm = round(1000 * self._patch[Key("tempo")])
        bar_ns = ticks_ns(Quantum.BAR, milli_bpm)
        end_ns = START_NS + ticks_ns(bars * Quantum.BAR, milli_bpm)
        first, *others = self._stops(bars)
        with self._switched_on(first) as module:
            module.step()
            self._note_played(module)
            for stop, changes in enumerate(others, 1):
                time_ns = START_NS + ticks_ns(stop * STOP_BARS * Quantum.BAR, milli_bpm)
                self._run_until(module, time_ns - TURN_NS)
                _go_to(module, changes)
                self._run_until(module, time_ns)
                self._note_played(module)
            self._run_until(module, end_ns - STOP_NS)
            module.panel.instrument.set_value(Key("run"), 0, Source.ENCODER)
            self._run_until(module, end_ns + bar_ns // 4)
            return self._recorded(module, end_ns, bar_ns)

    def _run_until(self, module: VirtualModule, until_ns: int) -> None:
        """Run, with pulses at the tempo on the input that the clock is set to."""
        source = ClockSource(self._patch.whole("clock"))
        ppqns = {
            ClockSource.JACK: PPQNS[self._patch.whole("clock_in")],
            ClockSource.MIDI: MIDI_PPQN,
        }
        milli_bpm = round(1000 * self._patch[Key("tempo")])
        while source in ppqns:
            ticks = self._pulses * TICKS_PER_QUARTER // ppqns[source]
            pulse_ns = START_NS + ticks_ns(ticks, milli_bpm)
            if pulse_ns >= until_ns:
                break
            module.run_until(pulse_ns)
            _pulse(module, source, first=not self._pulses)
            self._pulses += 1
        module.run_until(until_ns)

    def _stops(self, bars: int) -> list[dict[Key, float]]:
        """Return the values that move at each stop of the walk."""
        stops = -(-bars // STOP_BARS)
        walks = [self._walk(voice, stops) for voice in range(VOICES)]
        return [
            {
                Key(name, voice): value
                for voice, walk in enumerate(walks)
                for name, value in zip(LINKED, walk[stop], strict=True)
                if Key(name, voice) not in self._fixed
            }
            for stop in range(stops)
        ]

    def _walk(self, voice: int, stops: int) -> tuple[MapPoint, ...]:
        """Return a voice's walk, which avoids what is crowded at its threshold."""
        decoder = self._decoders[voice % len(self._decoders)]
        threshold = self._patch[Key("threshold", voice)]
        others = (REST,) * (decoder.voice.latents - len(LINKED))

        def onsets_at(position: MapPoint) -> int:
            return sum(decoder.decode((*position, *others)).sounding(threshold))

        return random_walk(decoder.voice, stops, self._seed + voice, onsets_at)

    def _switched_on(self, place: Mapping[Key, float]) -> VirtualModule:
        """Return a module that was left at a place with its bundle playing."""
        version = InstalledBundle(1, "bundle")
        self._home.folder(version).mkdir(parents=True)
        patch = self._patch.with_values(place)
        self._home.state.mkdir(exist_ok=True)
        save(self._home.state / "state.json", state_bytes(State(patch)))
        module = VirtualModule(self._home, {version: self._decoders}, START_NS)
        for name in KNOBS:
            _turn(module, name, patch[Key(name)])
        return module

    def _note_played(self, module: VirtualModule) -> None:
        instrument = module.panel.instrument
        for voice, pattern in enumerate(module.panel.bundle_manager.voice_decoders.patterns):
            threshold = instrument.playing[Key("threshold", voice)]
            position = instrument.place(voice)
            self._played[voice].append(Played(module.time.now_ns, pattern, threshold, position))

    def _recorded(self, module: VirtualModule, end_ns: int, bar_ns: int) -> Recording:
        return Recording(
            tuple(module.midi),
            module.rack.traces,
            tuple(map(tuple, self._played)),
            START_NS,
            end_ns,
            bar_ns,
            module.rack.oled.image(),
            tuple(module.rack.i2c.transactions),
        )


def _go_to(module: VirtualModule, place: Mapping[Key, float]) -> None:
    """Turn the knobs of voice 1, and set the other voices."""
    for key, value in place.items():
        if key.voice == 0:
            _turn(module, key.name, value)
        else:
            module.panel.instrument.set_value(key, value, Source.OSC)


def _pulse(module: VirtualModule, source: ClockSource, *, first: bool) -> None:
    if source is ClockSource.JACK:
        module.rack.clock_jacks.edge(PINS.clock_in, rising=True)
    else:
        module.send_midi(bytes((MIDI_START, MIDI_CLOCK) if first else (MIDI_CLOCK,)))
    module.step()


def _turn(module: VirtualModule, name: str, position: float) -> None:
    """Turn a knob to a position, 0..1, as the module reads it."""
    module.rack.adc.volts[f"knob_{name}"] = knob_travel(position) * KNOB.reference_volts
