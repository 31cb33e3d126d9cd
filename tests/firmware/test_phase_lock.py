"""The two followers: what they make of edges."""

from statistics import pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.phase_lock import EdgeFollower, Follower, PhaseLock
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
