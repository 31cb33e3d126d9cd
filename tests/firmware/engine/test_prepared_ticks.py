"""What is prepared for a step and written ahead of it is what the step then writes."""

from collections.abc import Callable, Iterable
from itertools import accumulate, cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import FRESH_NS, Engine
from firmware.engine.external_clock import ExternalClock
from firmware.engine.output_event import OutputEvent, Trims
from firmware.engine.pattern import STEPS, Pattern, checked_pattern
from firmware.engine.state import ClockSource, EngineState, GateMode, Quantum, VoiceState
from firmware.engine.voice import Levels
from tests.firmware.playing import engine_state_of, pattern_of
from tests.firmware.pulse_train import MS, steady

EVERY_STEP = VoiceState(pattern=pattern_of(range(STEPS)), pitches=tuple(range(60, 68)))
BY_JACK = engine_state_of(EVERY_STEP, EVERY_STEP, EVERY_STEP, clock_source=ClockSource.JACK)


class PlayerTwin:
    """Drives a performance as the player does, and compares."""

    def __init__(
        self, state: EngineState, *, prepares: bool = True, trims: Trims | None = None
    ) -> None:
        self.engine = Engine(clock_maker(), trims or Trims())
        self.engine.set_state(state, 0)
        self.written_ahead: list[OutputEvent] = []
        self.events: list[OutputEvent] = []
        self._prepares = prepares

    def pulse(self, time_ns: int) -> None:
        self.run_until(time_ns)
        written_ahead = self.engine.prepared_gates_for_pulse(time_ns, time_ns)
        self.engine.pulse(time_ns)
        self._turn(time_ns, written_ahead)

    def take(self, state: EngineState, time_ns: int) -> None:
        self.run_until(time_ns)
        self.engine.set_state(state, time_ns)

    def reset(self, time_ns: int) -> None:
        self.run_until(time_ns)
        self.engine.reset(time_ns)
        self._turn(time_ns, [])

    def run_until(self, time_ns: int) -> None:
        while (due_ns := self.engine.next_deadline_ns) is not None and due_ns < time_ns:
            self._turn(due_ns, [])

    def _turn(self, now_ns: int, written_ahead: list[OutputEvent]) -> None:
        written_ahead += self.engine.prepared_gates(now_ns)
        events = self.engine.advance(now_ns)
        if self._prepares:
            self.engine.prepare_tick(now_ns)
        for event in written_ahead:
            assert event == first_levels(events, event.voice)
        self.written_ahead += written_ahead
        self.events += events


def first_levels(events: Iterable[OutputEvent], voice: int) -> OutputEvent | None:
    """Return the first voltages that a voice is given."""
    mine = (event for event in events if event.voice == voice)
    return next((event for event in mine if isinstance(event.content, Levels)), None)


def rising(events: Iterable[OutputEvent]) -> list[OutputEvent]:
    return [
        event
        for event in events
        if isinstance(event.content, Levels) and event.content.gate > 0
    ]


@pytest.mark.parametrize("ppqn", [1, 4, 24])
def test_all_gates_of_a_clean_clock_are_prepared_but_the_first(ppqn: int) -> None:
    player = PlayerTwin(BY_JACK._replace(clock_in_ppqn=ppqn))
    for pulse_ns in steady(8 * ppqn, ppqn):
        player.pulse(pulse_ns)
    gates = rising(player.events)
    assert player.written_ahead == gates[3:]
    assert len(gates) > 80


def test_a_state_set_between_two_pulses_is_prepared_anew() -> None:
    player = PlayerTwin(BY_JACK)
    *before, last = steady(8, 4)
    for pulse_ns in before:
        player.pulse(pulse_ns)
    player.run_until(last - MS)
    higher = EVERY_STEP._replace(transpose=12)
    player.take(BY_JACK._replace(voices=(higher, higher, higher)), last - MS)
    player.engine.prepare_tick(last - MS)
    player.pulse(last)
    assert {event.time_ns for event in player.written_ahead[-3:]} == {last}
    assert player.written_ahead[-3:] == rising(player.events)[-3:]


def test_a_pulse_that_is_read_late_writes_nothing_ahead() -> None:
    player = PlayerTwin(BY_JACK)
    *before, last = steady(8, 4)
    for pulse_ns in before:
        player.pulse(pulse_ns)
    player.run_until(last)
    assert player.engine.clock.expects(last)
    assert player.engine.prepared_gates_for_pulse(last, last + FRESH_NS) == []


def test_ticks_that_catch_up_are_not_written_ahead() -> None:
    """The song ran on past pulses, so the ticks up to the next true one come all at once."""
    tied = EVERY_STEP._replace(gate_mode=GateMode.TIE, probability=1.0, division=-16)
    player = PlayerTwin(BY_JACK._replace(voices=(tied, tied, tied)))
    for pulse_ms in (52, 804, 1556, 1608, 1660, 1661, 1713):
        player.pulse(pulse_ms * MS)
    assert [event.time_ns for event in player.events].count(1_712_666_666) > 20
    assert all(event.time_ns != 1_712_666_666 for event in player.written_ahead)


def test_gates_that_do_not_leave_at_once_are_not_prepared() -> None:
    later = PlayerTwin(BY_JACK, trims=Trims(cv_ns=MS))
    held = EVERY_STEP._replace(gate_mode=GateMode.TIE)
    sliding = EVERY_STEP._replace(slides=0xFF)
    slow = PlayerTwin(BY_JACK._replace(voices=(sliding, held, sliding)))
    for pulse_ns in steady(20, 4):
        later.pulse(pulse_ns)
        slow.pulse(pulse_ns)
    assert later.written_ahead == []
    assert {event.voice for event in slow.written_ahead} == {1}


off_grid = checked_pattern([0.9] * STEPS, offset=[0.3, -0.3] * (STEPS // 2))
few_voices = st.builds(
    VoiceState()._replace,
    pattern=st.sampled_from([EVERY_STEP.pattern, pattern_of(range(0, STEPS, 3)), off_grid]),
    groove=st.sampled_from([0.0, 1.0]),
    probability=st.sampled_from([0.0, 1.0]),
    ratchet_chance=st.sampled_from([0.0, 0.0, 1.0]),
    gate=st.sampled_from([0.3, 1.0]),
    gate_mode=st.sampled_from(GateMode),
    length=st.sampled_from([STEPS, 5]),
    division=st.sampled_from([1, 1, 1, 2, -3, -16]),
    advance_by_gate=st.booleans(),
    slides=st.sampled_from([0, 0, 0b10101010]),
    pitches=st.just(EVERY_STEP.pitches),
)
states = st.builds(
    EngineState()._replace,
    voices=st.tuples(few_voices, few_voices, few_voices),
    swing=st.sampled_from([0.5, 0.5, 0.7]),
    quantum=st.sampled_from([Quantum.STEP, Quantum.BEAT]),
    recall=st.integers(0, 1),
    clock_source=st.just(ClockSource.JACK),
    clock_in_ppqn=st.sampled_from([4, 4, 4, 24]),
    reset_at_once=st.booleans(),
)
gaps_ms = st.sampled_from([*[52] * 6, 50, 54, 45, 1, 104, 700])
what = st.sampled_from([*["pulse"] * 8, "take", "reset"])
actions = st.lists(st.tuples(gaps_ms, what), min_size=20, max_size=40)


@given(st.lists(states, min_size=1, max_size=4), actions)
def test_whatever_is_prepared_comes_and_preparing_changes_nothing(
    wanted: list[EngineState], performed: list[tuple[int, str]]
) -> None:
    players = [PlayerTwin(wanted[0]), PlayerTwin(wanted[0], prepares=False)]
    for player in players:
        now_ns = 0
        for number, (gap_ms, action) in enumerate(performed):
            now_ns += gap_ms * MS
            if action == "take":
                player.take(wanted[number % len(wanted)], now_ns)
            else:
                getattr(player, action)(now_ns)
    assert players[0].events == players[1].events
    assert players[1].written_ahead == []


@given(st.sampled_from([1, 2, 4]), actions)
def test_a_pulse_that_is_expected_plays_the_next_tick_at_once(
    ppqn: int, performed: list[tuple[int, str]]
) -> None:
    clock, now_ns = ExternalClock(ppqn), 0
    clock.start(0)
    for gap_ms, action in performed:
        now_ns += gap_ms * MS * 4 // ppqn
        clock.advance(now_ns)
        if action == "reset":
            clock.reset(now_ns)
        elif action == "pulse":
            expected, index = clock.expects(now_ns), clock.next_index
            clock.edge(now_ns)
            if expected:
                tick = clock.advance(now_ns)[0]
                assert (tick.index, tick.time_ns) == (index, now_ns)


TAIL_MS = 1000
Changes = list[tuple[int, EngineState]]


def prepared(changes: Changes, due: Callable[[Engine], int | None]) -> tuple[list[object], int]:
    """Play changes of state by `prepare_tick` alone; return the output, and how often."""
    engine = Engine(clock_maker())
    events: list[object] = []
    turns = 0
    for time_ns, state in [*changes, (changes[-1][0] + TAIL_MS * MS, changes[-1][1])]:
        while (due_ns := due(engine)) is not None and due_ns < time_ns:
            events += engine.prepare_tick(due_ns)
            turns += 1
        events += engine.prepare_tick(time_ns)
        engine.set_state(state, time_ns)
        events.append(engine.report())
    return events, turns


def at_every_tick(engine: Engine) -> int | None:
    deadline_ns = engine.next_deadline_ns
    return None if deadline_ns is None else deadline_ns - engine.clock.lead_ns


def played_states() -> st.SearchStrategy[EngineState]:
    voice = st.fixed_dictionaries(
        {
            "pattern": st.sampled_from([(-0.4, 0.3), (0.0,), (0.3, 0.0, -0.2)]).map(late_by),
            "division": st.sampled_from((-4, -3, 1, 3)),
            "length": st.integers(1, STEPS),
            "slides": st.sampled_from((0, 0b100)),
        }
    ).map(lambda fields: EVERY_STEP._replace(**fields))
    return st.fixed_dictionaries(
        {
            "voices": st.tuples(voice, voice, voice),
            "running": st.sampled_from((True, True, True, False)),
            "milli_bpm": st.sampled_from((60_000, 120_000, 287_000)),
            "swing": st.sampled_from((0.5, 0.66)),
            "quantum": st.sampled_from(Quantum),
            "recall": st.integers(0, 1),
            "clock_source": st.sampled_from((ClockSource.INTERNAL, ClockSource.AUTO)),
            "clock_out_ppqn": st.sampled_from((4, 48)),
        }
    ).map(lambda fields: EngineState(**fields))


def late_by(offsets: tuple[float, ...]) -> Pattern:
    """Return a pattern of every third step, with these offsets again and again."""
    return pattern_of(range(0, STEPS, 3), offset=[*islice(cycle(offsets), STEPS)])


@given(st.lists(st.tuples(st.integers(1, 300), played_states()), min_size=1, max_size=3))
def test_the_ticks_that_are_left_out_play_nothing(parts: list[tuple[int, EngineState]]) -> None:
    times_ns = accumulate(part[0] * MS + 1 for part in parts)
    changes = list(zip(times_ns, (state for _, state in parts), strict=True))
    every, turns = prepared(changes, at_every_tick)
    busy, fewer_turns = prepared(changes, lambda engine: engine.next_prepare_ns)
    assert busy == every
    assert fewer_turns <= turns


def test_an_idle_engine_is_called_at_the_ticks_of_midi_clock_alone() -> None:
    silent = [(0, EngineState(milli_bpm=120_000))]
    _, turns = prepared(silent, lambda engine: engine.next_prepare_ns)
    clocks = TAIL_MS * 48 // 1000
    steps = TAIL_MS * 8 // 1000
    assert clocks <= turns <= clocks + steps + 1
