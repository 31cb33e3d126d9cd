"""The arithmetic of tempo and of clock outputs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.clock import (
    MIDI_PPQN,
    MILLI_BPM_MAX,
    MILLI_BPM_MIN,
    PPQNS,
    TICKS_PER_QUARTER,
    Clock,
    TempoError,
    checked_tempo,
    starts_pulse,
    tempo_of,
    ticks_ns,
)
from firmware.engine.internal_clock import InternalClock


@pytest.mark.parametrize(
    ("ticks", "milli_bpm", "expected_ns"),
    [
        (0, 120_000, 0),
        (1, 120_000, 5_208_333),
        (3, 120_000, 15_625_000),
        (96, 120_000, 500_000_000),
        (96, 20_000, 3_000_000_000),
        (96, 300_000, 200_000_000),
        (7, 133_333, 32_812_582),
        (10_000 * 384, 120_000, 20_000 * 1_000_000_000),
    ],
)
def test_ticks_last(ticks, milli_bpm, expected_ns):
    assert ticks_ns(ticks, milli_bpm) == expected_ns


@given(st.integers(1, 96), st.integers(MILLI_BPM_MIN, MILLI_BPM_MAX))
def test_the_tempo_of_what_ticks_last_is_the_tempo(ticks, milli_bpm):
    assert tempo_of(ticks, ticks_ns(ticks, milli_bpm)) == milli_bpm


@pytest.mark.parametrize("milli_bpm", [MILLI_BPM_MIN, 120_000, MILLI_BPM_MAX])
def test_tempo_in_range_passes(milli_bpm):
    assert checked_tempo(milli_bpm) == milli_bpm


@pytest.mark.parametrize("milli_bpm", [-1, 0, MILLI_BPM_MIN - 1, MILLI_BPM_MAX + 1])
def test_tempo_out_of_range_is_refused_with_the_range(milli_bpm):
    with pytest.raises(TempoError, match="20 to 300"):
        checked_tempo(milli_bpm)


@pytest.mark.parametrize(
    ("ppqn", "first"),
    [
        (1, [0, 96, 192]),
        (2, [0, 48, 96]),
        (4, [0, 24, 48]),
        (8, [0, 12, 24]),
        (MIDI_PPQN, [0, 4, 8]),
        (48, [0, 2, 4]),
    ],
)
def test_clock_out_rises_on(ppqn, first):
    rises = [index for index in range(2 * TICKS_PER_QUARTER + 1) if starts_pulse(index, ppqn)]
    assert rises[:3] == first
    assert len(rises) == 2 * ppqn + 1


@given(st.sampled_from(PPQNS), st.integers(0, 10**9))
def test_a_pulse_starts_once_per_its_ticks(ppqn, index):
    ticks_per_pulse = TICKS_PER_QUARTER // ppqn
    assert sum(starts_pulse(index + tick, ppqn) for tick in range(ticks_per_pulse)) == 1


def test_the_internal_clock_is_a_clock():
    clock: Clock = InternalClock()
    assert not clock.running
