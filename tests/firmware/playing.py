"""Playing a performance under virtual time, and looking at what came out."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from firmware.engine.clock import Clock
from firmware.engine.engine import Engine
from firmware.engine.internal_clock import InternalClock
from firmware.engine.output_event import OutputEvent, Trims
from firmware.engine.pattern import STEPS, Pattern, checked_pattern
from firmware.engine.state import EngineState, VoiceState
from firmware.engine.voice import Levels

STEP_NS = 125_000_000
"""A sixteenth at 120 BPM."""

TimedAction = tuple[int, Callable[[Engine, int], Iterable[OutputEvent] | None]]
"""A time, and what is done to the performance then."""


class Note(NamedTuple):
    """A note as MIDI sent it, times in sixteenths at 120 BPM."""

    start: float
    end: float
    note: int
    velocity: int


def internal(state: EngineState) -> Clock:
    return InternalClock(state.milli_bpm)


def in_steps(time_ns: int) -> float:
    """Return a time in sixteenths at 120 BPM, to the microsecond."""
    return round(time_ns / STEP_NS, 5)


def pattern_of(
    steps: Iterable[int] = (), *, level: float = 0.9, offset: Sequence[float] | None = None
) -> Pattern:
    """Return a pattern whose `steps` have probability `level`, the others 0.1."""
    hits = set(steps)
    return checked_pattern(
        [level if step in hits else 0.1 for step in range(STEPS)], offset=offset
    )


def engine_state_of(*voices: VoiceState, **fields: Any) -> EngineState:
    """Return an engine state of these voices; the others are muted."""
    padded = (*voices, *(VoiceState(mute=True),) * (3 - len(voices)))
    return EngineState(voices=padded, **fields)


def perform(
    state: EngineState,
    until_ns: int,
    actions: Iterable[TimedAction] = (),
    *,
    make_clock: Callable[[EngineState], Clock] = internal,
    trims: Trims | None = None,
) -> list[OutputEvent]:
    """Play an engine state from time 0, with each action at its time; return all output."""
    engine = Engine(make_clock, trims or Trims())
    return drive(engine, until_ns, [(0, lambda p, now: p.set_state(state, now)), *actions])


def drive(engine: Engine, until_ns: int, actions: Iterable[TimedAction]) -> list[OutputEvent]:
    """Do the actions in order and advance at every deadline, as a perfect player would."""
    events: list[OutputEvent] = []
    waiting = sorted(actions, key=lambda action: action[0])
    now_ns = 0
    while now_ns < until_ns:
        while waiting and waiting[0][0] <= now_ns:
            events += waiting.pop(0)[1](engine, now_ns) or ()
        events += engine.advance(now_ns)
        deadline_ns = engine.next_deadline_ns
        times = [until_ns, *(action[0] for action in waiting[:1])]
        now_ns = min(times if deadline_ns is None else [*times, max(deadline_ns, now_ns)])
    return events


def notes(events: Iterable[OutputEvent], voice: int = 0) -> list[Note]:
    """Pair the note-ons and note-offs of a voice; every one must have its partner."""
    played: list[Note] = []
    open_note: tuple[int, int, int] | None = None
    for event in events:
        if event.voice != voice or not isinstance(event.content, bytes):
            continue
        kind, number, value = event.content
        if kind & 0xF0 == 0x90:
            assert value > 0
            assert open_note is None
            open_note = (event.time_ns, number, value)
        elif kind & 0xF0 == 0x80:
            assert open_note is not None
            assert open_note[1] == number
            played.append(
                Note(in_steps(open_note[0]), in_steps(event.time_ns), number, open_note[2])
            )
            open_note = None
    assert open_note is None
    return played


def starts(events: Iterable[OutputEvent], voice: int = 0) -> list[float]:
    """Return when notes start, in sixteenths at 120 BPM."""
    return [
        in_steps(event.time_ns)
        for event in events
        if event.voice == voice
        and isinstance(event.content, bytes)
        and event.content[0] & 0xF0 == 0x90
    ]


def levels(events: Iterable[OutputEvent], voice: int = 0) -> list[tuple[int, Levels]]:
    """Return the voltages of a voice and when they were written."""
    return [
        (event.time_ns, event.content)
        for event in events
        if event.voice == voice and isinstance(event.content, Levels)
    ]


def stop(state: EngineState) -> Callable[[Engine, int], None]:
    """Return the action that stops."""
    return lambda engine, now: engine.set_state(state._replace(running=False), now)


def stopped_at(state: EngineState, steps: float) -> list[tuple[int, object]]:
    """Return the action that stops, at a time in steps."""
    return [(round(steps * STEP_NS), stop(state))]
