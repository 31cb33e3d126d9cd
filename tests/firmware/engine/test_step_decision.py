"""Whether a step sounds: by threshold, by what it did last, by chance, as a fill."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.clock import TICKS_PER_STEP, Tick
from firmware.engine.pattern import STEPS, checked_pattern
from firmware.engine.sequencer import Event, NoteOn, Sequencer
from firmware.engine.state import EngineState, VoiceState
from firmware.engine.step_decision import (
    HYSTERESIS,
    THRESHOLD_MOVE,
    StepMemory,
    StepRandom,
    decide,
)
from tests.firmware.engine.test_engine_properties import patterns
from tests.firmware.playing import engine_state_of, pattern_of

STEP_NS = 125_000_000


def sounds(voice: VoiceState, *, chaos: float = 0.0, cycle: int = 0) -> bool:
    """Decide the first step of a voice that remembers nothing."""
    state = engine_state_of(voice, chaos=chaos)
    return decide(state, StepRandom(3, 0, cycle, 0), StepMemory())[0].sounds


def share(voice: VoiceState, chaos: float, count: int = 4000) -> float:
    """Give how often a step sounds over many cycles."""
    sounded = [sounds(voice, chaos=chaos, cycle=cycle) for cycle in range(count)]
    return sum(sounded) / count


def level(onset: float, **changes: object) -> VoiceState:
    return VoiceState(pattern=pattern_of([0], level=onset))._replace(**changes)


@pytest.mark.parametrize(
    ("voice", "expected"),
    [
        (level(0.6), True),
        (level(0.5), False),
        (level(0.4), False),
        (level(0.9, mute=True), False),
        (level(1.0, threshold=1.0), False),
    ],
)
def test_a_step_sounds_above_the_threshold(voice: VoiceState, expected: bool) -> None:
    assert sounds(voice) is expected


@pytest.mark.parametrize(
    ("probability", "chaos", "expected"),
    [(0.5, 1.0, 0.5), (0.75, 1.0, 0.75), (0.25, 1.0, 0.25), (0.6, 0.4, 0.75), (0.9, 0.7, 1)],
)
def test_chaos_moves_the_probability_by_up_to_a_half_either_way(
    probability: float, chaos: float, expected: float
) -> None:
    assert share(level(probability), chaos) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(("probability", "expected"), [(0.0, 1.0), (0.5, 0.8), (1.0, 0.6)])
def test_a_step_sounds_as_often_as_its_probability_says(
    probability: float, expected: float
) -> None:
    assert share(level(0.6, probability=probability), 0.0) == pytest.approx(expected, abs=0.03)


def test_a_certain_step_always_sounds() -> None:
    assert share(level(1.0, probability=1.0), 0.0) == 1.0


def decisions(*states: EngineState) -> list[bool]:
    """Decide the first step under one state after the other."""
    memory, decided = StepMemory(), []
    for state in states:
        decision, memory = decide(state, StepRandom(0, 0, 0, 0), memory)
        decided.append(decision.sounds)
    return decided


def near(*onsets: float, **changes: object) -> list[EngineState]:
    return [engine_state_of(level(onset), **changes) for onset in onsets]


@pytest.mark.parametrize(
    ("onsets", "decided"),
    [
        ((0.51, 0.49, 0.481, 0.48), [True, True, True, False]),
        ((0.49, 0.51, 0.519, 0.521), [False, False, False, True]),
        ((0.6, 0.485, 0.4, 0.515, 0.6), [True, True, False, False, True]),
    ],
)
def test_a_step_does_what_it_did_until_its_probability_is_clear_of_the_threshold(
    onsets: tuple[float, ...], decided: list[bool]
) -> None:
    assert decisions(*near(*onsets)) == decided


@given(st.lists(st.floats(-HYSTERESIS, HYSTERESIS), min_size=2))
def test_noise_within_the_hysteresis_changes_nothing(noise: list[float]) -> None:
    decided = decisions(*near(*(0.5 + 0.99 * each for each in noise)))
    assert len(set(decided)) == 1


def test_a_voice_moved_on_purpose_is_decided_afresh() -> None:
    first, second = near(0.51, 0.49)
    moved = second.voices[0]._replace(moves=1)
    assert decisions(first, second._replace(voices=(moved, *second.voices[1:]))) == [
        True,
        False,
    ]


def test_a_recall_is_decided_afresh() -> None:
    first, second = near(0.51, 0.49)
    assert decisions(first, second._replace(recall=1)) == [True, False]


@pytest.mark.parametrize(("moved", "decided"), [(0.9, True), (1.5, False)])
def test_a_threshold_moved_by_more_than_noise_is_decided_afresh(
    moved: float, decided: bool
) -> None:
    lower = engine_state_of(level(0.505))
    higher = engine_state_of(level(0.505, threshold=0.5 + moved * THRESHOLD_MOVE))
    assert decisions(lower, higher) == [True, decided]


def test_each_step_remembers_for_itself() -> None:
    memory = StepMemory().with_step(31, passed=True).with_step(0, passed=False)
    assert [memory.remembered(step) for step in (31, 0, 1)] == [True, False, None]
    assert memory.with_step(31, passed=None).remembered(31) is None


def test_chaos_is_not_held_back_unless_it_is_frozen() -> None:
    high, low = near(0.51, 0.49, chaos=1e-6)
    assert decisions(high, low) == [True, False]
    assert decisions(high._replace(freeze=True), low._replace(freeze=True)) == [True, True]


def test_a_reset_is_decided_afresh() -> None:
    sequencer = Sequencer(3)
    high, low = near(0.51, 0.49)
    assert notes(sequencer.tick(Tick(0, 0, 1), high))
    assert not notes(sequencer.tick(Tick(0, 0, 1), low))


def notes(events: list[Event]) -> list[NoteOn]:
    return [event for event in events if isinstance(event, NoteOn)]


def played(
    voice: VoiceState, steps: int = STEPS, fills: dict[int, float] | None = None
) -> dict[int, int]:
    """Play a voice; return the notes by step. `fills` are by the step they begin at."""
    sequencer, sounded, fill = Sequencer(3), {}, voice.fill
    for tick in range(steps * TICKS_PER_STEP):
        fill = (fills or {}).get(tick / TICKS_PER_STEP, fill)
        state = engine_state_of(voice._replace(fill=fill))
        for note in notes(sequencer.tick(Tick(tick, 0, STEP_NS // TICKS_PER_STEP), state)):
            sounded[tick // TICKS_PER_STEP] = note.note
    return sounded


RAMP = checked_pattern([(step + 1) / (STEPS + 1) for step in range(STEPS)])


@pytest.mark.parametrize(
    ("threshold", "fill", "count"),
    [
        (1.0, 0.0, 0),
        (1.0, 1.0, 8),
        (0.9, 1.0, 11),
        (0.5, 1.0, 32),
        (0.7, 1.0, 18),
        (0.7, 0.5, 14),
        (0.7, 0.01, 10),
        (0.0, 1.0, 32),
    ],
)
def test_a_fill_plays_more_of_the_pattern(threshold: float, fill: float, count: int) -> None:
    sounded = played(VoiceState(pattern=RAMP, threshold=threshold, fill=fill))
    # The likeliest steps, which are the last ones of the ramp.
    assert sorted(sounded) == list(range(STEPS - count, STEPS))


@given(patterns, st.floats(0, 1), st.floats(0.01, 1), st.integers(1, STEPS))
def test_at_any_threshold_a_fill_adds_steps_and_takes_none_away(
    pattern: object, threshold: float, fill: float, length: int
) -> None:
    plain = VoiceState(pattern=pattern, threshold=threshold, length=length, groove=0.0)
    without, filled = set(played(plain, length)), set(played(plain._replace(fill=fill), length))
    assert without <= filled
    assert len(filled) > len(without) or len(without) == length
    added = [pattern.onset[step] for step in filled - without]
    left = [pattern.onset[step] for step in range(length) if step not in filled]
    assert not added or not left or min(added) >= max(left)


def test_equal_steps_are_filled_from_the_first_on() -> None:
    even = checked_pattern([0.25] * STEPS)
    assert sorted(played(VoiceState(pattern=even, fill=0.5))) == [0, 1, 2, 3]


def test_what_cannot_sound_is_not_filled() -> None:
    assert not played(VoiceState(pattern=checked_pattern([0.0] * STEPS), fill=1.0))
    assert not played(VoiceState(pattern=RAMP, mute=True, fill=1.0))


def test_probability_and_chaos_hold_no_fill_back() -> None:
    voice = VoiceState(pattern=RAMP, threshold=1.0, probability=1.0, fill=1.0)
    assert len(played(voice)) == 8


def test_a_full_pattern_gets_ratchets() -> None:
    full = VoiceState(pattern=RAMP, threshold=0.0, fill=1.0, ratchet=4)
    state = engine_state_of(full)
    sequencer = Sequencer(3)
    hits = [
        len(notes(sequencer.tick(Tick(tick, 0, 1_000_000), state)))
        for tick in range(STEPS * TICKS_PER_STEP)
    ]
    assert set(hits) == {0, 1, 4}
    assert 2 <= hits.count(4) <= 14


@given(patterns, st.floats(0.2, 0.8), st.integers(1, 30), st.booleans())
def test_after_a_fill_the_pattern_goes_on_as_if_it_had_not_been(
    pattern: object, threshold: float, until: int, by_gate: bool
) -> None:
    voice = VoiceState(
        pattern=pattern,
        threshold=threshold,
        groove=0.0,
        advance_by_gate=by_gate,
        pitches=tuple(range(60, 68)),
    )
    plain, filled = played(voice, 40), played(voice, 40, {0.0: 1.0, float(until): 0.0})
    assert {s: n for s, n in plain.items() if s >= until} == {
        s: n for s, n in filled.items() if s >= until
    }
    assert set(plain) <= set(filled)
