"""What holds whatever is done to a performance."""

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.engine import Engine
from firmware.engine.output_event import Trims
from firmware.engine.pattern import STEPS, Pattern
from firmware.engine.state import (
    ClockOut,
    Command,
    CommandKind,
    EngineState,
    GateMode,
    PitchHold,
    Quantum,
    VoiceState,
)
from firmware.engine.voice import Levels
from tests.firmware.playing import STEP_NS, TimedAction, drive, internal, levels

LAST_STEP = 24
"""Until when something is done to a performance, in sixteenths at 120 BPM."""

unit = st.floats(0, 1, width=32)


def pattern_from(seed: int) -> Pattern:
    """Return some pattern in single precision; drawing its 96 numbers one by one takes long."""
    random = Random(seed)
    rows = [[float(np.float32(random.random())) for _ in range(STEPS)] for _ in range(3)]
    return Pattern(tuple(rows[0]), tuple(rows[1]), tuple(value - 0.499 for value in rows[2]))


patterns = st.integers(0, 2**32 - 1).map(pattern_from)
voices = st.builds(
    VoiceState()._replace,
    pattern=patterns,
    threshold=unit,
    groove=unit,
    probability=unit,
    ratchet_chance=unit,
    fill=unit,
    gate=unit,
    gate_mode=st.sampled_from(GateMode),
    length=st.integers(1, 32),
    rotation=st.integers(0, 31),
    division=st.sampled_from([-16, -5, -3, -2, 1, 2, 3, 7, 16]),
    ratchet=st.integers(1, 8),
    moves=st.integers(0, 65535),
    mute=st.booleans(),
    advance_by_gate=st.booleans(),
    slides=st.integers(0, 255),
    transpose=st.integers(-60, 60),
    pitches=st.lists(st.integers(0, 127), min_size=8, max_size=8).map(tuple),
)
states = st.builds(
    EngineState()._replace,
    voices=st.tuples(voices, voices, voices),
    running=st.sampled_from([True, True, True, False]),
    milli_bpm=st.integers(20_000, 300_000),
    swing=st.floats(0.5, 0.75),
    chaos=unit,
    seed=st.integers(0, 2**32 - 1),
    freeze=st.booleans(),
    quantum=st.sampled_from(Quantum),
    scale=st.integers(0, 13),
    root=st.integers(0, 11),
    recall=st.integers(0, 2),
    clock_out=st.sampled_from(ClockOut),
    clock_out_ppqn=st.sampled_from([1, 2, 4, 8, 24, 48]),
    reset_at_once=st.booleans(),
    pitch_hold=st.none() | st.builds(PitchHold, st.integers(0, 2), st.integers(0, 4095)),
)


def taking(state: EngineState) -> Callable[[Engine, int], Any]:
    return lambda engine, now: engine.set_state(state, now)


def commanding(kind: CommandKind) -> Callable[[Engine, int], Any]:
    return lambda engine, now: engine.command(Command(kind, now), now)


actions = st.lists(
    st.tuples(
        st.integers(0, LAST_STEP * STEP_NS),
        st.one_of(states.map(taking), st.sampled_from(CommandKind).map(commanding)),
    ),
    max_size=8,
)


def ending(performed: list[TimedAction]) -> list[TimedAction]:
    """Add a stop after everything, so that all that sounds must end."""
    return [*performed, ((LAST_STEP + 1) * STEP_NS, taking(EngineState(running=False)))]


@given(first=states, performed=actions)
def test_every_note_ends_before_the_next_and_nothing_hangs(
    first: EngineState, performed: list[TimedAction]
) -> None:
    engine = Engine(internal)
    events = drive(engine, (LAST_STEP + 4) * STEP_NS, [(0, taking(first)), *ending(performed)])
    for voice in range(3):
        sounding: int | None = None
        for event in events:
            if event.voice != voice or not isinstance(event.content, bytes):
                continue
            kind, number, value = event.content
            if kind == 0x90 | voice:
                assert sounding is None
                assert 24 <= number <= 120
                assert 1 <= value <= 127
                sounding = number
            elif kind == 0x80 | voice:
                assert sounding == number
                sounding = None
        assert sounding is None
        assert all(level.gate == 0.0 for _, level in levels(events, voice)[-1:])


delays_ns = st.sampled_from([0, 1, 7_000_000, 90_000_000, 300_000_000])


@given(first=states, performed=actions, trims=st.builds(Trims, delays_ns, delays_ns))
def test_what_comes_out_is_in_order_within_reach_and_bounded(
    first: EngineState, performed: list[TimedAction], trims: Trims
) -> None:
    engine = Engine(internal, trims)
    events = drive(engine, (LAST_STEP + 4) * STEP_NS, [(0, taking(first)), *ending(performed)])
    times = [event.time_ns for event in events]
    assert times == sorted(times)
    for event in events:
        if isinstance(event.content, Levels):
            assert -3.0 <= event.content.pitch <= 5.0
            assert 0.0 <= event.content.velocity <= 5.0
            assert event.content.gate in {0.0, 5.0}
            assert event.content.accent in {0.0, 5.0}
    assert engine.next_deadline_ns is None


@given(first=states, performed=actions)
def test_gate_and_midi_tell_the_same_story(
    first: EngineState, performed: list[TimedAction]
) -> None:
    engine = Engine(internal)
    events = drive(engine, (LAST_STEP + 4) * STEP_NS, [(0, taking(first)), *ending(performed)])
    for voice in range(3):
        gate, sounding = 0.0, False
        for event in (event for event in events if event.voice == voice):
            if isinstance(event.content, Levels):
                gate = event.content.gate
            elif event.content[0] & 0xF0 == 0x90:
                sounding = True
                assert gate == 5.0
            elif event.content[0] & 0xF0 == 0x80:
                sounding = False
        assert sounding == (gate > 0)


@given(first=states, performed=actions)
def test_the_same_actions_give_the_same_performance(
    first: EngineState, performed: list[TimedAction]
) -> None:
    once, again = (
        drive(Engine(internal), LAST_STEP * STEP_NS, [(0, taking(first)), *performed])
        for _ in range(2)
    )
    assert once == again
