"""MIDI clock and pulses that others follow."""

import pytest

from firmware.engine.clock import Tick
from firmware.engine.clock_output import PULSE_NS, ClockOutput
from firmware.engine.output_event import NO_VOICE, OutputEvent, Trims
from firmware.engine.state import ClockOut, EngineState

TICK_NS = 5_208_333
SILENT = EngineState(clock_out=ClockOut.END_OF_CYCLE)


def at(index: int) -> Tick:
    return Tick(index, index * TICK_NS, TICK_NS)


def midi(output: ClockOutput, index: int) -> bytes:
    events = list(output.tick(at(index), SILENT))
    assert all(event.voice == NO_VOICE for event in events)
    return b"".join(event.content for event in events if isinstance(event.content, bytes))


def test_the_beginning_is_a_start_and_then_comes_the_clock() -> None:
    output = ClockOutput(Trims())
    assert [midi(output, index) for index in range(9)] == [
        *(b"\xfa\xf8", b"", b"", b"", b"\xf8"),
        *(b"", b"", b"", b"\xf8"),
    ]


def test_music_that_goes_on_says_where_on_the_next_sixteenth() -> None:
    output = ClockOutput(Trims())
    midi(output, 0)
    assert output.stop(7) == OutputEvent(7, NO_VOICE, b"\xfc")
    assert midi(output, 4) == b"\xf8"
    assert midi(output, 24 * 130) == b"\xf2\x02\x01\xfb\xf8"
    assert midi(output, 24 * 131) == b"\xf8"


@pytest.mark.parametrize(
    ("what", "ticks"),
    [(ClockOut.CLOCK, [0, 24, 48, 72]), (ClockOut.RESET, [0]), (ClockOut.END_OF_CYCLE, [])],
)
def test_pulses_rise_where_they_should_and_fall_after_5_ms(
    what: ClockOut, ticks: list[int]
) -> None:
    output = ClockOutput(Trims(cv_ns=3))
    state = EngineState(clock_out=what, clock_out_ppqn=4)
    events = [event for index in range(96) for event in output.tick(at(index), state)]
    pulses = [event for event in events if isinstance(event.content, bool)]
    assert [a.time_ns for a in pulses if a.content] == [n * TICK_NS + 3 for n in ticks]
    assert [a.time_ns for a in pulses if not a.content] == [
        n * TICK_NS + 3 + PULSE_NS for n in ticks
    ]


def test_a_cycle_gives_a_pulse_only_where_it_is_asked_for() -> None:
    output = ClockOutput(Trims())
    assert [a.content for a in output.cycle(5, SILENT)] == [True, False]
    assert list(output.cycle(5, EngineState(clock_out=ClockOut.CLOCK))) == []
