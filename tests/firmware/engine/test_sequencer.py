"""The sequencer by itself: which steps fall on which ticks, and what they sound."""

from collections.abc import Iterable, Iterator

import pytest

from firmware.engine.clock import TICKS_PER_STEP, Tick
from firmware.engine.pattern import STEPS
from firmware.engine.sequencer import (
    GAP_NS,
    Event,
    NoteOff,
    NoteOn,
    Sequencer,
    StepPlayed,
)
from firmware.engine.state import EngineState, GateMode, VoiceState
from tests.firmware.playing import engine_state_of, pattern_of

TICK_NS = 5_000_000
"""A tick at 125 BPM: a whole number, so that shares of a step are exact."""


STEP_NS = TICK_NS * TICKS_PER_STEP


PITCHES = tuple(range(60, 68))


EVERY_STEP = VoiceState(pattern=pattern_of(range(STEPS)), pitches=PITCHES)


def ticks_of(indices: Iterable[int]) -> Iterator[Tick]:
    return (Tick(index, index * TICK_NS, TICK_NS) for index in indices)


def run(
    state: EngineState, indices: Iterable[int], sequencer: Sequencer | None = None
) -> list[Event]:
    """Return the events of ticks, for a sequencer that may have run before."""
    sequencer = sequencer or Sequencer(1)
    return [event for tick in ticks_of(indices) for event in sequencer.tick(tick, state)]


def steps(count: int, first: int = 0) -> range:
    """Return the ticks of whole steps."""
    return range(first * TICKS_PER_STEP, (first + count) * TICKS_PER_STEP)


def note_ons(events: Iterable[Event]) -> list[NoteOn]:
    return [event for event in events if isinstance(event, NoteOn)]


def pitches(events: Iterable[Event]) -> list[int]:
    return [event.note for event in note_ons(events)]


def times(events: Iterable[Event]) -> list[float]:
    """Return when notes begin, in steps."""
    return [(note.tick * TICK_NS + note.offset_ns) / STEP_NS for note in note_ons(events)]


BY_GATE = engine_state_of(
    EVERY_STEP._replace(pattern=pattern_of([0, 3, 6]), advance_by_gate=True)
)


def test_pitches_that_advance_by_gate_go_on_over_the_end_of_the_pattern() -> None:
    assert pitches(run(BY_GATE, steps(3 * STEPS))) == [*PITCHES, PITCHES[0]]


def test_a_return_to_the_first_tick_restarts_the_pitches_that_advance_by_gate() -> None:
    sequencer = Sequencer(1)
    assert pitches(run(BY_GATE, steps(5), sequencer)) == [60, 61]
    assert pitches(run(BY_GATE, steps(7), sequencer)) == [60, 61, 62]


def test_a_move_to_another_place_leaves_the_pitches_that_advance_by_gate() -> None:
    sequencer = Sequencer(1)
    run(BY_GATE, steps(5), sequencer)
    assert pitches(run(BY_GATE, steps(4, first=STEPS), sequencer)) == [62, 63]


@pytest.mark.parametrize(
    ("first_tick", "expected"),
    [(0, [0, 1, 2]), (1, [1, 2]), (24, [1, 2]), (25, [2]), (71, []), (32 * 24, [32, 33, 34])],
)
def test_a_move_plays_on_with_the_first_step_that_lies_there(
    first_tick: int, expected: list[int]
) -> None:
    sequencer = Sequencer(1)
    run(engine_state_of(EVERY_STEP), steps(9), sequencer)
    end = first_tick - first_tick % (STEPS * TICKS_PER_STEP) + 3 * TICKS_PER_STEP
    assert (
        times(run(engine_state_of(EVERY_STEP), range(first_tick, end), sequencer)) == expected
    )


def test_a_move_takes_the_divided_voice_to_its_own_grid() -> None:
    sequencer, slow = Sequencer(1), engine_state_of(EVERY_STEP._replace(division=3))
    run(slow, steps(4), sequencer)
    assert times(run(slow, steps(4, first=10), sequencer)) == [12]


def test_after_a_move_a_new_division_does_not_wait_for_the_steps_before_it() -> None:
    sequencer = Sequencer(1)
    run(engine_state_of(EVERY_STEP), steps(9), sequencer)
    faster = engine_state_of(EVERY_STEP._replace(division=-2))
    assert times(run(faster, steps(1, first=2), sequencer)) == [2, 2.5]


@pytest.mark.parametrize(
    ("before", "after", "at_tick", "expected"),
    [
        (1, 2, 25, [0, 1, 2]),
        (2, 1, 25, [0, 2, 3]),
        (1, -2, 25, [0, 1, 1.5, 2, 2.5, 3, 3.5]),
        (-2, 1, 13, [0, 0.5, 1, 2, 3]),
        (1, 3, 24, [0, 3]),
        (3, 1, 1, [0, 1, 2, 3]),
    ],
)
def test_a_division_changed_while_playing_goes_on_on_the_grid(
    before: int, after: int, at_tick: int, expected: list[float]
) -> None:
    sequencer = Sequencer(1)
    first = run(
        engine_state_of(EVERY_STEP._replace(division=before)), range(at_tick), sequencer
    )
    then = engine_state_of(EVERY_STEP._replace(division=after))
    end = 4 * TICKS_PER_STEP
    assert times([*first, *run(then, range(at_tick, end), sequencer)]) == expected


def test_a_step_that_came_early_is_not_played_again_by_a_new_division() -> None:
    early = pattern_of(range(STEPS), offset=[0.0, -0.25, *[0.0] * 30])
    sequencer, voice = Sequencer(1), EVERY_STEP._replace(pattern=early)
    first = run(engine_state_of(voice), range(20), sequencer)
    then = run(engine_state_of(voice._replace(division=-2)), range(20, 48), sequencer)
    # Step 1 came at 0.75; at twice the speed the next half step on the grid is 1.5.
    assert times([*first, *then]) == pytest.approx([0, 0.75, 1.5])


def test_what_is_changed_counts_from_the_next_step_on() -> None:
    sequencer = Sequencer(1)
    late = EVERY_STEP._replace(pattern=pattern_of(range(STEPS), offset=[0.25] * STEPS))
    first = run(engine_state_of(late), range(4), sequencer)
    assert times(first) == []
    assert times(run(engine_state_of(late._replace(groove=0.0)), range(4, 25), sequencer)) == [
        pytest.approx(4 / TICKS_PER_STEP),
        1,
    ]


def test_swing_changed_while_playing_moves_the_step_that_waits() -> None:
    sequencer = Sequencer(1)
    run(engine_state_of(EVERY_STEP), range(12), sequencer)
    swung = run(engine_state_of(EVERY_STEP, swing=0.75), range(12, 48), sequencer)
    assert times(swung) == [1.5]


def test_every_voice_has_a_place_of_its_own() -> None:
    state = engine_state_of(
        EVERY_STEP, EVERY_STEP._replace(division=2), EVERY_STEP._replace(mute=True)
    )
    events = run(state, steps(4), Sequencer(3))
    assert [note.voice for note in note_ons(events)] == [0, 1, 0, 0, 1, 0]
    passed = [event.voice for event in events if isinstance(event, StepPlayed)]
    assert passed == [0, 1, 2, 0, 2, 0, 1, 2, 0, 2]


def test_passed_steps_are_given_whether_they_sound_or_not() -> None:
    voice = EVERY_STEP._replace(pattern=pattern_of([1]), length=3, rotation=1)
    events = run(engine_state_of(voice), steps(4))
    passed = [(e.step, e.wrapped) for e in events if isinstance(e, StepPlayed)]
    assert passed == [(2, True), (0, False), (1, False), (2, True)]
    assert times(events) == [2]


def test_a_tick_that_was_prepared_gives_the_same_and_changes_nothing() -> None:
    voice = EVERY_STEP._replace(advance_by_gate=True, ratchet_chance=0.5, probability=0.5)
    state, sequencer, plain = engine_state_of(voice, voice, voice), Sequencer(3), Sequencer(3)
    for tick in ticks_of(steps(9)):
        prepared = sequencer.prepare_tick(tick, state)
        assert prepared == sequencer.prepare_tick(tick, state)
        assert prepared == sequencer.tick(tick, state) == plain.tick(tick, state)


def test_a_tick_out_of_order_cannot_be_prepared() -> None:
    sequencer = Sequencer(1)
    run(engine_state_of(EVERY_STEP), steps(1), sequencer)
    (wrong,), (right,) = ticks_of([48]), ticks_of([24])
    assert sequencer.prepare_tick(wrong, engine_state_of(EVERY_STEP)) == []
    assert sequencer.prepare_tick(right, engine_state_of(EVERY_STEP)) != []


TIED = EVERY_STEP._replace(pattern=pattern_of([0, 1]), gate_mode=GateMode.TIE)


def test_a_tie_is_passed_to_the_next_note_and_ended_where_none_comes() -> None:
    events = run(engine_state_of(TIED), steps(6))
    assert [note.tied for note in note_ons(events)] == [False, True]
    assert [e for e in events if isinstance(e, NoteOff)] == [NoteOff(0, 48, 0)]


def test_a_ratchet_is_never_tied_and_slides_with_its_first_hit() -> None:
    voice = TIED._replace(ratchet=4, ratchet_chance=1.0, slides=0xFF)
    events = note_ons(run(engine_state_of(voice), steps(2)))
    assert [note.tied for note in events] == [False] * 8
    assert [note.slide for note in events] == [True, False, False, False] * 2
    assert times(events) == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]


def test_a_ratchet_that_begins_within_a_tie_takes_it_over_once() -> None:
    sequencer = Sequencer(1)
    run(engine_state_of(TIED), steps(1), sequencer)
    hits = run(engine_state_of(TIED._replace(ratchet_chance=1.0)), steps(1, first=1), sequencer)
    assert [note.tied for note in note_ons(hits)] == [True, False]


def test_the_chance_of_a_ratchet_is_met_over_many_steps() -> None:
    voice = EVERY_STEP._replace(ratchet=2, ratchet_chance=0.25)
    hits = len(note_ons(run(engine_state_of(voice, seed=1), steps(2000))))
    assert (hits - 2000) / 2000 == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(("slides", "expected"), [(0, []), (0b1, [0]), (0b10000100, [2, 7])])
def test_each_pitch_has_its_slide(slides: int, expected: list[int]) -> None:
    events = run(engine_state_of(EVERY_STEP._replace(slides=slides)), steps(8))
    assert [n for n, note in enumerate(note_ons(events)) if note.slide] == expected


@pytest.mark.parametrize(("accent", "accented"), [(0.89, True), (0.9, False), (1.0, False)])
def test_an_accent_is_a_velocity_above_the_threshold(accent: float, accented: bool) -> None:
    (note,) = note_ons(run(engine_state_of(EVERY_STEP._replace(accent=accent)), range(1)))
    assert (note.velocity, note.accent) == (0.9, accented)


def test_steps_that_micro_timing_brings_together_still_have_a_gap_each() -> None:
    offset = [0.5 if step % 2 else -0.4999 for step in range(STEPS)]
    voice = EVERY_STEP._replace(pattern=pattern_of(range(STEPS), offset=offset), gate=1.0)
    events = note_ons(run(engine_state_of(voice._replace(division=-16)), steps(4)))
    assert len(events) >= 60
    assert min(note.length_ns for note in events) == GAP_NS


def test_freeze_keeps_the_cycle_whose_random_numbers_played() -> None:
    voice = EVERY_STEP._replace(
        pattern=pattern_of(range(STEPS), level=0.6), probability=1.0, length=16
    )
    sequencer, state = Sequencer(1), engine_state_of(voice, seed=5)
    cycles = [
        [n % 16 for n in times(run(state._replace(freeze=n > 1), steps(16, 16 * n), sequencer))]
        for n in range(4)
    ]
    assert cycles[0] != cycles[1] == cycles[2] == cycles[3]
