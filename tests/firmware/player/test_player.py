"""The loop itself: real drivers over simulated buses, in a thread of the test."""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from firmware.board import constants
from firmware.drivers.cv_outputs import CvOutputs, ToCodes, all_nominal
from firmware.drivers.realtime import RealTimeClaim
from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import Engine
from firmware.engine.state import (
    PROGRAM,
    ClockSource,
    Command,
    CommandKind,
    EngineState,
    Fault,
    MidiControl,
    PitchHold,
    Report,
    VoiceState,
)
from firmware.ipc.codec import MESSAGE_BYTES_MAX, pack, unpack
from firmware.ipc.heartbeat import SharedHeartbeat, create_heartbeat
from firmware.midi.ports import MidiInput, MidiOutput, opener
from firmware.player.output_queue import OutputQueue
from firmware.player.player import Player
from firmware.simulator.clock import RealTime
from firmware.simulator.midi import MidiSockets
from firmware.simulator.rack import Rack
from firmware.simulator.trace import GATE_HIGH_VOLTS, cv_notes
from tests.firmware.playing import engine_state_of, pattern_of
from tests.firmware.waiting import wait_until

EVERY_STEP = pattern_of(range(32))
FAST = engine_state_of(VoiceState(pattern=EVERY_STEP, division=-4), milli_bpm=300_000)


class Bench:
    """A player in a thread, its rack, and the panel's and the other MIDI device's ends."""

    def __init__(self, messages: socket.socket | None = None) -> None:
        self.rack = Rack(RealTime())
        self.midi = MidiSockets()
        self.panel, player_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.panel.settimeout(20)
        self.lifeline, self._held = os.pipe()
        self.heartbeat = SharedHeartbeat(create_heartbeat())
        hardware = self.rack.player()
        self.calibrated = 0
        self.outputs = CvOutputs(hardware.dacs, self._calibrated)
        self.player = Player(
            engine=Engine(clock_maker()),
            output_queue=OutputQueue(
                self.outputs,
                MidiOutput(opener("", os.O_WRONLY, board=self.midi.open)),
                hardware.outputs,
                self.heartbeat,
            ),
            edges=hardware.clock_inputs,
            real_time=RealTimeClaim(),
            midi=MidiInput(opener("", os.O_RDONLY, board=self.midi.open)),
            messages=messages or player_end,
            lifeline=self.lifeline,
            heartbeat=self.heartbeat,
        )
        self._thread = threading.Thread(target=self.player.run)
        self._thread.start()

    def _calibrated(self) -> Sequence[ToCodes]:
        self.calibrated += 1
        return all_nominal()

    def send(self, message: EngineState | Command) -> None:
        self.panel.send(pack(message, 0))

    def report(self, wanted: Any) -> Report:
        """Return the first report for which `wanted` is true."""

        def read() -> Report | None:
            _, message = unpack(self.panel.recv(MESSAGE_BYTES_MAX))
            assert isinstance(message, Report)
            return message if wanted(message) else None

        return wait_until(read)

    def clock_pulse(self, time_ns: int) -> None:
        wait_until(lambda: RealTime().now_ns >= time_ns)
        self.rack.clock_jacks.edge(constants.PINS.clock_in, rising=True)

    def midi_bytes(self) -> bytes:
        self.midi.listen()
        return b"".join(message.data for message in self.midi.received)

    def gates(self, voice: int = 0) -> int:
        trace = list(self.rack.dacs[voice].trace)
        return len(cv_notes(trace, RealTime().now_ns)) if trace else 0

    def stop(self) -> None:
        os.close(self._held)
        self._thread.join(20)
        assert not self._thread.is_alive()


@contextmanager
def playing() -> Iterator[Bench]:
    bench = Bench()
    try:
        yield bench
    finally:
        bench.stop()


def test_an_engine_state_plays_on_the_jacks_and_as_midi() -> None:
    with playing() as bench:
        bench.send(FAST)
        wait_until(lambda: bench.gates() >= 8 and bench.midi_bytes().count(0x90) >= 8)
        report = bench.report(lambda report: report.steps[0] > 3)
    assert report.running
    assert report.milli_bpm == 300_000
    assert report.faults[Fault.DAC] == report.faults[Fault.MESSAGE] == 0


def test_the_end_of_the_lifeline_leaves_silence() -> None:
    with playing() as bench:
        bench.send(FAST)
        wait_until(lambda: bench.gates() >= 2)
    zero = constants.CV_OUTPUT.volts(constants.CV_OUTPUT.zero_code)
    assert all(dac.volts == pytest.approx((zero,) * 4) for dac in bench.rack.dacs)
    silent = bytes((0xB0, 123, 0, 0xB1, 123, 0, 0xB2, 123, 0))
    # A terminal hands on what was written a little later; the first silence is the start's.
    wait_until(lambda: bench.midi_bytes().count(silent) == 2)
    sent = bench.midi_bytes()
    assert sent.count(0x90) == sent.count(0x80)
    assert sent.endswith(silent)
    assert bench.heartbeat.sounding == []


def test_each_clock_edge_plays_its_step() -> None:
    state = engine_state_of(VoiceState(pattern=EVERY_STEP), clock_source=ClockSource.JACK)
    with playing() as bench:
        bench.send(state)
        bench.report(lambda report: report.running)
        start_ns = RealTime().now_ns
        for step in range(4):
            bench.clock_pulse(start_ns + step * 40_000_000)
            bench.report(lambda report, step=step: report.steps[0] == step)
        bench.rack.clock_jacks.edge(constants.PINS.reset_in, rising=True)
        bench.clock_pulse(start_ns + 4 * 40_000_000)
        bench.report(lambda report: report.steps[0] == 0)


def test_midi_transport_drives_the_clock_and_the_rest_is_reported() -> None:
    state = engine_state_of(VoiceState(pattern=EVERY_STEP), clock_source=ClockSource.MIDI)
    with playing() as bench:
        bench.send(state)
        bench.report(lambda report: report.milli_bpm)
        bench.midi.send(bytes((0xB0, 16, 99, 0xC1, 5, 0x92, 64, 100, 0x92, 64, 0)))
        report = bench.report(lambda report: report.controls and report.notes)
        assert report.controls == (MidiControl(0, 16, 99), MidiControl(1, PROGRAM, 5))
        assert [note[:3] for note in report.notes] == [(2, 64, 100)]
        assert not report.running
        bench.midi.send(bytes((0xFA, 0xF8)))
        bench.report(lambda report: report.running and report.steps[0] == 0)
        bench.midi.send(bytes((0xFC,)))
        bench.report(lambda report: not report.running)


def test_an_absent_dac_is_counted_and_made_good() -> None:
    with playing() as bench:
        bench.rack.i2c.absent = {constants.DAC_ADDRESSES[0]}
        bench.send(FAST)
        bench.report(lambda report: report.faults[Fault.DAC] > 3)
        bench.rack.i2c.absent = set()
        before = bench.gates()
        wait_until(lambda: bench.gates() > before)


def test_a_gate_whose_end_failed_falls_without_another_event() -> None:
    once = engine_state_of(VoiceState(pattern=pattern_of([0])), milli_bpm=60_000)
    with playing() as bench:
        bench.send(once)
        wait_until(lambda: bench.rack.dacs[0].volts[3] > GATE_HIGH_VOLTS)
        bench.rack.i2c.stuck = True
        bench.report(lambda report: report.faults[Fault.DAC] > 0)
        bench.rack.i2c.stuck = False
        wait_until(lambda: bench.rack.dacs[0].volts[3] < GATE_HIGH_VOLTS)


def test_a_message_of_another_kind_is_counted() -> None:
    with playing() as bench:
        bench.panel.send(b"nonsense")
        bench.report(lambda report: report.faults[Fault.MESSAGE] == 1)


def test_dead_clock_lines_are_counted_and_the_internal_clock_plays_on() -> None:
    with playing() as bench:
        bench.rack.clock_jacks.close()
        bench.report(lambda report: report.faults[Fault.LINE] == 1)
        bench.send(FAST)
        wait_until(lambda: bench.gates() >= 2)


def test_it_plays_on_while_nobody_reads_its_reports() -> None:
    with playing() as bench:
        bench.send(FAST)
        wait_until(lambda: bench.gates() >= 200)


def test_panic_silences_at_once() -> None:
    with playing() as bench:
        bench.send(engine_state_of(VoiceState(pattern=EVERY_STEP, gate=0.9), milli_bpm=20_000))
        wait_until(lambda: bench.rack.dacs[0].volts[3] > GATE_HIGH_VOLTS)
        bench.send(Command(CommandKind.PANIC, RealTime().now_ns))
        wait_until(lambda: bench.rack.dacs[0].volts[3] < GATE_HIGH_VOLTS)


def test_a_held_voice_stands_while_the_others_play() -> None:
    state = engine_state_of(
        *(VoiceState(pattern=EVERY_STEP, division=-4),) * 2, pitch_hold=PitchHold(0, 2000)
    )
    with playing() as bench:
        bench.send(state)
        before = bench.gates(1)
        wait_until(lambda: bench.gates(1) > before + 3)
        assert bench.gates(0) == 1
        bench.send(state._replace(pitch_hold=None))
        wait_until(lambda: bench.gates(0) > 3)


def test_a_calibration_kept_anew_is_read_again() -> None:
    with playing() as bench:
        read = bench.calibrated
        bench.send(Command(CommandKind.CALIBRATE, RealTime().now_ns))
        wait_until(lambda: bench.calibrated > read)


def test_a_midi_device_that_vanishes_is_found_again(tmp_path: Path) -> None:
    with playing() as bench:
        bench.send(FAST)
        wait_until(lambda: bench.midi_bytes().count(0x90) >= 2)
        bench.midi.unplug()
        bench.report(lambda report: report.faults[Fault.MIDI] > 0)
        bench.midi.plug()
        wait_until(lambda: bench.midi_bytes().count(0x90) >= 2)


def test_vitals_tell_life_and_sounding_notes() -> None:
    with playing() as bench:
        bench.send(engine_state_of(VoiceState(pattern=EVERY_STEP, gate=0.9), milli_bpm=20_000))
        wait_until(lambda: bench.heartbeat.sounding == [(0, 60)])
        assert bench.heartbeat.heartbeat_ns > 0
