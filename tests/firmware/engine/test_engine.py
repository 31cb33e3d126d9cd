"""Golden performances under virtual time."""

import pytest

from firmware.engine.engine import Engine
from firmware.engine.state import (
    Command,
    CommandKind,
    EngineState,
    GateMode,
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


def test_plays_the_pattern_with_pitches_velocity_and_half_step_gates() -> None:
    voice = VOICE._replace(pitches=(60, 61, 62, 63, 64, 65, 66, 67))
    played = notes(perform(engine_state_of(voice), 2 * BAR_NS))
    assert played == [
        (0, 0.5, 60, 114),
        (3, 3.5, 63, 114),
        (6, 6.5, 66, 114),
        (16, 16.5, 60, 114),
    ]


def test_writes_all_four_channels_at_once_and_holds_the_pitch() -> None:
    voice = VoiceState(pattern=pattern_of([1]), pitches=(72,) * 8)
    written = levels(perform(engine_state_of(voice), BAR_NS))
    assert [(in_steps(time), level) for time, level in written] == [
        (1, Levels(1.0, pytest.approx(4.5), 5.0, 5.0)),
        (1.5, Levels(1.0, pytest.approx(4.5), 0.0, 0.0)),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [0, 3, 6, 16]),
        ({"length": 4}, [0, 3, 4, 7, 8, 11, 12, 15, 16, 19]),
        ({"length": 7}, [0, 3, 6, 7, 10, 13, 14, 17]),
        ({"rotation": 2}, [2, 5, 8, 18]),
        ({"length": 4, "rotation": 1}, [0, 1, 4, 5, 8, 9, 12, 13, 16, 17]),
        ({"division": 2}, [0, 6, 12]),
        ({"division": -2}, [0, 1.5, 3, 8, 16, 17.5, 19]),
        ({"mute": True}, []),
        ({"threshold": 0.95}, []),
        ({"threshold": 0.05}, list(range(20))),
    ],
)
def test_length_rotation_division_mute_and_threshold(
    changes: dict[str, object], expected: list[float]
) -> None:
    voice = VOICE._replace(**changes)
    assert starts(perform(engine_state_of(voice), 20 * STEP_NS)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("swing", "expected"),
    [(0.5, [0, 1, 2, 3]), (0.6, [0, 1.2, 2, 3.2]), (0.75, [0, 1.5, 2, 3.5])],
)
def test_swing_delays_every_second_sixteenth(swing: float, expected: list[float]) -> None:
    voice = VoiceState(pattern=pattern_of(range(32)))
    played = starts(perform(engine_state_of(voice, swing=swing), 4 * STEP_NS))
    assert played == pytest.approx(expected)


def test_micro_timing_plays_early_and_late_and_clips_the_very_first_to_the_grid() -> None:
    offset = [-0.25, 0.5, -0.4] + [0.0] * 29
    voice = VoiceState(pattern=pattern_of([0, 1, 2], offset=offset))
    played = starts(perform(engine_state_of(voice), 33 * STEP_NS))
    assert played == pytest.approx([0, 1.5, 1.6, 31.75])
    half = starts(perform(engine_state_of(voice._replace(groove=0.5)), 33 * STEP_NS))
    assert half == pytest.approx([0, 1.25, 1.8, 31.875], abs=1e-5)


def test_the_widest_swing_and_timing_keep_steps_in_order() -> None:
    offset = [0.5 if step % 2 else -0.4999 for step in range(32)]
    voice = VoiceState(pattern=pattern_of(range(32), offset=offset))
    played = starts(perform(engine_state_of(voice, swing=0.75), 8 * BAR_NS))
    assert played == sorted(played)
    assert len(played) == 129


@pytest.mark.parametrize(
    ("gate_mode", "gate", "expected"),
    [
        (GateMode.SHARE, 0.25, [(0, 0.25), (1, 1.25), (4, 4.25)]),
        (GateMode.SHARE, 1.0, [(0, 0.992), (1, 1.992), (4, 4.992)]),
        (GateMode.TRIGGER, 5.0, [(0, 0.04), (1, 1.04), (4, 4.04)]),
        (GateMode.TIE, 0.5, [(0, 1), (1, 2), (4, 5)]),
    ],
)
def test_gates(gate_mode: GateMode, gate: float, expected: list[tuple[float, float]]) -> None:
    voice = VoiceState(pattern=pattern_of([0, 1, 4]), gate_mode=gate_mode, gate=gate)
    played = notes(perform(engine_state_of(voice), BAR_NS))
    assert [note.start for note in played] == [start for start, _ in expected]
    assert [note.end for note in played] == pytest.approx([end for _, end in expected])


def test_a_tie_keeps_the_gate_up_into_the_next_step() -> None:
    voice = VoiceState(pattern=pattern_of([0, 1]), gate_mode=GateMode.TIE, pitches=(60, 72) * 4)
    written = levels(perform(engine_state_of(voice), BAR_NS))
    assert [(in_steps(time), level.pitch, level.gate) for time, level in written] == [
        (0, 0.0, 5.0),
        (1, 1.0, 5.0),
        (2, 1.0, 0.0),
    ]


def test_a_ratchet_divides_the_step_and_lets_the_gate_fall_between() -> None:
    voice = VoiceState(pattern=pattern_of([2]), ratchet=3, ratchet_chance=1.0)
    played = notes(perform(engine_state_of(voice), BAR_NS))
    assert [note.start for note in played] == pytest.approx([2, 2 + 1 / 3, 2 + 2 / 3], abs=1e-5)
    assert [note.end for note in played] == pytest.approx([2 + 1 / 6, 2.5, 2 + 5 / 6], abs=1e-5)


def test_pitches_advance_by_sounding_gate_when_asked() -> None:
    voice = VOICE._replace(pitches=(60, 61, 62, 63, 64, 65, 66, 67), advance_by_gate=True)
    played = notes(perform(engine_state_of(voice), 48 * STEP_NS))
    assert [note.note for note in played] == [60, 61, 62, 63, 64, 65, 66]


def test_the_quantiser_transposes_then_keeps_to_the_scale() -> None:
    voice = VoiceState(
        pattern=pattern_of(range(8)), pitches=(60, 61, 62, 63, 64, 65, 66, 67), transpose=2
    )
    played = notes(perform(engine_state_of(voice, scale=1, root=0), 8 * STEP_NS))
    assert [note.note for note in played[:7]] == [62, 62, 64, 65, 65, 67, 67]


def test_a_slide_reaches_the_pitch_in_small_steps() -> None:
    voice = VoiceState(pattern=pattern_of([0, 1]), pitches=(60, 72) * 4, slides=0b10)
    volts = [
        level.pitch
        for time, level in levels(perform(engine_state_of(voice), BAR_NS))
        if time >= STEP_NS
    ]
    assert volts[0] == 0.0
    assert volts[-1] == 1.0
    assert volts == sorted(volts)
    assert len(volts) >= 30


def test_probability_and_chaos_repeat_with_the_seed_and_differ_between_passes() -> None:
    pattern = pattern_of(range(32), level=0.6)
    state = engine_state_of(VoiceState(pattern=pattern, probability=1.0), chaos=0.5, seed=7)
    first, again = (starts(perform(state, 8 * BAR_NS)) for _ in range(2))
    other = starts(perform(state._replace(seed=8), 8 * BAR_NS))
    passes = [[s % 32 for s in first if 32 * k <= s < 32 * k + 32] for k in range(4)]
    assert first == again != other
    assert len({tuple(steps) for steps in passes}) == 4


def test_freeze_repeats_the_pass_that_was_playing() -> None:
    pattern = pattern_of(range(32), level=0.6)
    state = engine_state_of(VoiceState(pattern=pattern, probability=1.0), chaos=0.5, seed=7)
    frozen = [(40 * STEP_NS, lambda p, now: p.set_state(state._replace(freeze=True), now))]
    played = starts(perform(state, 160 * STEP_NS, frozen))
    passes = [[s % 32 for s in played if 32 * k <= s < 32 * k + 32] for k in range(1, 5)]
    assert passes[0] == passes[1] == passes[2] == passes[3]


@pytest.mark.parametrize(
    ("quantum", "expected"),
    [(Quantum.STEP, [0, 5, 7]), (Quantum.BEAT, [0, 9, 11]), (Quantum.BAR, [0, 17, 19])],
)
def test_a_new_pattern_lands_on_the_quantum(quantum: Quantum, expected: list[int]) -> None:
    before = engine_state_of(VoiceState(pattern=pattern_of([0])), quantum=quantum)
    odd = VoiceState(pattern=pattern_of(range(1, 32, 2)))
    after = before._replace(voices=(odd, *before.voices[1:]))
    turn = [(round(4.5 * STEP_NS), lambda p, now: p.set_state(after, now))]
    assert starts(perform(before, 40 * STEP_NS, turn))[:3] == expected


def test_a_recall_lands_whole_and_a_threshold_at_once() -> None:
    before = engine_state_of(
        VoiceState(pattern=pattern_of([0], level=0.4)), quantum=Quantum.BEAT
    )
    louder = before.voices[0]._replace(threshold=0.05)
    at_once = before._replace(voices=(louder, *before.voices[1:]))
    recalled = at_once._replace(recall=1, milli_bpm=60_000)

    def take(state: EngineState) -> list[tuple[int, object]]:
        return [(round(4.5 * STEP_NS), lambda p, now: p.set_state(state, now))]

    assert starts(perform(before, 10 * STEP_NS, take(at_once))) == [5, 6, 7, 8, 9]
    assert starts(perform(before, 13 * STEP_NS, take(recalled))) == [8, 10, 12]


def test_stopping_ends_the_note_and_the_song_goes_on_where_it_stopped() -> None:
    state = engine_state_of(
        VoiceState(pattern=pattern_of(range(32)), pitches=tuple(range(60, 68)))
    )
    actions = [*stopped_at(state, 2.25), (10 * STEP_NS, lambda p, now: p.set_state(state, now))]
    played = notes(perform(state, round(11.5 * STEP_NS), actions))
    assert played[2][:3] == (2, 2.25, 62)
    assert played[3].note == 63


def test_reset_begins_again_with_the_first_step() -> None:
    state = engine_state_of(VoiceState(pattern=pattern_of([0, 1])))
    reset = [(5 * STEP_NS + 1, lambda p, now: p.command(Command(CommandKind.RESET, now), now))]
    played = starts(perform(state, 8 * STEP_NS, reset))
    assert played[:2] == [0, 1]
    assert played[2] == pytest.approx(5, abs=0.05)
    assert played[3] == pytest.approx(played[2] + 1)


def test_nothing_moves_before_the_first_state() -> None:
    engine = Engine(internal)
    assert engine.next_deadline_ns is None
    assert engine.advance(10**12) == []


def test_before_the_first_step_it_is_nowhere() -> None:
    report = Engine(internal).report()
    assert (report.running, report.tick, report.steps) == (False, 0, (-1, -1, -1))


def test_a_note_after_a_tie_that_was_silenced_begins_anew() -> None:
    voice = VoiceState(pattern=pattern_of([0, 1, 2]), gate_mode=GateMode.TIE, pitches=(60,) * 8)
    state = engine_state_of(voice)
    again = [*stopped_at(state, 0.5), (4 * STEP_NS, lambda p, now: p.set_state(state, now))]
    events = perform(state, 6 * STEP_NS, again)
    assert starts(events)[:2] == [0, 4.5]
    gates = [(in_steps(time_ns), now.gate > 0) for time_ns, now in levels(events)]
    assert gates[:3] == [(0, True), (0.5, False), (4.5, True)]
