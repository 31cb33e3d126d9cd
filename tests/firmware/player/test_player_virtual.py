"""The player in virtual time: it knows no time but what it is given."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.board import constants
from firmware.drivers.realtime import RealTimeClaim
from firmware.engine.pattern import STEPS
from firmware.engine.state import ClockSource, EngineState, VoiceState
from firmware.ipc.codec import MESSAGE_BYTES_MAX, pack, unpack
from firmware.ipc.heartbeat import SharedHeartbeat, create_heartbeat
from firmware.ipc.process_config import player_config
from firmware.player.player import make_player
from firmware.simulator.clock import VirtualTime
from firmware.simulator.rack import Rack
from firmware.simulator.trace import cv_notes
from firmware.storage.paths import Home
from firmware.storage.settings import Settings
from tests.firmware.panels import no_midi
from tests.firmware.playing import STEP_NS, engine_state_of, pattern_of

START_NS = 1_000_000_000
BUS_NS = 205_000
"""How long the write of a DAC takes at 400 kHz."""

EVERY_STEP = VoiceState(pattern=pattern_of(range(STEPS)))


class VirtualPlayer:
    """A player over a simulated rack, stepped whenever it is due."""

    def __init__(self, home: Home) -> None:
        self.time = VirtualTime(START_NS)
        self.rack = Rack(self.time)
        self.panel, messages = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        heartbeat = create_heartbeat()
        self.heartbeat = SharedHeartbeat(heartbeat)
        self.player = make_player(
            player_config(home, Settings(), messages=messages.detach(), heartbeat=heartbeat),
            self.rack.backend(no_midi),
            now=lambda: self.time.now_ns,
            real_time=RealTimeClaim(),
        )
        self.player.start()
        self.run_until(START_NS + STEP_NS)

    def send(self, state: EngineState) -> None:
        self.panel.send(pack(state, 0))
        self.player.step((self.player.messages,))

    def run_until(self, until_ns: int) -> None:
        while (due_ns := self.player.next_deadline_ns) is not None and due_ns < until_ns:
            self.time.now_ns = max(self.time.now_ns, due_ns)
            self.player.step(())
        self.time.now_ns = until_ns

    def starts(self) -> list[int]:
        trace = list(self.rack.dacs[0].trace)
        return [note.start_ns for note in cv_notes(trace, self.time.now_ns)]


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualPlayer]:
    player = VirtualPlayer(Home(tmp_path))
    yield player
    player.player.stop()
    assert all(
        sample[-1].volts[3] == pytest.approx(0, abs=0.01) for sample in player.rack.traces
    )


def test_every_gate_rises_at_its_very_time(virtual: VirtualPlayer) -> None:
    virtual.send(engine_state_of(EVERY_STEP))
    virtual.run_until(START_NS + 9 * STEP_NS)
    assert virtual.starts() == [START_NS + step * STEP_NS + BUS_NS for step in range(1, 9)]
    assert START_NS < virtual.heartbeat.heartbeat_ns <= virtual.time.now_ns


def test_a_pulse_plays_when_it_comes(virtual: VirtualPlayer) -> None:
    virtual.send(engine_state_of(EVERY_STEP, clock_source=ClockSource.JACK))
    edges = virtual.rack.clock_jacks
    pulses_ns = [START_NS + step * STEP_NS for step in range(2, 7)]
    for pulse_ns in pulses_ns:
        virtual.run_until(pulse_ns)
        edges.edge(constants.PINS.clock_in, rising=True)
        virtual.player.step((edges.descriptor,))
    virtual.run_until(pulses_ns[-1] + STEP_NS)
    assert virtual.starts() == [pulse_ns + BUS_NS for pulse_ns in pulses_ns]


def test_reports_and_lateness_follow_the_given_time(virtual: VirtualPlayer) -> None:
    virtual.send(engine_state_of(EVERY_STEP))
    virtual.time.now_ns += 60_000_000
    virtual.player.step(())
    reports = []
    virtual.panel.settimeout(0)
    while True:
        try:
            reports.append(unpack(virtual.panel.recv(MESSAGE_BYTES_MAX))[1])
        except BlockingIOError:
            break
    assert max(report.lateness_ns for report in reports) == 60_000_000  # type: ignore[union-attr]
