"""The functions of the sequencer: grid, swing, micro-timing, notes, gates, random numbers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.pattern import STEPS
from firmware.engine.sequencer import (
    MS_NS,
    due_ticks,
    first_step,
    gate_ns,
    grid_tick,
    sounding_note,
    swung_ticks,
)
from firmware.engine.state import GateMode, VoiceState
from firmware.engine.step_decision import StepRandom
from tests.firmware.playing import engine_state_of, pattern_of

PITCHES = tuple(range(60, 68))


EVERY_STEP = VoiceState(pattern=pattern_of(range(STEPS)), pitches=PITCHES)


DIVISIONS = st.integers(-16, 16).filter(lambda division: division not in {0, -1})


@pytest.mark.parametrize(
    ("step", "division", "tick"),
    [(0, 1, 0), (5, 1, 120), (5, 2, 240), (5, -3, 40), (1, -5, 4), (4, -5, 19), (3, 16, 1152)],
)
def test_steps_lie_on_the_grid(step: int, division: int, tick: int) -> None:
    assert grid_tick(step, division) == tick


@given(st.integers(0, 10**6), DIVISIONS)
def test_the_first_step_from_a_step_on_is_that_step(step: int, division: int) -> None:
    tick = grid_tick(step, division)
    assert first_step(tick, division) == step
    assert first_step(tick + 1, division) == step + 1 or division < 0


@pytest.mark.parametrize(
    ("tick", "division", "step"),
    [(0, 1, 0), (1, 1, 1), (24, 1, 1), (25, 1, 2), (49, 2, 2), (8, -3, 1), (9, -3, 2)],
)
def test_first_step(tick: int, division: int, step: int) -> None:
    assert first_step(tick, division) == step


@pytest.mark.parametrize(
    ("position", "swing", "expected"),
    [
        (0, 0.75, 0),
        (12, 0.5, 12),
        (12, 0.75, 18),
        (24, 0.75, 36),
        (36, 0.75, 42),
        (48, 0.75, 48),
        (72, 0.6, 76.8),
        (-24, 0.75, -12),
    ],
)
def test_swing_bends_pairs_of_sixteenths(
    position: float, swing: float, expected: float
) -> None:
    assert swung_ticks(position, swing) == pytest.approx(expected)


@given(st.floats(0, 10**4), st.floats(0.01, 10), st.floats(0.5, 0.75))
def test_swing_keeps_the_order(position: float, apart: float, swing: float) -> None:
    assert swung_ticks(position, swing) < swung_ticks(position + apart, swing)


@pytest.mark.parametrize(
    ("changes", "step", "expected"),
    [
        ({}, 1, 30),
        ({"groove": 0.5}, 1, 27),
        ({"groove": 0.0}, 1, 24),
        ({"rotation": 2}, 3, 78),
        ({"rotation": 2}, 1, 24),
        ({"length": 4}, 5, 126),
        ({"length": 4, "rotation": 3}, 4, 102),
        ({"division": 2}, 1, 60),
        ({"division": -4}, 1, 7.5),
    ],
)
def test_micro_timing_belongs_to_the_step_of_the_pattern(
    changes: dict[str, object], step: int, expected: float
) -> None:
    late = pattern_of(range(STEPS), offset=[0.0, 0.25, *[0.0] * 30])
    assert due_ticks(step, EVERY_STEP._replace(pattern=late, **changes), 0.5) == expected


@pytest.mark.parametrize(
    ("transpose", "scale", "root", "expected"),
    [
        (0, 0, 0, 61),
        (2, 0, 0, 63),
        (0, 1, 0, 60),
        (2, 1, 0, 62),
        (0, 1, 1, 61),
        (60, 0, 0, 109),
    ],
)
def test_a_note_is_transposed_quantised_and_folded(
    transpose: int, scale: int, root: int, expected: int
) -> None:
    voice = EVERY_STEP._replace(transpose=transpose)
    assert sounding_note(voice, 1, engine_state_of(voice, scale=scale, root=root)) == expected


@pytest.mark.parametrize(
    ("mode", "gate", "room_ms", "expected_ms"),
    [
        (GateMode.SHARE, 0.5, 100, 50),
        (GateMode.SHARE, 1.0, 100, 99),
        (GateMode.SHARE, 0.0, 100, 1),
        (GateMode.SHARE, 1.0, 1.5, 0.75),
        (GateMode.TRIGGER, 5.0, 100, 5),
        (GateMode.TRIGGER, 0.25, 100, 0.25),
        (GateMode.TRIGGER, 5.0, 4, 3),
        (GateMode.TRIGGER, 5.0, 1, 0.5),
    ],
)
def test_gate_lengths(mode: GateMode, gate: float, room_ms: float, expected_ms: float) -> None:
    voice = VoiceState(gate_mode=mode, gate=gate)
    room_ns = round(room_ms * MS_NS)
    assert gate_ns(voice, room_ns, tie=False) == round(expected_ms * MS_NS)


def test_a_tied_gate_reaches_over_the_next_step() -> None:
    assert gate_ns(VoiceState(), 7 * MS_NS, tie=True) == 14 * MS_NS


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((1, 0, 0, 0), [0.883311, 0.049176, 0.724896]),
        ((7, 2, 3, 31), [0.603525, 0.579041, 0.617588]),
        ((2**32 - 1, 1, 1000, 5), [0.140866, 0.767172, 0.244953]),
    ],
)
def test_a_seed_gives_the_same_numbers_in_every_release(
    place: tuple[int, int, int, int], expected: list[float]
) -> None:
    assert [StepRandom(*place).uniform(stream) for stream in range(3)] == pytest.approx(
        expected, abs=1e-6
    )


@given(st.integers(0, 2**32 - 1), st.integers(0, 10**6))
def test_no_two_places_share_a_number(seed: int, cycle: int) -> None:
    rolls = [
        StepRandom(seed, voice, cycle + after, step).uniform(stream)
        for voice in range(3)
        for after in range(2)
        for step in range(STEPS)
        for stream in range(3)
    ]
    assert len(set(rolls)) == len(rolls)
    assert all(0 <= roll < 1 for roll in rolls)


def test_numbers_are_spread_evenly_and_do_not_follow_each_other() -> None:
    rolls = [StepRandom(1, 0, cycle, 0).uniform(0) for cycle in range(10_000)]
    tenths = [sum(n <= 10 * roll < n + 1 for roll in rolls) for n in range(10)]
    assert min(tenths) > 900
    assert max(tenths) < 1100
    rises = sum(before < after for before, after in pairwise(rolls))
    assert rises == pytest.approx(5000, abs=150)
