"""The portable engine beside the firmware's: the same outputs, event by event."""

import ctypes
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from firmware.engine.clock import PPQNS
from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import Engine
from firmware.engine.pattern import ON_GRID, STEPS, Pattern
from firmware.engine.scale import SCALE_NAMES
from firmware.engine.state import (
    VOICES,
    ClockOut,
    ClockSource,
    Command,
    CommandKind,
    EngineState,
    GateMode,
    Quantum,
    VoiceState,
)
from tests.firmware.portable.core import PortableEngine, written

BEAT_NS = 500_000_000
PULSED_RUNS = (
    (ClockSource.INTERNAL, ClockSource.JACK),
    (ClockSource.AUTO,),
    (*[ClockSource.AUTO] * 9, ClockSource.INTERNAL, ClockSource.JACK),
)
"""Sources of one run each: one that stays long enough lets one clock hand over to the other."""

DIVISIONS = (-16, -8, -5, -4, -3, -2, 1, 1, 1, 1, 2, 3, 4, 7, 16)


class Twins:
    """Both engines, to which the same things are done."""

    def __init__(self, core: ctypes.CDLL) -> None:
        self.firmware = Engine(clock_maker())
        self.portable = PortableEngine(core)
        self.outputs = 0

    def set_state(self, state: EngineState, now_ns: int) -> None:
        self.firmware.set_state(state, now_ns)
        self.portable.set_state(state, now_ns)

    def reset(self, now_ns: int) -> None:
        self.firmware.reset(now_ns)
        self.portable.reset(now_ns)

    def pulse(self, now_ns: int) -> None:
        self.firmware.pulse(now_ns)
        self.portable.pulse(now_ns)

    def panic(self, now_ns: int) -> None:
        events = self.firmware.command(Command(CommandKind.PANIC, now_ns), now_ns)
        assert self.portable.panic(now_ns) == [*map(written, events)]

    def advance(self, now_ns: int) -> None:
        events = [*map(written, self.firmware.advance(now_ns))]
        assert self.portable.advance(now_ns) == events
        self.outputs += len(events)

    def play(self, now_ns: int, until_ns: int) -> None:
        """Advance at every deadline before `until_ns`."""
        while True:
            self.skip_idle_deadlines()
            deadline_ns = self.firmware.next_deadline_ns
            if deadline_ns is None or deadline_ns >= until_ns:
                return
            now_ns = max(now_ns, deadline_ns)
            self.advance(now_ns)

    def skip_idle_deadlines(self) -> None:
        """Pass the firmware's deadlines that the portable engine has not: nothing comes then.

        Where much is due at once, the portable engine makes room by dropping the ends of notes
        that others have followed.
        """
        while (deadline_ns := self.firmware.next_deadline_ns) != (
            portable_ns := self.portable.next_deadline_ns
        ):
            assert deadline_ns is not None
            assert portable_ns is None or deadline_ns < portable_ns
            assert self.firmware.advance(deadline_ns) == []

    def compare(self) -> None:
        report = self.firmware.report()
        portable = self.portable
        assert portable.get("tick") == report.tick
        assert portable.get("milli_bpm") == report.milli_bpm
        assert bool(portable.get("running")) == report.running
        assert bool(portable.get("locked")) == report.locked
        assert tuple(portable.get("step", n) for n in range(VOICES)) == report.steps
        assert portable.get("dropped") == 0


def random_pattern(random: Random) -> Pattern:
    onset, velocity = (tuple(random.random() for _ in range(STEPS)) for _ in range(2))
    if random.random() < 0.3:
        return Pattern(onset, velocity, ON_GRID)
    return Pattern(onset, velocity, tuple(0.5 - random.random() for _ in range(STEPS)))


def unit(random: Random) -> float:
    """Return 0, 1 or something between."""
    return random.choice((0.0, 1.0, random.random(), random.random()))


def random_voice(random: Random) -> VoiceState:
    mode = random.choice(list(GateMode))
    return VoiceState(
        pattern=random_pattern(random),
        threshold=random.random(),
        groove=unit(random),
        probability=unit(random),
        ratchet_chance=unit(random),
        accent=random.random(),
        fill=random.choice((0.0, 0.0, unit(random))),
        moves=random.randint(0, 3),
        gate=random.uniform(1, 200) if mode is GateMode.TRIGGER else random.random(),
        gate_mode=mode,
        length=random.randint(1, STEPS),
        rotation=random.randint(0, STEPS - 1),
        division=random.choice(DIVISIONS),
        ratchet=random.randint(1, 8),
        mute=random.random() < 0.1,
        advance_by_gate=random.random() < 0.5,
        slides=random.choice((0, random.randint(0, 255))),
        transpose=random.randint(-60, 60),
        pitches=tuple(random.randint(0, 127) for _ in range(8)),
    )


def random_state(random: Random, before: EngineState, source: ClockSource) -> EngineState:
    """Return a state in which some or all is other than before."""
    voices = tuple(
        random_voice(random) if random.random() < 0.6 else voice for voice in before.voices
    )
    if random.random() < 0.3:
        return before._replace(voices=voices)
    return EngineState(
        voices=voices,
        running=random.random() < 0.9,
        milli_bpm=random.choice((before.milli_bpm, random.randint(20_000, 300_000))),
        swing=random.choice((0.5, random.uniform(0.5, 0.75))),
        chaos=random.choice((0.0, random.random())),
        seed=random.getrandbits(32),
        freeze=random.random() < 0.2,
        quantum=random.choice(list(Quantum)),
        scale=random.randrange(len(SCALE_NAMES)),
        root=random.randrange(12),
        recall=random.choice((before.recall, random.randrange(3))),
        clock_source=source,
        clock_in_ppqn=random.choice((before.clock_in_ppqn,) * 9 + PPQNS),
        clock_out=random.choice(list(ClockOut)),
        clock_out_ppqn=random.choice(PPQNS),
        freewheel=before.freewheel if random.random() < 0.9 else not before.freewheel,
        reset_at_once=random.random() < 0.5,
    )


def disturb(twins: Twins, random: Random, now_ns: int) -> None:
    chance = random.random()
    if chance < 0.05:
        twins.reset(now_ns)
    elif chance < 0.08:
        twins.panic(now_ns)
    elif chance < 0.12:
        twins.advance(now_ns)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_random_states_play_alike(
    core: ctypes.CDLL, soak: Callable[[int, int], int], seed: int
) -> None:
    random, states = Random(seed), soak(300, 20_000)
    outputs = 0
    for _ in range(states // 50):
        twins, state, now_ns = Twins(core), EngineState(), 0
        for _ in range(50):
            state = random_state(random, state, ClockSource.INTERNAL)
            twins.set_state(state, now_ns)
            until_ns = now_ns + random.randrange(random.choice((1, 1, 1, 1, 8)) * BEAT_NS // 4)
            twins.play(now_ns, until_ns)
            now_ns = until_ns + random.choice((0, 0, 0, random.randrange(20_000_000)))
            disturb(twins, random, now_ns)
        twins.compare()
        outputs += twins.outputs
    assert outputs > states


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2))
def test_random_pulses_are_followed_alike(
    core: ctypes.CDLL, soak: Callable[[int, int], int], seed: int
) -> None:
    random, states = Random(seed), soak(300, 15_000)
    outputs = 0
    for _ in range(states // 30):
        twins, state, now_ns = Twins(core), EngineState(), 0
        period_ns = random.randrange(10_000_000, 600_000_000)
        sources = random.choice(PULSED_RUNS)
        for _ in range(30):
            state = random_state(random, state, random.choice(sources))
            twins.set_state(state, now_ns)
            if random.random() < 0.15:
                period_ns = random.randrange(5_000_000, 900_000_000)
            now_ns = _pulses(twins, random, now_ns, period_ns)
            disturb(twins, random, now_ns)
        twins.compare()
        outputs += twins.outputs
    assert outputs > states


def _pulses(twins: Twins, random: Random, now_ns: int, period_ns: int) -> int:
    """Send some pulses: jittery, missing, doubled, or none for a while."""
    for _ in range(random.randrange(1, 7)):
        jitter_ns = int(random.gauss(0, random.choice((0, 0.002, 0.05)) * period_ns))
        gap_ns = max(period_ns * random.choice((1, 1, 1, 1, 1, 1, 2, 3)) + jitter_ns, 1000)
        twins.play(now_ns, now_ns + gap_ns)
        now_ns += gap_ns
        for _ in range(random.choice((1, 1, 1, 1, 2))):
            twins.pulse(now_ns)
            twins.advance(now_ns)
            now_ns += random.choice((0, 300_000))
    return now_ns


@pytest.mark.parametrize("late_beats", [1, 5, 40])
def test_a_late_host_loses_nothing(core: ctypes.CDLL, late_beats: int) -> None:
    """However much is due at once, it comes in the same order, and all of it."""
    random, twins = Random(7), Twins(core)
    voices = [random_voice(random) for _ in range(VOICES)]
    busy = voices[0]._replace(division=-16, ratchet=8, ratchet_chance=1.0, threshold=0.1)
    twins.set_state(EngineState(voices=(busy._replace(mute=False), *voices[1:])), 0)
    for turn in range(1, 4):
        twins.advance(turn * late_beats * BEAT_NS)
    twins.compare()
    assert twins.outputs > 300 * late_beats


@pytest.mark.parametrize("length", [1, 5, 32])
def test_a_long_song_stays_alike(core: ctypes.CDLL, length: int) -> None:
    voice: Any = random_voice(Random(8))._replace(length=length, division=1)
    twins = Twins(core)
    twins.set_state(EngineState(voices=(voice,) * VOICES, milli_bpm=300_000, swing=0.61), 0)
    twins.play(0, 60 * BEAT_NS)
    twins.compare()
