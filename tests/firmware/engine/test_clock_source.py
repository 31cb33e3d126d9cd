import pytest

from firmware.engine.clock import Clock
from firmware.engine.clock_source import clock_maker
from firmware.engine.external_clock import ExternalClock
from firmware.engine.internal_clock import InternalClock
from firmware.engine.state import ClockSource, EngineState

MS = 1_000_000


def pulses_to_a_quarter(clock: Clock) -> int:
    """Play even pulses; return how many a quarter note takes."""
    clock.start(0)
    count = 0
    while True:
        clock.edge(count * 10 * MS)
        ticks = clock.advance(count * 10 * MS)
        if ticks and ticks[-1].index >= 95:
            return count + 1
        count += 1


def test_the_internal_clock_has_the_state_s_tempo() -> None:
    clock = clock_maker()(EngineState(milli_bpm=90_000))
    assert isinstance(clock, InternalClock)
    assert clock.milli_bpm == 90_000


@pytest.mark.parametrize("source", [ClockSource.JACK, ClockSource.MIDI])
def test_other_clocks_follow_pulses_of_their_rate(source: ClockSource) -> None:
    clock = clock_maker()(EngineState(clock_source=source, clock_in_ppqn=48))
    assert isinstance(clock, ExternalClock)
    expected = 48 if source is ClockSource.JACK else 24
    assert pulses_to_a_quarter(clock) in {expected, expected + 1}


def test_a_clock_without_pulses_waits_after_the_silence_that_was_set() -> None:
    clock = clock_maker(silence_ns=100 * MS)(EngineState(clock_source=ClockSource.JACK))
    clock.resume(0)
    for pulse in range(8):
        clock.edge(pulse * 20 * MS)
        clock.advance(pulse * 20 * MS)
    while (deadline := clock.next_deadline_ns) is not None and deadline < 1_000 * MS:
        clock.advance(deadline)
    assert clock.waiting
