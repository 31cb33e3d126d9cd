"""Playing a performance under virtual time, and looking at what came out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from firmware.action import Action, Trims
from firmware.clock import Clock
from firmware.internal_clock import InternalClock
from firmware.pattern import STEPS, Pattern, checked_pattern
from firmware.performance import Performance
from firmware.score import Score, VoiceScore
from firmware.voice import Levels

STEP_NS = 125_000_000
"""A sixteenth at 120 BPM."""

Deed = tuple[int, Callable[[Performance, int], Iterable[Action] | None]]
"""A time, and what is done to the performance then."""


class Note(NamedTuple):
    """A note as MIDI heard it, times in sixteenths at 120 BPM."""

    start: float
    end: float
    note: int
    velocity: int


def internal(score: Score) -> Clock:
    return InternalClock(score.milli_bpm)


def in_steps(time_ns: int) -> float:
    """Give a time in sixteenths at 120 BPM, to the microsecond."""
    return round(time_ns / STEP_NS, 5)


def pattern_of(
    steps: Iterable[int] = (), *, level: float = 0.9, offset: Sequence[float] | None = None
) -> Pattern:
    """Give a pattern whose `steps` have probability `level`, the others 0.1."""
    hits = set(steps)
    return checked_pattern(
        [level if step in hits else 0.1 for step in range(STEPS)], offset=offset
    )


def score_of(*voices: VoiceScore, **fields: Any) -> Score:
    """Give a score of these voices; the others are muted."""
    padded = (*voices, *(VoiceScore(mute=True),) * (3 - len(voices)))
    return Score(voices=padded, **fields)


def perform(
    score: Score,
    until_ns: int,
    deeds: Iterable[Deed] = (),
    *,
    make_clock: Callable[[Score], Clock] = internal,
    trims: Trims | None = None,
) -> list[Action]:
    """Play a score from time 0, doing each deed at its time, and give all that came out."""
    performance = Performance(make_clock, trims or Trims())
    return drive(performance, until_ns, [(0, lambda p, now: p.take(score, now)), *deeds])


def drive(performance: Performance, until_ns: int, deeds: Iterable[Deed]) -> list[Action]:
    """Do the deeds in order and advance at every deadline, as a perfect player would."""
    actions: list[Action] = []
    waiting = sorted(deeds, key=lambda deed: deed[0])
    now_ns = 0
    while now_ns < until_ns:
        while waiting and waiting[0][0] <= now_ns:
            actions += waiting.pop(0)[1](performance, now_ns) or ()
        actions += performance.advance(now_ns)
        deadline_ns = performance.next_deadline_ns
        times = [until_ns, *(deed[0] for deed in waiting[:1])]
        now_ns = min(times if deadline_ns is None else [*times, max(deadline_ns, now_ns)])
    return actions


def notes(actions: Iterable[Action], voice: int = 0) -> list[Note]:
    """Pair the note-ons and note-offs of a voice; every one must have its partner."""
    heard: list[Note] = []
    open_note: tuple[int, int, int] | None = None
    for action in actions:
        if action.voice != voice or not isinstance(action.content, bytes):
            continue
        kind, number, value = action.content
        if kind & 0xF0 == 0x90:
            assert value > 0
            assert open_note is None
            open_note = (action.time_ns, number, value)
        elif kind & 0xF0 == 0x80:
            assert open_note is not None
            assert open_note[1] == number
            heard.append(
                Note(in_steps(open_note[0]), in_steps(action.time_ns), number, open_note[2])
            )
            open_note = None
    assert open_note is None
    return heard


def starts(actions: Iterable[Action], voice: int = 0) -> list[float]:
    """Give when notes start, in sixteenths at 120 BPM."""
    return [
        in_steps(action.time_ns)
        for action in actions
        if action.voice == voice
        and isinstance(action.content, bytes)
        and action.content[0] & 0xF0 == 0x90
    ]


def levels(actions: Iterable[Action], voice: int = 0) -> list[tuple[int, Levels]]:
    """Give the voltages of a voice and when they were written."""
    return [
        (action.time_ns, action.content)
        for action in actions
        if action.voice == voice and isinstance(action.content, Levels)
    ]


def stop(score: Score) -> Callable[[Performance, int], None]:
    """Give the deed that stops."""
    return lambda performance, now: performance.take(replace(score, running=False), now)
