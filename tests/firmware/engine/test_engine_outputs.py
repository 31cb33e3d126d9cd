"""The engine's clock outputs and trims, recalls, and the order of its writes."""

import pytest

from firmware.engine.engine import Engine
from firmware.engine.output_event import NO_VOICE, Trims
from firmware.engine.state import (
    ClockOut,
    Command,
    CommandKind,
    EngineState,
    Quantum,
    VoiceState,
)
from firmware.engine.voice import Levels
from tests.firmware.playing import (
    STEP_NS,
    engine_state_of,
    in_steps,
    internal,
    levels,
    notes,
    pattern_of,
    perform,
    starts,
    stopped_at,
)

BAR_NS = 16 * STEP_NS


VOICE = VoiceState(pattern=pattern_of([0, 3, 6, 16]))


def test_panic_ends_everything_and_brings_the_jacks_to_zero() -> None:
    state = engine_state_of(VoiceState(pattern=pattern_of([0]), gate=1.0))
    panic = [(STEP_NS // 2, lambda p, now: p.command(Command(CommandKind.PANIC, now), now))]
    events = perform(state, STEP_NS, panic)
    assert levels(events)[-1] == (STEP_NS // 2, Levels(0.0, 0.0, 0.0, 0.0))
    assert notes(events) == [(0, 0.5, 60, 114)]
    assert any(event.content == bytes((0xB2, 123, 0)) for event in events)


def test_trims_delay_cv_and_midi_each_by_their_own() -> None:
    voice = VoiceState(pattern=pattern_of([0]))
    events = perform(
        engine_state_of(voice), BAR_NS, trims=Trims(cv_ns=2_000_000, midi_ns=5_000_000)
    )
    assert levels(events)[0][0] == 2_000_000
    assert starts(events) == [0.04]


def clock_pulses(state: EngineState, until_ns: int) -> list[float]:
    events = perform(state, until_ns)
    return [in_steps(event.time_ns) for event in events if event.content is True]


@pytest.mark.parametrize(
    ("clock_out", "length", "expected"),
    [
        (ClockOut.CLOCK, 32, [0, 1, 2, 3, 4, 5]),
        (ClockOut.END_OF_CYCLE, 3, [0, 3]),
        (ClockOut.RESET, 32, [0]),
    ],
)
def test_clock_output(clock_out: ClockOut, length: int, expected: list[int]) -> None:
    state = engine_state_of(VoiceState(length=length), clock_out=clock_out)
    assert clock_pulses(state, 6 * STEP_NS) == expected


def test_every_clock_pulse_falls_again() -> None:
    lines = [
        event.content
        for event in perform(engine_state_of(), BAR_NS)
        if isinstance(event.content, bool)
    ]
    assert lines == [True, False] * 16


def test_midi_clock_runs_at_24_with_start_stop_and_continue_where_it_stopped() -> None:
    state = engine_state_of()
    actions = [*stopped_at(state, 4.1), (8 * STEP_NS, lambda p, now: p.set_state(state, now))]
    data = [
        event.content
        for event in perform(state, 10 * STEP_NS, actions)
        if event.voice == NO_VOICE and isinstance(event.content, bytes)
    ]
    ticks_before_stop = data.index(b"\xfc")
    assert data[0] == b"\xfa"
    assert data[1:ticks_before_stop] == [b"\xf8"] * 25
    after = data[ticks_before_stop + 1 :]
    assert after[after.index(b"\xfb") - 1] == bytes((0xF2, 5, 0))


def test_a_recall_while_nothing_plays_starts_at_once() -> None:
    state = engine_state_of(VOICE, recall=3)
    assert starts(perform(state, 7 * STEP_NS)) == [0, 3, 6]
    stopped = Engine(internal)
    stopped.set_state(state._replace(running=False), 0)
    assert stopped.report().recall == 3


def test_a_recall_that_stops_does_not_wait_for_its_quantum() -> None:
    state = engine_state_of(VoiceState(pattern=pattern_of(range(32))), quantum=Quantum.BAR)
    recalled = state._replace(recall=1)
    assert starts(perform(state, 8 * STEP_NS, stopped_at(recalled, 2.25))) == [0, 1, 2]


def test_outputs_that_trims_hold_back_leave_in_order_after_a_panic() -> None:
    """Many wait for their delay when the notes among them are dropped."""
    voice = VoiceState(pattern=pattern_of(range(32)), ratchet=8, ratchet_chance=1.0)
    state = engine_state_of(voice, voice._replace(division=-3), voice._replace(division=-2))
    trims = Trims(cv_ns=5 * STEP_NS, midi_ns=2 * STEP_NS)
    for at_ns in range(4 * STEP_NS, 6 * STEP_NS, STEP_NS // 7):
        panic = [(at_ns, lambda p, now: p.command(Command(CommandKind.PANIC, now), now))]
        times_ns = [a.time_ns for a in perform(state, 12 * STEP_NS, panic, trims=trims)]
        assert times_ns == sorted(times_ns)


def test_a_note_that_falls_on_a_step_of_a_slide_ends_it_without_another_write() -> None:
    voice = VoiceState(pattern=pattern_of(range(32)), pitches=(60, 72) * 4, slides=0xFF)
    step_ns = 50_000_000
    written = levels(perform(engine_state_of(voice, milli_bpm=300_000), 4 * step_ns))
    assert [time_ns for time_ns, _ in written].count(2 * step_ns) == 1
