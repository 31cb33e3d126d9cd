"""Performances on clocks that come from outside: what is played, and when."""

import gc
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from random import Random
from statistics import pstdev

import pytest

from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import Engine
from firmware.engine.output_event import NO_VOICE, OutputEvent
from firmware.engine.pattern import STEPS, Pattern
from firmware.engine.state import (
    ClockSource,
    Command,
    CommandKind,
    EngineState,
    GateMode,
    Quantum,
    VoiceState,
)
from firmware.player.midi_input import MidiHandler
from tests.firmware.playing import STEP_NS, TimedAction, drive, engine_state_of, levels
from tests.firmware.pulse_train import MS, following, jittered, steady

EVERY_STEP = Pattern(
    onset=(0.9,) * STEPS,
    velocity=tuple((n + 1) / STEPS for n in range(STEPS)),
    offset=(0.0,) * STEPS,
)
"""Each step has its own velocity, by which it is known."""

VOICE = VoiceState(pattern=EVERY_STEP, gate=0.3)
STEPS_PER_BEAT = 4


def jack(ppqn: int, **fields: object) -> EngineState:
    return engine_state_of(VOICE, clock_source=ClockSource.JACK, clock_in_ppqn=ppqn, **fields)


MIDI = engine_state_of(VOICE, clock_source=ClockSource.MIDI)


def pulses(times_ns: Iterable[int]) -> list[TimedAction]:
    return [(time_ns, lambda p, now: p.pulse(now)) for time_ns in times_ns]


def resets(*times_ns: int) -> list[TimedAction]:
    return [(time_ns, lambda p, now: p.reset(now)) for time_ns in times_ns]


def play(
    state: EngineState, until_ns: int, actions: Iterable[TimedAction]
) -> list[tuple[int, int]]:
    """Return when the first voice played which step."""
    engine = Engine(clock_maker())
    takes: list[TimedAction] = [(0, lambda p, now: p.set_state(state, now))]
    return steps_of(drive(engine, until_ns, [*takes, *actions]))


def play_midi(
    state: EngineState, until_ns: int, bytes_at: Iterable[tuple[int, Sequence[int]]]
) -> list[tuple[int, int]]:
    engine = Engine(clock_maker())
    handler = MidiHandler(engine)
    actions: list[TimedAction] = [(0, lambda p, now: p.set_state(state, now))]
    for time_ns, message in bytes_at:
        data = bytes(message)
        actions.append((time_ns, lambda _, now, data=data: handler.handle(data, now)))
    return steps_of(drive(engine, until_ns, actions))


def steps_of(events: Iterable[OutputEvent]) -> list[tuple[int, int]]:
    return [
        (event.time_ns, round(event.content[2] * STEPS / 127) - 1)
        for event in events
        if event.voice == 0 and isinstance(event.content, bytes) and event.content[0] == 0x90
    ]


def assert_in_order(played: Sequence[tuple[int, int]], first: int = 0) -> None:
    assert [step for _, step in played] == [(first + n) % STEPS for n in range(len(played))]


def test_nothing_sounds_on_when_the_clock_falls_silent() -> None:
    tied = engine_state_of(
        VOICE._replace(gate_mode=GateMode.TIE), clock_source=ClockSource.JACK
    )
    edges = steady(8, 4)
    engine = Engine(clock_maker())
    takes: list[TimedAction] = [(0, lambda p, now: p.set_state(tied, now))]
    events = drive(engine, edges[-1] + 2_000 * MS, [*takes, *pulses(edges)])
    gates = [(time_ns, level.gate) for time_ns, level in levels(events)]
    assert gates[-1][1] == 0.0
    assert gates[-1][0] <= edges[-1] + 600 * MS
    assert [a.content for a in events if a.voice == NO_VOICE][-1] == b"\xfc"
    assert not engine.clock.next_deadline_ns


@pytest.mark.parametrize("ppqn", [1, 2, 4, 8, 24, 48])
def test_a_clean_clock_plays_every_step_on_its_time(ppqn: int) -> None:
    edges = steady(16 * ppqn + 1, ppqn)
    played = play(jack(ppqn), edges[-1] + 1, pulses(edges))
    assert_in_order(played)
    assert len(played) == 16 * STEPS_PER_BEAT + 1
    for n, (time_ns, _) in enumerate(played):
        assert time_ns - edges[0] == pytest.approx(n * STEP_NS, abs=ppqn)


@pytest.mark.parametrize("ppqn", [1, 2, 4])
def test_slow_clocks_fire_their_step_on_the_edge_itself(ppqn: int) -> None:
    edges = jittered(steady(65, ppqn), 5)
    played = play(jack(ppqn), edges[-1] + 1, pulses(edges))
    times_ns = {time_ns for time_ns, _ in played}
    assert times_ns >= set(edges)


def test_jitter_of_24_ppqn_is_smoothed_to_a_quarter() -> None:
    clean = steady(24 * 64, 24)
    edges = jittered(clean, 2)
    played = play(jack(24), edges[-1], pulses(edges))
    assert_in_order(played)
    settled = played[8 * STEPS_PER_BEAT :]
    errors = [time_ns - clean[0] - n * STEP_NS for n, (time_ns, _) in enumerate(played)][
        -len(settled) :
    ]
    input_errors = [edge - time_ns for edge, time_ns in zip(edges, clean, strict=True)]
    assert 4 * pstdev(errors) <= pstdev(input_errors)
    assert max(map(abs, errors)) < MS


def missed(edges: list[int], at: int) -> list[int]:
    return edges[:at] + edges[at + 1 :]


def doubled(edges: list[int], at: int) -> list[int]:
    return [*edges[: at + 1], edges[at] + 3 * MS, *edges[at + 1 :]]


@pytest.mark.parametrize("ppqn", [1, 2, 4, 8, 24, 48])
@pytest.mark.parametrize("disturbed", [missed, doubled])
def test_a_missed_or_doubled_pulse_costs_no_step(
    ppqn: int, disturbed: Callable[[list[int], int], list[int]]
) -> None:
    edges = steady(16 * ppqn + 1, ppqn)
    played = play(jack(ppqn), edges[-1] + 1, pulses(disturbed(edges, 8 * ppqn)))
    assert_in_order(played)
    assert len(played) == 16 * STEPS_PER_BEAT + 1
    for time_ns, _ in played[10 * STEPS_PER_BEAT :]:
        assert (time_ns - edges[0] + STEP_NS // 2) % STEP_NS == pytest.approx(
            STEP_NS // 2, abs=MS
        )


@pytest.mark.parametrize("ppqn", [1, 2, 4, 8, 24, 48])
@pytest.mark.parametrize("ratio", [0.8, 1.2])
def test_a_tempo_jump_costs_no_step_and_is_caught_up_in_two_beats(
    ppqn: int, ratio: float
) -> None:
    edges = following(lambda beat: 120 if beat < 8 else 120 * ratio, 16 * ppqn + 1, ppqn)
    played = play(jack(ppqn), edges[-1] + 1, pulses(edges))
    assert_in_order(played)
    assert len(played) == 16 * STEPS_PER_BEAT + 1
    step_ns = STEP_NS / ratio
    for n in range(10 * STEPS_PER_BEAT + 1, 16 * STEPS_PER_BEAT):
        assert played[n + 1][0] - played[n][0] == pytest.approx(step_ns, rel=0.03)


@pytest.mark.parametrize("ppqn", [1, 2, 4, 8, 24, 48])
def test_a_ramp_from_90_to_150_bpm_costs_no_step(ppqn: int) -> None:
    edges = following(lambda beat: 90 + 60 * min(max(beat - 4, 0) / 16, 1), 28 * ppqn + 1, ppqn)
    played = play(jack(ppqn), edges[-1] + 1, pulses(edges))
    assert_in_order(played)
    assert len(played) == 28 * STEPS_PER_BEAT + 1
    if ppqn >= STEPS_PER_BEAT:
        for n, (time_ns, _) in enumerate(played):
            if n % STEPS_PER_BEAT == 0 and n // STEPS_PER_BEAT * ppqn < len(edges):
                due_ns = edges[n // STEPS_PER_BEAT * ppqn]
                assert abs(time_ns - due_ns) < 12 * MS


@pytest.mark.parametrize("apart_ns", [-MS, -MS // 2, 0, MS // 2, MS])
def test_a_clock_within_a_millisecond_of_the_reset_is_the_first_step(apart_ns: int) -> None:
    edges = steady(30, 4)
    at = 13
    actions = [*pulses(edges), *resets(edges[at] + apart_ns)]
    played = play(jack(4), edges[-1] + 1, actions)
    first = next(n for n, (_, step) in enumerate(played) if n and step == 0)
    assert 0 <= played[first][0] - edges[at] <= MS
    assert [step for _, step in played[first:]] == list(range(30 - at))


def test_a_reset_waits_silently_for_the_next_clock() -> None:
    edges = steady(30, 4)
    played = play(jack(4), edges[-1] + 1, [*pulses(edges), *resets(edges[12] + 60 * MS)])
    assert [step for _, step in played] == [*range(13), *range(17)]
    assert [time_ns for time_ns, _ in played] == edges


def test_an_immediate_reset_plays_at_once() -> None:
    edges = steady(16, 4)
    reset_ns = edges[12] + 60 * MS
    played = play(
        jack(4, reset_at_once=True), edges[-1] + 1, [*pulses(edges), *resets(reset_ns)]
    )
    assert (reset_ns, 0) in played
    assert [step for time_ns, step in played if time_ns > reset_ns] == [1, 2, 3]


def clocks(first_ns: int, count: int) -> list[tuple[int, Sequence[int]]]:
    return [(time_ns, (0xF8,)) for time_ns in steady(count, 24, start_ns=first_ns)]


def test_midi_clock_plays_from_start_to_stop_and_continues() -> None:
    beat_ns = 4 * STEP_NS
    stop_ns = 10 * beat_ns + beat_ns // 2 + MS
    stream = [
        *clocks(2 * beat_ns, 24 * 20),
        (4 * beat_ns - MS, (0xFA,)),
        (stop_ns, (0xFC,)),
        (16 * beat_ns - MS, (0xFB,)),
    ]
    played = play_midi(MIDI, 20 * beat_ns, stream)
    assert played[0][0] == pytest.approx(4 * beat_ns, abs=MS)
    assert_in_order(played)
    assert not [time_ns for time_ns, _ in played if stop_ns < time_ns < 16 * beat_ns - MS]
    assert len([1 for time_ns, _ in played if time_ns > stop_ns]) == pytest.approx(16, abs=1)


@pytest.mark.parametrize("held_up_ms", [5, 15, 30, 60, 120])
def test_midi_clock_that_is_held_up_costs_no_step(held_up_ms: int) -> None:
    stream = clocks(2 * STEP_NS, 24 * 12)
    held_up_ns = stream[150][0] + held_up_ms * MS
    stream = [(max(at, held_up_ns) if n >= 150 else at, b) for n, (at, b) in enumerate(stream)]
    played = play_midi(MIDI, 50 * STEP_NS, [(MS, (0xFA,)), *stream])
    assert_in_order(played)
    # After the last pulse the song runs one pulse ahead, to the next step.
    assert len(played) - 12 * STEPS_PER_BEAT in {0, 1}


def test_midi_song_position_is_where_continue_goes_on() -> None:
    beat_ns = 4 * STEP_NS
    stream = [
        *clocks(2 * beat_ns, 24 * 8),
        (3 * beat_ns - 3 * MS, (0xF2, 0x0B, 0x01)),
        (3 * beat_ns - 2 * MS, (0xFB,)),
    ]
    played = play_midi(MIDI, 6 * beat_ns, stream)
    assert_in_order(played, first=(0x0B + 128) % STEPS)
    assert len(played) >= 8


def test_midi_start_is_ignored_while_the_run_gate_holds() -> None:
    beat_ns = 4 * STEP_NS
    stream = [*clocks(2 * beat_ns, 24 * 4), (2 * beat_ns - MS, (0xFA,))]
    assert play_midi(MIDI._replace(running=False), 6 * beat_ns, stream) == []


def test_the_order_of_the_bytes_says_which_clock_is_the_first() -> None:
    beat_ns = 4 * STEP_NS
    stream = clocks(2 * beat_ns, 24 * 4)
    start = (stream[24][0], (0xFA,))
    played = play_midi(MIDI, 5 * beat_ns, [*stream[:25], start, *stream[25:]])
    assert played[0] == (pytest.approx(stream[25][0], abs=MS), 0)


@pytest.mark.parametrize("source", ["internal", "jack 4", "jack 24", "midi"])
def test_swing_is_the_same_on_every_source(source: str) -> None:
    swing, until_ns = 0.66, 20 * STEP_NS * 4
    if source == "internal":
        played = play(engine_state_of(VOICE, swing=swing), until_ns, ())
    elif source == "midi":
        stream = [(MS, (0xFA,)), *clocks(2 * MS, 24 * 20)]
        played = play_midi(MIDI._replace(swing=swing), until_ns, stream)
    else:
        ppqn = int(source.split()[1])
        played = play(
            jack(ppqn, swing=swing), until_ns, pulses(steady(20 * ppqn, ppqn, start_ns=MS))
        )
    assert_in_order(played)
    gaps = [(b[0] - a[0]) / STEP_NS for a, b in pairwise(played)][16:32]
    assert gaps[0::2] == pytest.approx([2 * swing] * 8, abs=0.01)
    assert gaps[1::2] == pytest.approx([2 - 2 * swing] * 8, abs=0.01)


@pytest.mark.soak
def test_no_step_is_lost_or_doubled_over_many_bars(soak: Callable[[int, int], int]) -> None:
    bars = soak(50, 10_000)
    engine = Engine(clock_maker())
    engine.set_state(jack(24), 0)
    random, steps = Random(3), 0
    for pulse in range(bars * 96):
        time_ns = round(pulse * 4 * STEP_NS / 24) + random.randrange(2 * MS)
        while (deadline := engine.next_deadline_ns) is not None and deadline < time_ns:
            steps += len(steps_of(engine.advance(deadline)))
        engine.pulse(time_ns)
        steps += len(steps_of(engine.advance(time_ns)))
    assert abs(steps - bars * 16) <= 1


class Watch:
    """Sees that every note ends, none overlaps another, and times do not go back."""

    def __init__(self) -> None:
        self.notes = 0
        self.sounding: dict[int, int] = {}

    def see(self, events: Iterable[OutputEvent]) -> None:
        for event in events:
            if event.voice == NO_VOICE or not isinstance(event.content, bytes):
                continue
            kind, note, velocity = event.content
            if kind & 0xF0 == 0x90:
                assert velocity > 0
                assert event.voice not in self.sounding
                self.sounding[event.voice] = note
                self.notes += 1
            elif kind & 0xF0 == 0x80:
                assert self.sounding.pop(event.voice) == note


def random_state(random: Random) -> EngineState:
    voices = tuple(
        VoiceState(
            pattern=Pattern(
                onset=tuple(random.random() for _ in range(STEPS)),
                velocity=tuple(random.random() for _ in range(STEPS)),
                offset=tuple(random.uniform(-0.45, 0.45) for _ in range(STEPS)),
            ),
            threshold=random.random(),
            groove=random.random(),
            ratchet_chance=random.choice((0.0, random.random())),
            ratchet=random.randint(2, 8),
            length=random.randint(1, STEPS),
            rotation=random.randint(0, 31),
            division=random.choice((-4, -3, -2, 1, 2, 5)),
            gate_mode=random.choice(tuple(GateMode)),
            gate=random.choice((0.1, 0.5, 1.0, 5.0)),
            slides=random.choice((0, 0, 0x55)),
            mute=random.random() < 0.1,
        )
        for _ in range(3)
    )
    return EngineState(
        voices=voices,
        running=random.random() < 0.9,
        milli_bpm=random.randint(20_000, 300_000),
        swing=random.uniform(0.5, 0.75),
        chaos=random.choice((0.0, random.random())),
        seed=random.randint(0, 99),
        quantum=random.choice(tuple(Quantum)),
        recall=random.randint(0, 3),
        clock_source=random.choice(tuple(ClockSource)),
        clock_in_ppqn=random.choice((1, 2, 4, 8, 24, 48)),
        freewheel=random.random() < 0.3,
        reset_at_once=random.random() < 0.3,
    )


@pytest.mark.soak
def test_a_day_of_random_hands_leaves_memory_flat(soak: Callable[[int, int], int]) -> None:
    minutes = soak(3, 24 * 60)
    random, watch = Random(4), Watch()
    engine = Engine(clock_maker())
    handler = MidiHandler(engine)
    blocks = []
    for minute in range(minutes):
        _play_a_minute(engine, handler, random, watch, minute * 60_000 * MS)
        handler.clear()
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    end_ns = minutes * 60_000 * MS
    watch.see(engine.command(Command(CommandKind.PANIC, end_ns), end_ns))
    assert watch.sounding == {}
    assert watch.notes > 100 * minutes
    settled = blocks[len(blocks) // 4 :]
    assert max(settled) - min(settled) < 3_000


def _play_a_minute(
    engine: Engine, handler: MidiHandler, random: Random, watch: Watch, now_ns: int
) -> None:
    """Advance through a minute in which something happens about every 40 ms."""
    end_ns = now_ns + 60_000 * MS
    while now_ns < end_ns:
        happens_ns = now_ns + random.choice((5, 21, 42, 100)) * MS + random.randrange(MS)
        while (deadline := engine.next_deadline_ns) is not None and deadline <= happens_ns:
            now_ns = max(now_ns, deadline + random.choice((0, 0, random.randrange(8 * MS))))
            watch.see(engine.advance(now_ns))
        now_ns = max(now_ns, happens_ns)
        watch.see(_something(engine, handler, random, now_ns) or ())
        watch.see(engine.advance(now_ns))


def _something(
    engine: Engine, handler: MidiHandler, random: Random, now_ns: int
) -> list[OutputEvent] | None:
    draw = random.random()
    if draw < 0.70:
        engine.pulse(now_ns)
        handler.handle(b"\xf8", now_ns)
    elif draw < 0.80:
        engine.set_state(random_state(random), now_ns)
    elif draw < 0.85:
        engine.reset(now_ns)
    elif draw < 0.95:
        handler.handle(
            bytes(random.choice(((0xFA,), (0xFB,), (0xFC,), (0xF2, 9, 2), (0x90, 60, 9)))),
            now_ns,
        )
    elif draw < 0.96:
        return engine.command(Command(CommandKind.PANIC, now_ns), now_ns)
    return None
