"""What waits for its time, what leaves before it, and where each kind of output goes."""

import os

import pytest

from firmware.board import constants
from firmware.drivers.cv_outputs import CvOutputs
from firmware.engine.output_event import NO_VOICE, OutputEvent
from firmware.engine.voice import Levels
from firmware.ipc.heartbeat import SharedHeartbeat, create_heartbeat
from firmware.midi.ports import AGAIN_NS, MidiOutput
from firmware.player.output_queue import LATE_NS, OutputQueue
from firmware.simulator.clock import VirtualTime
from firmware.simulator.rack import Rack

NOW_NS, LATER_NS = 5_000_000_000, 6_000_000_000

NOTE_ON, NOTE_OFF = bytes((0x91, 60, 100)), bytes((0x81, 60, 0))


def high(volts: float) -> Levels:
    return Levels(volts, 0.0, 0.0, 0.0)


class Bench:
    """A writer over the simulated chips and a pipe in place of the MIDI port."""

    def __init__(self) -> None:
        self.rack = Rack(VirtualTime())
        hardware = self.rack.player()
        self._reader, self.pipe = os.pipe2(os.O_NONBLOCK)
        self.midi = MidiOutput(lambda: os.dup(self.pipe))
        self.midi.reconnect(0)
        self.received()
        self.heartbeat = SharedHeartbeat(create_heartbeat())
        self.outputs = CvOutputs(hardware.dacs)
        self.writer = OutputQueue(self.outputs, self.midi, hardware.outputs, self.heartbeat)

    def received(self) -> bytes:
        """Return what was sent as MIDI since the last call."""
        try:
            return os.read(self._reader, 4096)
        except BlockingIOError:
            return b""

    def pitch(self, voice: int = 0) -> float:
        return round(self.rack.dacs[voice].volts[0], 2)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_is_not_due_waits(bench: Bench) -> None:
    bench.writer.queue(
        [OutputEvent(LATER_NS, 0, high(1.0)), OutputEvent(LATER_NS + 5, 0, high(2.0))]
    )
    bench.writer.write_due(NOW_NS)
    assert bench.pitch() == 0.0
    assert bench.writer.next_ns == LATER_NS


def test_what_is_due_leaves_and_the_rest_waits(bench: Bench) -> None:
    bench.writer.queue([OutputEvent(0, 0, high(1.0)), OutputEvent(LATER_NS, 1, high(2.0))])
    bench.writer.write_due(NOW_NS)
    assert (bench.pitch(0), bench.pitch(1)) == (1.0, 0.0)
    assert bench.writer.next_ns == LATER_NS


def test_nothing_waits_after_everything_was_written(bench: Bench) -> None:
    assert bench.writer.next_ns is None
    bench.writer.queue(
        [OutputEvent(LATER_NS, 0, high(1.0)), OutputEvent(LATER_NS, 0, high(2.0))]
    )
    bench.writer.write_all()
    assert bench.pitch() == 2.0
    assert bench.writer.next_ns is None


def test_an_earlier_action_lets_what_was_queued_before_it_leave_at_once(bench: Bench) -> None:
    bench.writer.queue(
        [OutputEvent(LATER_NS + 1, 0, high(1.0)), OutputEvent(LATER_NS + 2, 1, high(2.0))]
    )
    bench.writer.queue(
        [OutputEvent(LATER_NS, 0, high(3.0)), OutputEvent(LATER_NS + 1, 1, high(4.0))]
    )
    assert (bench.pitch(0), bench.pitch(1)) == (1.0, 2.0)
    assert bench.writer.next_ns == LATER_NS
    bench.writer.write_all()
    assert (bench.pitch(0), bench.pitch(1)) == (3.0, 4.0)


def test_actions_of_one_time_keep_their_order_and_wait(bench: Bench) -> None:
    bench.writer.queue([OutputEvent(LATER_NS, 0, high(1.0))])
    bench.writer.queue([OutputEvent(LATER_NS, 0, high(2.0))])
    assert bench.pitch() == 0.0
    bench.writer.write_all()
    assert bench.pitch() == 2.0


def test_a_late_write_is_counted_once_with_the_worst_lateness(bench: Bench) -> None:
    late_ns = LATE_NS + 1
    bench.writer.queue([OutputEvent(NOW_NS - late_ns, 0, high(1.0))])
    bench.writer.write_due(NOW_NS)
    bench.writer.queue([OutputEvent(NOW_NS - LATE_NS, 0, high(2.0))])
    bench.writer.write_due(NOW_NS)
    assert (bench.writer.late, bench.writer.lateness_ns) == (1, late_ns)


def test_nothing_due_is_never_late(bench: Bench) -> None:
    bench.writer.write_due(NOW_NS)
    bench.writer.queue([OutputEvent(LATER_NS, 0, high(1.0))])
    bench.writer.write_due(NOW_NS)
    assert (bench.writer.late, bench.writer.lateness_ns) == (0, 0)


def test_notes_go_to_midi_and_into_the_shared_page_until_they_end(bench: Bench) -> None:
    bench.writer.write(OutputEvent(0, 1, NOTE_ON))
    assert bench.received() == NOTE_ON
    assert bench.heartbeat.sounding == [(1, 60)]
    bench.writer.write(OutputEvent(0, 1, NOTE_OFF))
    assert bench.received() == NOTE_OFF
    assert bench.heartbeat.sounding == []


def test_midi_clock_is_no_note(bench: Bench) -> None:
    bench.writer.write(OutputEvent(0, 1, NOTE_ON))
    bench.writer.write(OutputEvent(0, NO_VOICE, b"\xf8"))
    assert bench.received() == NOTE_ON + b"\xf8"
    assert bench.heartbeat.sounding == [(1, 60)]


def test_the_clock_line_follows_and_its_faults_are_counted(bench: Bench) -> None:
    bench.writer.write(OutputEvent(0, NO_VOICE, content=True))
    assert bench.rack.outputs.levels[constants.PINS.clock_out]
    bench.writer.write(OutputEvent(0, NO_VOICE, content=False))
    assert not bench.rack.outputs.levels[constants.PINS.clock_out]
    assert bench.writer.lines.faults == 0


def test_a_clock_line_that_fails_is_counted_and_stops_nothing(bench: Bench) -> None:
    bench.rack.outputs.broken = True
    bench.writer.write(OutputEvent(0, NO_VOICE, content=True))
    bench.writer.write(OutputEvent(0, 0, high(1.0)))
    assert bench.writer.lines.faults == 1
    assert bench.pitch() == 1.0


def test_a_failed_write_is_made_good_and_a_lost_port_opened_again(bench: Bench) -> None:
    bench.rack.i2c.stuck = True
    bench.writer.write(OutputEvent(0, 0, high(1.0)))
    bench.midi.fail()
    bench.rack.i2c.stuck = False
    for now_ns in (1, 10**9, 2 * AGAIN_NS):
        bench.writer.retry_failed(now_ns)
    assert bench.pitch() == 1.0
    assert not bench.midi.missing
