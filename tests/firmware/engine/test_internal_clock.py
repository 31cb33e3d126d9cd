"""The internal clock: every tick once, at its time, whatever is done to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.clock import TempoError, Tick, ticks_ns
from firmware.engine.internal_clock import InternalClock

MS = 1_000_000
TEMPI = st.integers(20_000, 300_000)


def indices(ticks):
    return [tick.index for tick in ticks]


def test_first_ticks_at_120_bpm():
    clock = InternalClock()
    clock.start(1000)
    assert clock.advance(16 * MS) == [
        Tick(0, 1000, 5_208_333),
        Tick(1, 5_209_333, 5_208_333),
        Tick(2, 10_417_666, 5_208_333),
        Tick(3, 15_626_000, 5_208_333),
    ]
    assert clock.next_deadline_ns == 1000 + ticks_ns(4, 120_000)
    assert clock.advance(16 * MS) == []


def test_nothing_before_the_start_or_before_it_is_due():
    clock = InternalClock()
    assert clock.next_deadline_ns is None
    assert clock.advance(10**12) == []
    clock.start(10**12)
    assert clock.advance(10**12 - 1) == []


def test_stop_holds_the_position_and_resume_plays_on_at_once():
    clock = InternalClock()
    clock.start(0)
    assert indices(clock.advance(10 * MS)) == [0, 1]
    clock.stop(10 * MS)
    assert not clock.running
    assert clock.advance(900 * MS) == []
    clock.resume(1000 * MS)
    assert clock.running
    assert clock.advance(1000 * MS) == [Tick(2, 1000 * MS, 5_208_333)]


def test_a_clock_that_never_ran_resumes_from_tick_0():
    clock = InternalClock()
    clock.resume(MS)
    assert clock.advance(MS) == [Tick(0, MS, 5_208_333)]


def test_resume_while_running_changes_nothing():
    clock = InternalClock()
    clock.start(0)
    clock.advance(0)
    clock.resume(3 * MS)
    assert clock.next_deadline_ns == 5_208_333


def test_start_again_is_tick_0_at_once():
    clock = InternalClock()
    clock.start(0)
    clock.advance(100 * MS)
    clock.start(101 * MS)
    assert clock.advance(101 * MS) == [Tick(0, 101 * MS, 5_208_333)]


def test_reset_is_tick_0_with_the_next_tick():
    clock = InternalClock()
    clock.start(0)
    clock.advance(100 * MS)
    deadline_ns = clock.next_deadline_ns
    clock.reset(101 * MS)
    assert clock.advance(deadline_ns - 1) == []
    assert clock.advance(deadline_ns) == [Tick(0, deadline_ns, 5_208_333)]


def test_immediate_reset_is_tick_0_at_once():
    clock = InternalClock()
    clock.start(0)
    clock.advance(100 * MS)
    clock.reset(101 * MS, immediate=True)
    assert clock.advance(101 * MS) == [Tick(0, 101 * MS, 5_208_333)]


@pytest.mark.parametrize("immediate", [False, True])
def test_reset_while_stopped_stays_silent_and_resumes_from_0(immediate):
    clock = InternalClock()
    clock.start(0)
    clock.advance(100 * MS)
    clock.stop(100 * MS)
    clock.reset(101 * MS, immediate=immediate)
    assert clock.advance(200 * MS) == []
    clock.resume(300 * MS)
    assert indices(clock.advance(300 * MS)) == [0]


@pytest.mark.parametrize("running", [False, True])
def test_locate_moves_the_song(running):
    clock = InternalClock()
    clock.start(0)
    clock.advance(0)
    if not running:
        clock.stop(0)
    clock.locate(384, MS)
    assert clock.running == running
    clock.resume(2 * MS)
    assert indices(clock.advance(6 * MS))[0] == 384


def test_a_slower_tempo_stretches_what_is_left_of_the_tick():
    clock = InternalClock(120_000)
    clock.start(0)
    clock.advance(0)
    clock.set_tempo(60_000, 2_208_333)
    assert clock.next_deadline_ns == 2_208_333 + 2 * 3 * MS
    assert clock.milli_bpm == 60_000
    assert clock.advance(30 * MS) == [
        Tick(1, 8_208_333, 10_416_666),
        Tick(2, 8_208_333 + 10_416_666, 10_416_666),
        Tick(3, 8_208_333 + 20_833_333, 10_416_666),
    ]


def test_the_same_tempo_set_again_moves_no_tick():
    clock = InternalClock()
    clock.start(0)
    times_ns = []
    for now_ns in range(0, 400 * MS, MS):
        times_ns += [tick.time_ns for tick in clock.advance(now_ns)]
        clock.set_tempo(120_000, now_ns)
    assert times_ns == [ticks_ns(n, 120_000) for n in range(len(times_ns))]


def test_a_tempo_out_of_range_is_refused_and_changes_nothing():
    clock = InternalClock()
    clock.start(0)
    with pytest.raises(TempoError):
        clock.set_tempo(300_001, 0)
    assert clock.milli_bpm == 120_000
    with pytest.raises(TempoError):
        InternalClock(19_999)


@pytest.mark.parametrize("action", ["tempo", "start", "immediate", "resume"])
def test_a_command_from_before_the_last_tick_moves_no_tick_before_it(action):
    clock = InternalClock()
    clock.start(0)
    last = clock.advance(100 * MS)[-1]
    match action:
        case "tempo":
            clock.set_tempo(300_000, 40 * MS)
            assert clock.next_deadline_ns > last.time_ns
        case "start":
            clock.start(40 * MS)
        case "immediate":
            clock.reset(40 * MS, immediate=True)
        case "resume":
            clock.stop(40 * MS)
            clock.resume(40 * MS)
    assert clock.advance(200 * MS)[0].time_ns >= last.time_ns


@pytest.mark.soak
def test_no_drift_over_many_bars_polled_coarsely(soak):
    clock = InternalClock(133_333)
    clock.start(0)
    count = 0
    ticks = soak(500, 10_000) * 384
    for now_ns in range(0, ticks_ns(ticks, 133_333), 1_999 * MS):
        for tick in clock.advance(now_ns):
            assert tick.index == count
            assert tick.time_ns == ticks_ns(count, 133_333)
            count += 1
    assert count > ticks - 384 * 2


@pytest.mark.soak
@given(
    st.lists(
        st.tuples(
            st.integers(0, 50 * MS),
            st.sampled_from(["poll", "tempo", "stop", "resume", "edge"]),
            TEMPI,
        )
    )
)
def test_every_tick_once_and_in_time_whatever_happens(script):
    clock = InternalClock()
    clock.start(0)
    now_ns, expected, last_ns = 0, 0, 0
    for wait_ns, action, milli_bpm in script:
        now_ns += wait_ns
        for tick in clock.advance(now_ns):
            assert tick.index == expected
            assert last_ns <= tick.time_ns <= now_ns
            expected, last_ns = expected + 1, tick.time_ns
        if action == "tempo":
            clock.set_tempo(milli_bpm, now_ns)
        elif action != "poll":
            getattr(clock, action)(now_ns)
        if clock.next_deadline_ns is not None:
            assert now_ns <= clock.next_deadline_ns <= now_ns + ticks_ns(1, 20_000) + 1


@given(st.lists(TEMPI, min_size=1, max_size=50), st.integers(1, 999))
def test_phase_is_kept_when_the_tempo_is_swept(tempi, permille):
    """After each change the part of the tick that is left is the part that was left."""
    clock = InternalClock()
    clock.start(0)
    clock.advance(0)
    for milli_bpm in tempi:
        now_ns = clock.next_deadline_ns - ticks_ns(1, clock.milli_bpm) * permille // 1000
        left = (clock.next_deadline_ns - now_ns) * clock.milli_bpm
        clock.set_tempo(milli_bpm, now_ns)
        # Rounded to the nearest nanosecond.
        assert 2 * abs((clock.next_deadline_ns - now_ns) * milli_bpm - left) <= milli_bpm
        clock.advance(clock.next_deadline_ns)
