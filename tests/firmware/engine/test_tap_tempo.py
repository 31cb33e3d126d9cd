"""Tap tempo."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.tap_tempo import TapTempo

MS = 1_000_000


def tapped(*taps_ms):
    tempo = TapTempo()
    return [tempo.tap(tap_ms * MS) for tap_ms in taps_ms]


@pytest.mark.parametrize(
    ("taps_ms", "expected"),
    [
        ((0,), [None]),
        ((0, 500), [None, 120_000]),
        ((0, 500, 1010, 1500), [None, 120_000, 118_812, 120_000]),
        ((7, 1007, 2007), [None, 60_000, 60_000]),
        # One hasty tap among steady ones does not count for more than the others.
        ((0, 500, 1000, 1500, 1900, 2400), [None, 120_000, 120_000, 120_000, 120_000, 120_000]),
        # The switch bounces.
        ((0, 500, 503, 560, 1000), [None, 120_000, 120_000, 120_000, 120_000]),
        # Another tempo: the first tap of it begins anew.
        ((0, 500, 1000, 1300, 1600), [None, 120_000, 120_000, None, 200_000]),
        # A pause of more than a beat at 20 BPM.
        ((0, 500, 1000, 5000, 6000), [None, 120_000, 120_000, None, 60_000]),
        ((0, 3001, 3501), [None, None, 120_000]),
        # Faster and slower than the clock goes.
        ((0, 150), [None, 300_000]),
        ((0, 3000), [None, 20_000]),
    ],
)
def test_taps_make_a_tempo(taps_ms, expected):
    assert tapped(*taps_ms) == expected


def test_only_the_last_four_intervals_count():
    slow = [1000 * n for n in range(6)]
    slightly_faster = [5000 + 900 * n for n in range(1, 5)]
    assert tapped(*slow, *slightly_faster)[-1] == round(60_000_000 / 900)


@given(st.integers(200, 3000), st.lists(st.integers(-20, 20), min_size=3, max_size=20))
def test_unsteady_hands_stay_near_the_beat(interval_ms, errors_ms):
    taps = tapped(*(n * interval_ms + error for n, error in enumerate(errors_ms)))
    slowest, fastest = (60_000_000 / max(interval_ms + way * 40, 1) for way in (1, -1))
    for tempo in taps:
        assert tempo is None or min(slowest, 300_000) - 1 <= tempo <= max(fastest, 20_000) + 1


@given(st.lists(st.integers(0, 10**12)))
def test_any_taps_give_a_tempo_in_range_or_none(taps_ns):
    tempo = TapTempo()
    for tap_ns in sorted(taps_ns):
        milli_bpm = tempo.tap(tap_ns)
        assert milli_bpm is None or 20_000 <= milli_bpm <= 300_000
