"""The two followers: what they make of edges."""

from statistics import pstdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.pll import EdgeFollower, Follower, PhaseLock
from tests.firmware.pulse_train import MS, jittered, steady

PERIOD_NS = 20_833_333


def follow(follower: Follower, edges_ns):
    follower.restart(edges_ns[0], follower.period_ns)
    for edge_ns in edges_ns[1:]:
        follower.follow(edge_ns, 1)
        yield follower.phase_ns, follower.period_ns


@pytest.mark.parametrize("make", [EdgeFollower, PhaseLock])
@given(assumed_ns=st.integers(MS, 3_000 * MS), period_ns=st.integers(MS, 3_000 * MS))
def test_two_edges_tell_the_period_whatever_was_assumed(make, assumed_ns, period_ns):
    follower = make(assumed_ns)
    assert list(follow(follower, [5, 5 + period_ns]))[-1] == (5 + period_ns, period_ns)


@pytest.mark.parametrize("make", [EdgeFollower, PhaseLock])
@given(period_ns=st.integers(MS, 3_000 * MS))
def test_steady_edges_are_followed_exactly(make, period_ns):
    edges_ns = [n * period_ns for n in range(300)]
    for edge_ns, (phase_ns, _) in zip(edges_ns[1:], follow(make(1), edges_ns), strict=True):
        assert phase_ns == edge_ns


@pytest.mark.parametrize("make", [EdgeFollower, PhaseLock])
def test_a_missed_edge_is_two_periods(make):
    follower = make(PERIOD_NS)
    list(follow(follower, [n * PERIOD_NS for n in range(5)]))
    follower.follow(6 * PERIOD_NS, 2)
    assert (follower.phase_ns, follower.period_ns) == (6 * PERIOD_NS, PERIOD_NS)


@pytest.mark.parametrize("late_percent", [-40, 40])
def test_one_late_edge_does_not_change_the_median_period(late_percent):
    edges_ns = [n * PERIOD_NS for n in range(12)]
    edges_ns[6] += PERIOD_NS * late_percent // 100
    periods_ns = [period_ns for _, period_ns in follow(EdgeFollower(1), edges_ns)]
    assert set(periods_ns) == {PERIOD_NS}


@pytest.mark.parametrize("late_percent", [-40, 40])
def test_one_late_edge_hardly_moves_a_settled_lock(late_percent):
    edges_ns = [n * PERIOD_NS for n in range(60)]
    edges_ns[40] += PERIOD_NS * late_percent // 100
    found = list(follow(PhaseLock(1), edges_ns))
    for edge_ns, (phase_ns, period_ns) in zip(edges_ns[41:], found[40:], strict=True):
        assert abs(phase_ns - edge_ns) < PERIOD_NS // 100
        assert abs(period_ns - PERIOD_NS) < PERIOD_NS // 200


@pytest.mark.parametrize("factor", [0.6, 0.8, 1.25, 1.5])
def test_a_new_tempo_is_learnt_in_a_few_edges(factor):
    before_ns = [n * PERIOD_NS for n in range(60)]
    period_ns = round(PERIOD_NS * factor)
    after_ns = [before_ns[-1] + n * period_ns for n in range(1, 5)]
    phase_ns, found_ns = list(follow(PhaseLock(1), before_ns + after_ns))[-1]
    assert abs(phase_ns - after_ns[-1]) < 1000
    assert abs(found_ns - period_ns) < 1000


@pytest.mark.parametrize("seed", range(5))
def test_jitter_shrinks_with_the_number_of_edges(seed):
    edges_ns = steady(1000, 24)
    found = list(follow(PhaseLock(1), jittered(edges_ns, 2, seed)))
    errors_ns = [phase - edge for (phase, _), edge in zip(found, edges_ns[1:], strict=True)]
    one_ns = 2 * MS / 3**0.5
    assert pstdev(errors_ns[100:]) < one_ns / 5
    assert pstdev(errors_ns[30:100]) < one_ns / 2


def settled(edges: int, period_ns: int = PERIOD_NS) -> PhaseLock:
    """Return a lock that has followed so many clean edges."""
    lock = PhaseLock(period_ns)
    lock.restart(0, period_ns)
    for edge in range(1, edges):
        lock.follow(edge * period_ns, 1)
    return lock


def moved_ns(edges: int, late_ns: int) -> tuple[int, int]:
    """Return how far phase and period move for an edge that is late after many clean ones."""
    lock = settled(edges)
    lock.follow(edges * PERIOD_NS + late_ns, 1)
    return lock.phase_ns - edges * PERIOD_NS, lock.period_ns - PERIOD_NS


@pytest.mark.parametrize("seed", range(3))
def test_the_lock_is_the_line_through_all_edges_so_far(seed):
    edges_ns = jittered([n * PERIOD_NS for n in range(90)], 0.2, seed)
    for count, (phase_ns, period_ns) in enumerate(follow(PhaseLock(PERIOD_NS), edges_ns), 2):
        line = np.polynomial.Polynomial.fit(np.arange(count), edges_ns[:count], 1).convert()
        assert phase_ns == pytest.approx(line(count - 1), abs=1000)
        assert period_ns == pytest.approx(line.coef[1], abs=1000)


def test_after_96_edges_the_gains_narrow_no_further():
    late_ns = PERIOD_NS // 50
    gains = (late_ns * 382 // 9312, late_ns * 6 // 9312)
    assert moved_ns(94, late_ns) > gains
    assert moved_ns(95, late_ns) == moved_ns(96, late_ns) == moved_ns(300, late_ns) == gains


def test_an_edge_after_a_missed_one_moves_the_period_by_half():
    one, two = settled(20), settled(20)
    one.follow(20 * PERIOD_NS + MS // 2, 1)
    two.follow(21 * PERIOD_NS + MS // 2, 2)
    assert two.phase_ns - one.phase_ns == PERIOD_NS
    assert two.period_ns - PERIOD_NS == (one.period_ns - PERIOD_NS) // 2


@pytest.mark.parametrize(("edges", "bounded"), [(3, False), (7, False), (8, True), (200, True)])
def test_from_8_edges_on_one_that_is_far_out_counts_as_one_less_far(edges, bounded):
    less_ns, more_ns = PERIOD_NS * 25 // 100, PERIOD_NS * 28 // 100
    assert (moved_ns(edges, less_ns)[0] == moved_ns(edges, more_ns)[0]) is bounded
    assert (moved_ns(edges, -less_ns)[0] == moved_ns(edges, -more_ns)[0]) is bounded


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_clean_clock_s_bound_is_five_128ths_of_the_period(sign):
    bound_ns = 5 * (PERIOD_NS // 128)
    at_bound = moved_ns(400, sign * bound_ns)
    assert at_bound == moved_ns(400, sign * PERIOD_NS // 3)
    assert moved_ns(400, sign * (bound_ns - PERIOD_NS // 100)) != at_bound


@pytest.mark.parametrize("jitter_ms", [0.5, 1, 2])
def test_edges_that_jitter_widen_the_bound(jitter_ms):
    lock = PhaseLock(PERIOD_NS)
    list(follow(lock, jittered([n * PERIOD_NS for n in range(300)], jitter_ms)))
    before_ns = lock.phase_ns
    lock.follow(lock.phase_ns + lock.period_ns + PERIOD_NS // 2, 1)
    used_ns = (lock.phase_ns - before_ns - lock.period_ns) * 9312 / 382
    # An edge differs from the one before by 2/3 of the jitter's reach on average.
    assert used_ns == pytest.approx(5 * jitter_ms * MS * 2 / 3, rel=0.5)


@pytest.mark.parametrize(
    ("late_permille", "anew"), [(5, False), (14, False), (20, True), (-14, False), (-20, True)]
)
def test_edges_that_lean_to_one_side_begin_a_new_line(late_permille, anew):
    """The bound is 3/2 of a 128th of the period, 11.7 permille, on a mean of some edges."""
    lock, late_ns = settled(300), PERIOD_NS * late_permille // 1000
    begun = False
    for edge in range(300, 316):
        edge_ns = edge * PERIOD_NS + late_ns
        lock.follow(edge_ns, 1)
        begun |= lock.phase_ns == edge_ns
    assert begun is anew


def test_a_new_line_goes_through_the_last_three_edges_and_weighs_them_as_three():
    lock = settled(300)
    period_ns, edge_ns = PERIOD_NS * 5 // 4, 299 * PERIOD_NS
    for _ in range(2):
        edge_ns += period_ns
        lock.follow(edge_ns, 1)
    assert lock.period_ns == period_ns
    assert lock.phase_ns == edge_ns
    for _ in range(3):
        edge_ns += period_ns
        lock.follow(edge_ns, 1)
    # Three and three make this the seventh edge of the line.
    late_ns = PERIOD_NS // 100
    lock.follow(edge_ns + period_ns + late_ns, 1)
    assert lock.phase_ns - edge_ns - period_ns == late_ns * 26 // 56


def test_a_new_line_counts_the_pulses_between_its_edges():
    lock = settled(300)
    period_ns, edge_ns, pulses = PERIOD_NS * 5 // 4, 299 * PERIOD_NS, (1, 2, 1, 2, 1, 2)
    for count in pulses:
        edge_ns += count * period_ns
        lock.follow(edge_ns, count)
        if lock.period_ns == period_ns:
            break
    assert (lock.phase_ns, lock.period_ns) == (edge_ns, period_ns)


def test_a_pulse_is_late_after_one_smoothed_period_or_1_3_of_the_longer_interval():
    lock, edge = settled(20), EdgeFollower(PERIOD_NS)
    assert lock.late_ns == PERIOD_NS
    assert edge.late_ns == 13 * PERIOD_NS // 10
    edge.restart(0, 100 * MS)
    for time_ms in (100, 200, 360, 460):
        edge.follow(time_ms * MS, 1)
    assert edge.late_ns == 13 * 160 * MS // 10
    edge.follow(560 * MS, 1)
    assert edge.late_ns == 13 * 100 * MS // 10


@pytest.mark.parametrize(
    ("intervals_ms", "period_ms"),
    [
        ([100], 100),
        ([100, 106], 103),
        ([100, 108], 104),
        ([106, 100], 103),
        ([100, 140], 120),
        ([100, 100, 140], 100),
        ([100, 140, 60], 100),
        ([100, 140, 60, 100], 100),
        ([120, 80, 120, 80], 100),
        ([100, 150, 150], 150),
        ([100, 100, 150, 110], 125),
    ],
)
def test_the_period_of_slow_pulses(intervals_ms, period_ms):
    follower, time_ns = EdgeFollower(1), 0
    follower.restart(0, 1)
    for interval_ms in intervals_ms:
        time_ns += interval_ms * MS
        follower.follow(time_ns, 1)
    assert (follower.phase_ns, follower.period_ns) == (time_ns, period_ms * MS)


def test_two_intervals_agree_within_a_sixteenth_of_the_last():
    for last_ns, agree in ((1600, True), (1701, False)):
        follower = EdgeFollower(1)
        list(follow(follower, [0, 1200, 2700, 2700 + last_ns]))
        mean_ns = (1500 + last_ns) // 2
        assert (follower.period_ns == mean_ns) is agree


@pytest.mark.parametrize("make", [EdgeFollower, PhaseLock])
def test_before_the_first_edge_the_phase_is_0(make):
    assert make(PERIOD_NS).phase_ns == 0


@pytest.mark.parametrize("edges", [8, 9, 12])
def test_a_lock_expects_a_jitter_of_a_16th_at_first_and_forgets_a_16th_of_it_per_edge(edges):
    phase_ns, _ = moved_ns(edges, PERIOD_NS // 3)
    jitter_ns = PERIOD_NS / 16 * (15 / 16) ** (edges - 1)
    k = edges + 1
    gain = 2 * (2 * k - 1) / (k * (k + 1))
    assert phase_ns == pytest.approx(5 * jitter_ns * gain, rel=0.002)


@pytest.mark.parametrize(("late_permille", "after"), [(20, 4), (24, 3), (28, 2), (32, 2)])
def test_a_lean_is_a_quarter_of_the_newest_error_and_three_of_those_before(
    late_permille, after
):
    """So a smaller one takes more edges to tell."""
    lock, late_ns = settled(300), PERIOD_NS * late_permille // 1000
    for edge in range(300, 300 + after):
        edge_ns = edge * PERIOD_NS + late_ns
        lock.follow(edge_ns, 1)
        assert (lock.phase_ns == edge_ns) is (edge == 299 + after)


def test_the_period_of_slow_pulses_comes_from_the_last_four_intervals_alone():
    follower, time_ns = EdgeFollower(1), 0
    follower.restart(0, 1)
    for interval_ms in (50, 50, 150, 90, 190):
        time_ns += interval_ms * MS
        follower.follow(time_ns, 1)
    # Pairs of 200, 240 and 280.
    assert follower.period_ns == 120 * MS


def test_several_missed_pulses_count_as_two_intervals():
    follower = EdgeFollower(1)
    follower.restart(0, 1)
    for time_ms, pulses in ((100, 1), (240, 1), (540, 3), (680, 1)):
        follower.follow(time_ms * MS, pulses)
    # Pairs of 240, 200 and 240; a third interval of 100 would make it 200.
    assert follower.period_ns == 120 * MS
