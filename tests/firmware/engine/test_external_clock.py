"""The clock that follows pulses: the faults of real clocks, one by one, at every rate."""

from bisect import bisect_right
from itertools import accumulate
from statistics import pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.clock import PPQNS, Clock, Faults, TempoError, Tick
from firmware.engine.external_clock import ExternalClock
from tests.firmware.pulse_train import MS, following, jittered, play, steady

ON_EDGE = (1, 2, 4)
SMOOTHED = (8, 24, 48)
HEARTBEAT_NS = 500 * MS


def started(ppqn, **settings):
    clock = ExternalClock(ppqn, **settings)
    clock.start(0)
    return clock


def indices(ticks):
    return [tick.index for tick in ticks]


def per_pulse(ppqn):
    return 96 // ppqn


def ideal_ns(pulses_ns, ppqn, index):
    """When a tick belongs, by the clean pulses on both sides of it."""
    pulse, tick = divmod(index, per_pulse(ppqn))
    start_ns, end_ns = pulses_ns[pulse : pulse + 2]
    return start_ns + (end_ns - start_ns) * tick // per_pulse(ppqn)


def errors_ms(ticks, pulses_ns, ppqn, from_index=0):
    last_index = (len(pulses_ns) - 1) * per_pulse(ppqn)
    return [
        (tick.time_ns - ideal_ns(pulses_ns, ppqn, tick.index)) / MS
        for tick in ticks
        if from_index <= tick.index < last_index
    ]


def percentile_95(errors):
    return sorted(map(abs, errors))[len(errors) * 19 // 20]


def assert_none_lost(ticks, pulses_ns, ppqn):
    """Every tick once, and as many as the true pulses say."""
    assert indices(ticks) == list(range(len(ticks)))
    ahead = len(ticks) - 1 - (len(pulses_ns) - 1) * per_pulse(ppqn)
    # The tick of a smoothed pulse may be due a little after its edge, the last of the train.
    early = 1 if ppqn in SMOOTHED else 0
    assert -early <= ahead < per_pulse(ppqn)


def test_it_is_a_clock():
    clock: Clock = ExternalClock(4)
    assert not clock.running


@pytest.mark.parametrize("ppqn", PPQNS)
def test_a_clean_clock_is_followed_to_the_tick(ppqn):
    pulses_ns = steady(8 * ppqn + 1, ppqn)
    clock = started(ppqn)
    ticks = play(clock, pulses_ns)
    assert_none_lost(ticks, pulses_ns, ppqn)
    assert max(map(abs, errors_ms(ticks, pulses_ns, ppqn))) < 0.001
    assert clock.locked
    assert clock.milli_bpm == pytest.approx(120_000, abs=1)
    assert clock.faults == Faults()


@pytest.mark.parametrize("ppqn", PPQNS)
def test_the_first_edge_fires_at_once_before_the_tempo_is_known(ppqn):
    clock = started(ppqn)
    assert clock.waiting
    assert clock.next_deadline_ns is None
    clock.edge(7 * MS)
    ticks = clock.advance(7 * MS)
    assert [(tick.index, tick.time_ns) for tick in ticks] == [(0, 7 * MS)]
    assert not clock.waiting
    assert not clock.locked


@pytest.mark.parametrize("ppqn", PPQNS)
def test_until_the_tempo_is_known_it_holds_before_the_next_pulse(ppqn):
    clock = started(ppqn, milli_bpm=240_000)
    ticks = play(clock, [0], until_ns=10_000 * MS)
    assert indices(ticks) == list(range(per_pulse(ppqn)))
    assert ticks[0].period_ns == pytest.approx(HEARTBEAT_NS / 2 / 96, abs=1)
    assert clock.waiting


@pytest.mark.parametrize("ppqn", ON_EDGE)
@pytest.mark.parametrize("jitter_ms", [0, 2, 10])
def test_slow_pulses_fire_on_their_edge(ppqn, jitter_ms):
    edges_ns = jittered(steady(40 * ppqn, ppqn), jitter_ms)
    ticks = play(started(ppqn), edges_ns)
    on_edge = [tick.time_ns for tick in ticks if tick.index % per_pulse(ppqn) == 0]
    assert on_edge == edges_ns


@pytest.mark.parametrize("ppqn", SMOOTHED)
@pytest.mark.parametrize("seed", range(3))
def test_fast_pulses_lose_three_quarters_of_their_jitter(ppqn, seed):
    pulses_ns = steady(100 * ppqn, ppqn)
    edges_ns = jittered(pulses_ns, 2, seed)
    clock = started(ppqn)
    ticks = play(clock, edges_ns)
    assert_none_lost(ticks, pulses_ns, ppqn)
    came = [(edge - pulse) / MS for edge, pulse in zip(edges_ns, pulses_ns, strict=True)]
    gave = errors_ms(ticks, pulses_ns, ppqn, from_index=96 * 16)
    assert pstdev(gave) < pstdev(came) / 4
    assert percentile_95(gave) < percentile_95(came) / 4
    assert clock.faults == Faults()
    assert clock.milli_bpm == pytest.approx(120_000, rel=0.005)


@pytest.mark.parametrize("swing", [0.3, 0.4, 0.55, 0.6, 2 / 3, 0.7])
@pytest.mark.parametrize("jitter_ms", [0, 0.5])
def test_a_swung_clock_fires_on_its_edges_and_has_the_tempo_of_its_pairs(swing, jitter_ms):
    straight_ns = steady(80, 4)
    late_ns = round((2 * swing - 1) * HEARTBEAT_NS / 4)
    swung_ns = [pulse_ns + pulse % 2 * late_ns for pulse, pulse_ns in enumerate(straight_ns)]
    edges_ns = jittered(swung_ns, jitter_ms)
    clock = started(4)
    ticks = play(clock, edges_ns)
    assert_none_lost(ticks, edges_ns, 4)
    assert [tick.time_ns for tick in ticks if tick.index % 24 == 0] == edges_ns
    assert clock.faults == Faults()
    assert clock.milli_bpm == pytest.approx(120_000, rel=0.01)


def missed(edges_ns, at, _period_ns):
    return edges_ns[:at] + edges_ns[at + 1 :]


def doubled(edges_ns, at, period_ns):
    return [*edges_ns[: at + 1], edges_ns[at] + period_ns // 10, *edges_ns[at + 1 :]]


def stray(edges_ns, at, period_ns):
    return [*edges_ns[: at + 1], edges_ns[at] + period_ns * 4 // 10, *edges_ns[at + 1 :]]


def late(edges_ns, at, period_ns):
    return [*edges_ns[:at], edges_ns[at] + period_ns * 3 // 10, *edges_ns[at + 1 :]]


def early(edges_ns, at, period_ns):
    return [*edges_ns[:at], edges_ns[at] - period_ns * 3 // 10, *edges_ns[at + 1 :]]


@pytest.mark.parametrize("ppqn", PPQNS)
@pytest.mark.parametrize("jitter_ms", [0, 1])
@pytest.mark.parametrize(
    ("fault", "counted"),
    [
        (missed, Faults(missed=1)),
        (doubled, Faults(doubled=1)),
        (stray, Faults(outliers=1)),
        (late, Faults()),
        (early, Faults()),
    ],
)
@pytest.mark.parametrize("at_beat", [4, 9])
def test_one_bad_pulse_costs_no_tick_and_is_over_in_two_beats(
    ppqn, jitter_ms, fault, counted, at_beat
):
    pulses_ns = steady(20 * ppqn, ppqn)
    edges_ns = fault(jittered(pulses_ns, jitter_ms), at_beat * ppqn, HEARTBEAT_NS // ppqn)
    clock = started(ppqn)
    ticks = play(clock, edges_ns)
    assert_none_lost(ticks, pulses_ns, ppqn)
    assert clock.faults == counted
    after = errors_ms(ticks, pulses_ns, ppqn, from_index=96 * (at_beat + 2))
    assert max(map(abs, after)) < 0.5 + 3 * jitter_ms


@pytest.mark.parametrize("ppqn", PPQNS)
@pytest.mark.parametrize("jitter_ms", [0, 1])
@pytest.mark.parametrize("factor", [0.8, 1 / 1.2, 1.2, 1.25])
def test_a_jump_of_a_fifth_costs_no_tick_and_is_over_in_two_beats(ppqn, jitter_ms, factor):
    pulses_ns = following(lambda beat: 120 if beat < 8 else 120 * factor, 20 * ppqn, ppqn)
    clock = started(ppqn)
    ticks = play(clock, jittered(pulses_ns, jitter_ms))
    assert_none_lost(ticks, pulses_ns, ppqn)
    assert clock.faults == Faults()
    after = errors_ms(ticks, pulses_ns, ppqn, from_index=96 * 10)
    assert max(map(abs, after)) < 0.5 + 3 * jitter_ms
    assert clock.milli_bpm == pytest.approx(120_000 * factor, rel=0.01 + jitter_ms * 0.05)


@pytest.mark.parametrize("ppqn", PPQNS)
@pytest.mark.parametrize("jitter_ms", [0, 1])
@pytest.mark.parametrize("beats", [8, 32])
@pytest.mark.parametrize(("from_bpm", "to_bpm"), [(90, 150), (150, 90)])
def test_a_ramp_costs_no_tick_and_is_followed(ppqn, jitter_ms, beats, from_bpm, to_bpm):
    def bpm(beat):
        return from_bpm + (to_bpm - from_bpm) * min(max(beat - 8, 0) / beats, 1)

    pulses_ns = following(bpm, (beats + 20) * ppqn, ppqn)
    clock = started(ppqn)
    ticks = play(clock, jittered(pulses_ns, jitter_ms))
    assert_none_lost(ticks, pulses_ns, ppqn)
    assert clock.faults == Faults()
    after = errors_ms(ticks, pulses_ns, ppqn, from_index=96 * (8 + beats + 2))
    assert max(map(abs, after)) < 0.5 + 3 * jitter_ms
    if ppqn in SMOOTHED:
        during = errors_ms(ticks, pulses_ns, ppqn, from_index=96 * 4)
        assert max(map(abs, during)) < 5 + 3 * jitter_ms


@pytest.mark.parametrize("ppqn", PPQNS)
@pytest.mark.parametrize("factor", [0.25, 1 / 3, 0.5, 0.6, 1.7, 2, 3, 4])
def test_after_any_jump_the_count_is_that_of_the_true_pulses(ppqn, factor):
    pulses_ns = following(lambda beat: 120 if beat < 8 else 120 * factor, 24 * ppqn, ppqn)
    clock = started(ppqn)
    ticks = play(clock, pulses_ns)
    last = (len(pulses_ns) - 1) * per_pulse(ppqn)
    assert ticks[-1].index == last
    assert ticks[-1].time_ns == pytest.approx(pulses_ns[-1], abs=MS)
    assert set(range(last)) <= set(indices(ticks))
    assert clock.milli_bpm == pytest.approx(120_000 * factor, rel=0.01)


@pytest.mark.parametrize("ppqn", PPQNS)
def test_when_the_clock_stops_at_most_one_pulse_is_played_through_and_taken_back(ppqn):
    before_ns = steady(4 * ppqn, ppqn)
    again_ns = steady(4 * ppqn, ppqn, bpm=100, start_ns=before_ns[-1] + 10_000 * MS)
    clock = started(ppqn)
    ticks = play(clock, before_ns, until_ns=again_ns[0] - 1)
    assert len(ticks) <= (4 * ppqn + 1) * per_pulse(ppqn)
    assert clock.waiting
    assert not clock.locked
    assert clock.running
    assert clock.next_deadline_ns is None
    clock.edge(again_ns[0])
    first = clock.advance(again_ns[0])[0]
    assert (first.index, first.time_ns) == (4 * ppqn * per_pulse(ppqn), again_ns[0])
    ticks = play(clock, again_ns[1:])
    assert ticks[-1].index == pytest.approx(96 * 8 - per_pulse(ppqn), abs=1)
    assert clock.milli_bpm == pytest.approx(100_000, rel=0.001)
    assert clock.faults == Faults(reread=1)


@pytest.mark.parametrize("ppqn", PPQNS)
@pytest.mark.parametrize("silence_ms", [100, 5_000])
def test_it_waits_after_the_set_silence_and_two_and_a_half_pulses(ppqn, silence_ms):
    edges_ns = steady(4 * ppqn, ppqn)
    clock = started(ppqn, silence_ns=silence_ms * MS)
    expected_ns = edges_ns[-1] + max(silence_ms * MS, 5 * HEARTBEAT_NS // ppqn // 2)
    play(clock, edges_ns, until_ns=expected_ns - 10_000)
    assert not clock.waiting
    play(clock, [], until_ns=expected_ns + 10_000)
    assert clock.waiting


@pytest.mark.parametrize("ppqn", PPQNS)
def test_a_freewheeling_clock_plays_on_and_takes_the_nearest_pulse(ppqn):
    pulses_ns = steady(32 * ppqn, ppqn)
    edges_ns = pulses_ns[: 8 * ppqn] + pulses_ns[24 * ppqn :]
    clock = started(ppqn, freewheel=True)
    ticks = play(clock, edges_ns)
    assert_none_lost(ticks, pulses_ns, ppqn)
    after = errors_ms(ticks, pulses_ns, ppqn, from_index=96 * 9)
    assert max(map(abs, after)) < 0.1
    assert clock.faults == Faults(missed=16 * ppqn)
    assert not clock.waiting


@pytest.mark.parametrize("ppqn", PPQNS)
def test_reset_lets_the_song_play_to_the_next_edge_which_is_tick_0(ppqn):
    edges_ns = steady(8 * ppqn, ppqn)
    at = 5 * ppqn
    reset_ns = (edges_ns[at - 1] + edges_ns[at]) // 2
    clock = started(ppqn)
    ticks = play(clock, edges_ns[:at], until_ns=reset_ns)
    clock.reset(reset_ns)
    ticks += play(clock, [], until_ns=edges_ns[at] - 1)
    assert indices(ticks) == list(range(at * per_pulse(ppqn)))
    clock.edge(edges_ns[at])
    (tick,) = clock.advance(edges_ns[at] + 1000)
    assert tick.index == 0
    assert tick.time_ns == pytest.approx(edges_ns[at], abs=1000)
    ticks = play(clock, edges_ns[at + 1 :])
    assert indices(ticks) == list(range(1, len(ticks) + 1))
    assert len(ticks) == pytest.approx(3 * 96 - per_pulse(ppqn), abs=1)
    assert clock.faults == Faults()


@pytest.mark.parametrize("ppqn", PPQNS)
@pytest.mark.parametrize("after_us", [1, 500, 1000])
@pytest.mark.parametrize("immediate", [False, True])
def test_an_edge_just_before_a_reset_is_read_again_as_tick_0(ppqn, after_us, immediate):
    edges_ns = steady(4 * ppqn, ppqn)
    clock = started(ppqn)
    play(clock, edges_ns)
    now_ns = edges_ns[-1] + after_us * 1000
    clock.reset(now_ns, immediate=immediate)
    ticks = clock.advance(now_ns)
    assert indices(ticks) == [0]
    assert edges_ns[-1] - 1000 <= ticks[0].time_ns <= now_ns
    next_ns = edges_ns[-1] + HEARTBEAT_NS // ppqn
    ticks = play(clock, [next_ns], until_ns=next_ns + 1000)
    assert indices(ticks) == list(range(1, per_pulse(ppqn) + 1))


@pytest.mark.parametrize("ppqn", PPQNS)
def test_an_edge_longer_before_a_reset_stays_what_it_was(ppqn):
    edges_ns = steady(4 * ppqn, ppqn)
    clock = started(ppqn)
    play(clock, edges_ns)
    clock.reset(edges_ns[-1] + 1_001_000)
    assert 0 not in indices(clock.advance(edges_ns[-1] + 1_001_000))


@pytest.mark.parametrize("ppqn", PPQNS)
def test_an_edge_reported_late_but_older_than_the_reset_is_not_tick_0(ppqn):
    edges_ns = steady(4 * ppqn, ppqn)
    clock = started(ppqn)
    play(clock, edges_ns[:-1])
    clock.reset(edges_ns[-1] + 2 * MS)
    clock.edge(edges_ns[-1])
    assert 0 not in indices(clock.advance(edges_ns[-1] + 2 * MS))
    next_ns = edges_ns[-1] + HEARTBEAT_NS // ppqn
    assert indices(play(clock, [next_ns], until_ns=next_ns + 1000))[-1] == 0


@pytest.mark.parametrize("ppqn", PPQNS)
@pytest.mark.parametrize(("edge_us", "pulse"), [(500, 0), (1000, 0), (3000, 1)])
def test_immediate_reset_is_tick_0_at_once_and_an_edge_just_after_is_the_same(
    ppqn, edge_us, pulse
):
    edges_ns = steady(4 * ppqn + 2, ppqn)
    reset_ns = edges_ns[-2] - edge_us * 1000
    clock = started(ppqn)
    play(clock, edges_ns[:-2], until_ns=reset_ns)
    clock.reset(reset_ns, immediate=True)
    assert [(t.index, t.time_ns) for t in clock.advance(reset_ns)] == [(0, reset_ns)]
    ticks = play(clock, edges_ns[-2:], until_ns=edges_ns[-1] + 1000)
    assert indices(ticks) == list(range(1, (pulse + 1) * per_pulse(ppqn) + 1))


def test_reset_in_a_pause_makes_the_next_edge_tick_0():
    edges_ns = steady(16, 4)
    clock = started(4)
    play(clock, edges_ns, until_ns=9_000 * MS)
    clock.reset(9_000 * MS)
    assert clock.waiting
    clock.edge(9_100 * MS)
    assert indices(clock.advance(9_100 * MS)) == [0]


@pytest.mark.parametrize("ppqn", [4, *SMOOTHED])
def test_a_stop_lasts_whole_pulses_and_loses_no_tick(ppqn):
    pulses_ns = steady(20 * ppqn, ppqn)
    clock = started(ppqn)
    stop_ns = pulses_ns[4 * ppqn] + HEARTBEAT_NS // ppqn // 2
    resume_ns = pulses_ns[9 * ppqn] + HEARTBEAT_NS // ppqn // 3
    ticks = play(clock, pulses_ns[: 4 * ppqn + 1], until_ns=stop_ns)
    clock.stop(stop_ns)
    assert not clock.running
    assert play(clock, pulses_ns[4 * ppqn + 1 : 9 * ppqn + 1], until_ns=resume_ns) == []
    assert clock.locked
    clock.resume(resume_ns)
    assert clock.waiting
    ticks += play(clock, pulses_ns[9 * ppqn + 1 :])
    assert indices(ticks) == list(range(len(ticks)))
    by_index = {tick.index: tick.time_ns for tick in ticks}
    first_of_next = (4 * ppqn + 1) * per_pulse(ppqn)
    assert by_index[first_of_next] == pytest.approx(pulses_ns[9 * ppqn + 1], abs=1000)


@pytest.mark.parametrize(
    ("ppqn", "stop_tick", "pulse"), [(1, 40, 4), (1, 80, 5), (2, 13, 4), (2, 30, 5)]
)
def test_the_pulse_in_which_steps_were_left_is_resumed_on_the_grid(ppqn, stop_tick, pulse):
    pulses_ns = steady(12, ppqn)
    clock = started(ppqn)
    stop_ns = pulses_ns[4] + HEARTBEAT_NS // 96 * stop_tick + MS
    ticks = play(clock, pulses_ns[:5], until_ns=stop_ns)
    last = ticks[-1].index
    assert last == 4 * per_pulse(ppqn) + stop_tick
    clock.stop(stop_ns)
    play(clock, pulses_ns[5:7], until_ns=pulses_ns[7] - 2 * MS)
    clock.resume(pulses_ns[7] - 2 * MS)
    ticks = play(clock, pulses_ns[7:])
    assert ticks[0].index == last + 1
    on_grid = {tick.index: tick.time_ns for tick in ticks}
    assert on_grid[(pulse + 1) * per_pulse(ppqn)] == pulses_ns[8]


def test_resume_while_running_and_stop_while_stopped_change_nothing():
    edges_ns = steady(16, 4)
    clock = started(4)
    ticks = []
    for edge_ns in edges_ns:
        ticks += play(clock, [edge_ns])
        clock.resume(edge_ns)
    assert_none_lost(ticks, edges_ns, 4)
    clock.stop(edges_ns[-1])
    clock.stop(edges_ns[-1])
    clock.resume(edges_ns[-1] + 5 * MS)
    clock.edge(edges_ns[-1] + 125 * MS)
    assert indices(clock.advance(edges_ns[-1] + 125 * MS))[-1] == 16 * 24


def test_it_is_silent_before_a_start_but_learns_the_tempo():
    clock = ExternalClock(24, milli_bpm=60_000)
    edges_ns = missed(doubled(steady(48, 24), 40, HEARTBEAT_NS // 24), 30, 0)
    assert play(clock, edges_ns) == []
    assert clock.milli_bpm == pytest.approx(120_000, abs=1)
    assert clock.faults == Faults()


def test_an_edge_reported_after_a_start_but_older_is_not_its_first():
    clock = ExternalClock(4)
    edges_ns = steady(9, 4)
    play(clock, edges_ns[:7])
    clock.start(edges_ns[7] + 2 * MS)
    clock.edge(edges_ns[7])
    assert clock.waiting
    assert clock.advance(edges_ns[7] + 3 * MS) == []
    clock.edge(edges_ns[8])
    assert indices(clock.advance(edges_ns[8])) == [0]


def test_a_reset_before_a_stop_holds_after_it():
    clock = started(4)
    edges_ns = steady(9, 4)
    play(clock, edges_ns[:7], until_ns=edges_ns[6] + 9 * MS)
    clock.reset(edges_ns[6] + 9 * MS)
    clock.stop(edges_ns[6] + 10 * MS)
    clock.resume(edges_ns[7] + 10 * MS)
    clock.edge(edges_ns[8])
    assert indices(clock.advance(edges_ns[8])) == [0]


def test_a_midi_start_takes_the_next_clock_never_the_one_before():
    clock = ExternalClock(24, grace_ns=0)
    edges_ns = steady(25, 24)
    play(clock, edges_ns[:24])
    clock.start(edges_ns[23])
    assert clock.advance(edges_ns[23] + MS) == []
    clock.edge(edges_ns[24])
    assert indices(clock.advance(edges_ns[24] + 1000)) == [0]


def test_a_midi_continue_goes_on_with_the_next_clock():
    clock = ExternalClock(24, grace_ns=0)
    clock.start(0)
    edges_ns = steady(10, 24)
    play(clock, edges_ns)
    clock.stop(edges_ns[-1] + MS)
    again_ns = steady(10, 24, start_ns=edges_ns[-1] + 3_000 * MS)
    clock.resume(again_ns[0] - MS)
    ticks = play(clock, again_ns, until_ns=again_ns[-1] + 1000)
    assert ticks[0].index == 37
    assert ticks[-1].index == 19 * 4
    at = {tick.index: tick.time_ns for tick in ticks}
    assert [at[40 + 4 * n] for n in range(10)] == pytest.approx(again_ns, abs=1000)


@pytest.mark.parametrize("running", [False, True])
def test_a_song_position_is_played_from_with_the_next_clock(running):
    clock = ExternalClock(24, grace_ns=0)
    edges_ns = steady(10, 24)
    clock.start(0)
    play(clock, edges_ns)
    if not running:
        clock.stop(edges_ns[-1])
    clock.locate(7 * 24, edges_ns[-1] + 1)
    assert clock.running is running
    clock.resume(edges_ns[-1] + 2)
    assert clock.advance(edges_ns[-1] + 20 * MS) == []
    clock.edge(edges_ns[-1] + 21 * MS)
    assert indices(clock.advance(edges_ns[-1] + 21 * MS))[0] == 7 * 24


def test_a_set_tempo_is_assumed_only_until_edges_tell():
    clock = started(4, milli_bpm=60_000)
    clock.edge(0)
    clock.advance(0)
    clock.set_tempo(240_000, MS)
    assert clock.next_deadline_ns == pytest.approx(HEARTBEAT_NS / 2 / 96, abs=1)
    play(clock, [125 * MS, 250 * MS])
    clock.set_tempo(30_000, 251 * MS)
    assert clock.milli_bpm == 120_000
    with pytest.raises(TempoError):
        clock.set_tempo(301_000, 252 * MS)


@pytest.mark.parametrize("ppqn", PPQNS)
@pytest.mark.parametrize("bpm", [20, 60, 300])
def test_the_whole_range_of_tempi_locks_from_any_assumption(ppqn, bpm):
    pulses_ns = steady(12 * ppqn, ppqn, bpm)
    clock = started(ppqn)
    ticks = play(clock, pulses_ns)
    assert_none_lost(ticks, pulses_ns, ppqn)
    assert clock.milli_bpm == pytest.approx(bpm * 1000, rel=0.001)
    assert clock.faults == Faults()


@pytest.mark.soak
@pytest.mark.parametrize("ppqn", PPQNS)
def test_no_drift_when_the_pulse_is_no_whole_number(ppqn, soak):
    bars = soak(50, 10_000)
    pulses_ns = steady(bars * 4 * ppqn, ppqn, bpm=133.3)
    clock = started(ppqn)
    for pulse, edge_ns in enumerate(pulses_ns):
        for tick in play(clock, [edge_ns], until_ns=edge_ns + 1000):
            last = tick
        if pulse > ppqn:
            assert last.index == pulse * per_pulse(ppqn)
            assert abs(last.time_ns - edge_ns) < 1000


@st.composite
def trains(draw):
    """A steady clock with faults five or more pulses apart: what came, and what was true."""
    ppqn = draw(st.sampled_from(PPQNS))
    bpm = draw(st.integers(40, 240))
    pulses_ns = steady(draw(st.integers(20, 60)), ppqn, bpm)
    period_ns = pulses_ns[1] - pulses_ns[0]
    jitter_ms = draw(st.sampled_from([0, 1])) * min(2, period_ns / MS / 20)
    edges_ns = jittered(pulses_ns, jitter_ms, draw(st.integers(0, 99)))
    at = len(edges_ns) - draw(st.integers(5, 9))
    while at > 8:
        fault = draw(st.sampled_from([missed, doubled, stray, late, early]))
        edges_ns = fault(edges_ns, at, period_ns)
        at -= draw(st.integers(5, 12))
    return ppqn, pulses_ns, edges_ns


@pytest.mark.soak
@given(trains(), st.lists(st.integers(1, 40 * MS), max_size=300))
def test_the_count_is_that_of_the_true_pulses_whenever_it_is_asked(train, polls_ns):
    ppqn, pulses_ns, edges_ns = train
    clock = started(ppqn)
    wakes_ns = sorted([*accumulate(polls_ns, initial=pulses_ns[0] - 5 * MS), pulses_ns[-1]])
    edges_ns = sorted(edges_ns, reverse=True)
    ticks = []
    for now_ns in wakes_ns:
        while edges_ns and edges_ns[-1] <= now_ns:
            clock.edge(edges_ns.pop())
        ticks += clock.advance(now_ns)
        true = bisect_right(pulses_ns, now_ns)
        assert indices(ticks) == list(range(len(ticks)))
        assert (true - 2) * per_pulse(ppqn) <= len(ticks) <= (true + 2) * per_pulse(ppqn)
    assert clock.faults.reread == 0


COMMANDS = ("start", "stop", "resume", "reset", "immediate", "locate", "tempo")
SCRIPTS = st.lists(
    st.tuples(
        st.one_of(
            st.integers(0, 3 * MS),
            st.sampled_from([20_833_333, 125 * MS, 500 * MS, 4_000 * MS]),
        ),
        st.sampled_from(("poll", "edge", "edge", "edge", "late edge", *COMMANDS)),
    ),
    max_size=80,
)


def do(clock, action, now_ns):
    match action:
        case "edge":
            clock.edge(now_ns)
        case "late edge":
            clock.edge(now_ns - MS // 2)
        case "immediate":
            clock.reset(now_ns, immediate=True)
        case "locate":
            clock.locate(17 * 24, now_ns)
        case "tempo":
            clock.set_tempo(200_000, now_ns)
        case "start" | "stop" | "resume" | "reset":
            getattr(clock, action)(now_ns)


@pytest.mark.soak
@given(st.sampled_from(PPQNS), st.booleans(), st.sampled_from([0, MS]), SCRIPTS)
def test_whatever_happens_ticks_come_once_in_order_and_not_before_they_are_due(
    ppqn, freewheel, grace_ns, script
):
    clock = ExternalClock(ppqn, freewheel=freewheel, grace_ns=grace_ns)
    clock.start(0)
    now_ns, last, commands, jumps = 1_000 * MS, Tick(-1, 0, 0), 0, 0
    for wait_ns, action in script:
        now_ns += wait_ns
        do(clock, action, now_ns)
        commands += action in COMMANDS
        ticks = clock.advance(now_ns)
        assert clock.advance(now_ns) == []
        assert clock.running or not ticks
        for tick in ticks:
            assert last.time_ns <= tick.time_ns <= now_ns
            assert tick.period_ns > 0
            jumps += tick.index != last.index + 1
            last = tick
        assert jumps <= commands + clock.faults.reread
        assert clock.next_deadline_ns is None or clock.next_deadline_ns > now_ns
        assert clock.waiting <= (clock.next_deadline_ns is None)


@pytest.mark.soak
@given(st.lists(st.sampled_from([0, 0, 0, 1, 3, 20, 21, 400]), max_size=120))
def test_bytes_that_were_held_up_and_come_at_once_tell_no_tempo(gaps_ms):
    clock = ExternalClock(24, exact=True)
    clock.start(0)
    now_ns = 0
    for gap_ms in gaps_ms:
        now_ns += gap_ms * MS
        clock.edge(now_ns)
        ticks = clock.advance(now_ns)
        assert all(tick.period_ns > 0 for tick in ticks)
        assert 0 < clock.milli_bpm <= 600_000


@pytest.mark.parametrize("ppqn", PPQNS)
def test_the_next_pulse_is_expected_where_it_plays_at_once_and_is_known(ppqn):
    period_ns = 500 * MS // ppqn
    clock = started(ppqn, silence_ns=100 * MS)
    expected = []
    for pulse_ns in range(0, 4 * period_ns, period_ns):
        clock.advance(pulse_ns)
        clock.edge(pulse_ns)
        expected.append(clock.next_pulse_ns)
    unlocked, known = expected[:2], [3 * period_ns, 4 * period_ns]
    assert unlocked == [None, None]
    assert expected[2:] == (known if ppqn in ON_EDGE else [None, None])
    clock.advance(10**12)
    assert clock.waiting
    assert clock.next_pulse_ns is None
