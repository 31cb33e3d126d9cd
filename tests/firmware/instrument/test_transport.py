import pytest

from firmware.engine.state import Report
from firmware.instrument.transport import TransportPosition

S_NS = 1_000_000_000
MS_NS = 1_000_000


@pytest.mark.parametrize(
    ("tick", "milli_bpm", "ms", "expected"), [(0, 120_000, 500, 96.0), (96, 60_000, 500, 144)]
)
def test_the_song_is_reckoned_on(tick: int, milli_bpm: int, ms: int, expected: float) -> None:
    song = TransportPosition()
    song.take(Report(running=True, milli_bpm=milli_bpm, tick=tick), 0)
    assert song.tick_at(ms * MS_NS) == pytest.approx(expected, abs=0.01)


def test_a_stopped_song_stays_where_it_is() -> None:
    song = TransportPosition()
    song.take(Report(running=False, milli_bpm=120_000, tick=17), 0)
    assert song.tick_at(S_NS) == 17


@pytest.mark.parametrize(
    ("tick", "ms"), [(0, 1937.5), (192, 937.5), (371, 5.208), (372, 0), (373, 1994.8)]
)
def test_a_bar_is_prepared_half_a_step_before_it(tick: int, ms: float) -> None:
    song = TransportPosition()
    song.take(Report(running=True, milli_bpm=120_000, tick=tick), 0)
    assert song.bar_ns(0) == pytest.approx(ms * MS_NS, abs=0.01 * MS_NS + 1)


def test_a_stopped_song_needs_no_bar() -> None:
    assert TransportPosition().bar_ns(5) == 5
