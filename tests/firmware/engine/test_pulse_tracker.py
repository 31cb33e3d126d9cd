"""Which pulse each edge is taken for."""

import pytest

from firmware.engine.pll import EdgeFollower, PhaseLock
from firmware.engine.pulse_tracker import PulseCount, Reading

MS = 1_000_000
FIRST, NEXT, MISSED = Reading.FIRST, Reading.NEXT, Reading.MISSED
DOUBLED, OUTLIER, RECOUNTED = Reading.DOUBLED, Reading.OUTLIER, Reading.RECOUNTED


def read(edges_ms, *, freewheel=False):
    """Return the readings of edges at 4 ppqn, about 100 ms apart, and the count after each."""
    count = PulseCount(EdgeFollower(125 * MS), 4, freewheel=freewheel)
    return [(count.read(round(edge_ms * MS)), count.pulses) for edge_ms in edges_ms]


@pytest.mark.parametrize(
    ("after_four", "expected"),
    [
        ([400, 500], [(NEXT, 5), (NEXT, 6)]),
        ([449, 500, 600], [(NEXT, 5), (NEXT, 6), (NEXT, 7)]),
        ([440, 500, 600], [(NEXT, 5), (NEXT, 6), (NEXT, 7)]),
        ([360, 500, 600], [(NEXT, 5), (NEXT, 6), (NEXT, 7)]),
        ([500, 600], [(MISSED, 6), (NEXT, 7)]),
        ([310, 400], [(DOUBLED, 4), (NEXT, 5)]),
        ([301, 302, 303, 400], [(DOUBLED, 4)] * 3 + [(NEXT, 5)]),
        ([340, 400, 500], [(OUTLIER, 4), (NEXT, 5), (NEXT, 6)]),
        ([349, 400, 500], [(OUTLIER, 4), (NEXT, 5), (NEXT, 6)]),
        ([370, 400, 500], [(NEXT, 5), (OUTLIER, 5), (NEXT, 6)]),
        # Twice as fast: believed at the third even interval, and counted as it was.
        ([349, 398, 447, 496], [(OUTLIER, 4), (NEXT, 5), (RECOUNTED, 7), (NEXT, 8)]),
        # Half as fast: believed at the second, and the pulses that never were are taken back.
        ([500, 700, 900], [(MISSED, 6), (RECOUNTED, 6), (NEXT, 7)]),
        # A pause begins anew; the second edge after it tells the tempo.
        ([900, 1300, 1700], [(FIRST, 5), (NEXT, 6), (NEXT, 7)]),
    ],
)
def test_edges_after_four_clean_ones(after_four, expected):
    assert read([0, 100, 200, 300, *after_four])[4:] == expected


def test_a_freewheeling_count_takes_the_nearest_pulse_and_never_goes_back():
    edges_ms = [0, 100, 200, 300, 910, 1000, 1200, 1400]
    readings = read(edges_ms, freewheel=True)
    assert readings[4:6] == [(MISSED, 10), (NEXT, 11)]
    assert [count for _, count in readings] == sorted(count for _, count in readings)
    assert readings[-1] == (RECOUNTED, 14)


def test_rest_forgets_the_edges_and_keeps_the_tempo():
    count = PulseCount(EdgeFollower(125 * MS), 4, freewheel=False)
    for edge_ms in (0, 100, 200):
        count.read(edge_ms * MS)
    count.rest()
    assert not count.locked
    assert count.follower.period_ns == 100 * MS
    assert count.read(290 * MS) is FIRST
    assert count.pulses == 4


@pytest.mark.parametrize(("interval_ms", "reading"), [(24, DOUBLED), (26, NEXT)])
def test_before_the_tempo_is_known_only_the_impossible_is_a_double(interval_ms, reading):
    assert read([0, interval_ms])[1][0] is reading


def test_an_exact_count_takes_every_edge_for_the_next_pulse() -> None:
    count = PulseCount(PhaseLock(20 * MS), 24, freewheel=False, exact=True)
    late = [0, 20, 40, 60, 118, 118, 120, 121, 140, 160, 300, 301, 302, 303, 400, 400, 400, 400]
    for pulse, time_ms in enumerate(late, 1):
        assert count.read(time_ms * MS) in {Reading.FIRST, Reading.NEXT}
        assert count.pulses == pulse
        assert count.follower.period_ns >= 4 * MS
