"""Ableton Link: its pulses as MIDI, and beside another implementation on this machine."""

import asyncio
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress

import aalink
import pytest

from firmware.engine.clock_output import MIDI_CLOCK, MIDI_START, MIDI_STOP
from firmware.midi.bridge import BridgeConfig, needs_bridge
from firmware.midi.link import QUANTUM, LinkClock, open_session, run
from firmware.storage.settings import MidiSettings
from tests.firmware.started import start_process
from tests.firmware.waiting import wait_until

PULSE_US = 20_000
CLOCK, START, STOP = (bytes((status,)) for status in (MIDI_CLOCK, MIDI_START, MIDI_STOP))


class Session:
    """A session of 125 BPM, whose beats can be moved."""

    def __init__(self, *, playing: bool = False, moved_us: int = 0) -> None:
        self.playing = playing
        self.moved_us = moved_us

    def beatAtTime(self, time_us: int, quantum: float) -> float:  # noqa: N802
        return (time_us - self.moved_us) / PULSE_US / 24

    def timeAtBeat(self, beat: float, quantum: float) -> int:  # noqa: N802
        return round(beat * 24 * PULSE_US) + self.moved_us

    def isPlaying(self) -> bool:  # noqa: N802
        return self.playing


def test_each_pulse_comes_once_however_often_it_is_looked_for() -> None:
    clock, session = LinkClock(), Session()
    sent = b"".join(clock.take(session, time_us)[0] for time_us in range(1, 1_000_001, 700))
    assert sent == CLOCK * 49


def test_the_next_pulse_is_named() -> None:
    assert LinkClock().take(Session(), 30_000) == (b"", 40_000)


def test_a_session_starts_at_its_bar_and_stops_at_once() -> None:
    clock, session = LinkClock(), Session()
    clock.take(session, 90 * PULSE_US)
    session.playing = True
    sent = [clock.take(session, n * PULSE_US + 1)[0] for n in range(90, 99)]
    assert sent == [*[CLOCK] * 6, START + CLOCK, CLOCK, CLOCK]
    session.playing = False
    assert clock.take(session, 99 * PULSE_US + 1)[0] == STOP + CLOCK


@pytest.mark.parametrize("moved_us", [-10_000_000, 10_000_000])
def test_a_session_that_jumps_brings_no_flood(moved_us: int) -> None:
    clock = LinkClock()
    clock.take(Session(), PULSE_US)
    assert clock.take(Session(moved_us=moved_us), PULSE_US + 1)[0] == b""
    assert clock.take(Session(moved_us=moved_us), 2 * PULSE_US + 1)[0] == CLOCK


@pytest.mark.parametrize(("name", "needs"), [("link", True), ("", False), ("/dev/x", False)])
def test_its_process_runs_only_if_it_is_asked_for(name: str, needs: bool) -> None:
    assert needs_bridge(MidiSettings(input=name)) is needs


def test_nothing_else_loads_the_library() -> None:
    modules = "firmware.supervisor.supervisor, firmware.player.player, firmware.panel.process"
    script = f"import sys, {modules}; print('link' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"False\n"


def test_the_process_sends_the_pulses_of_a_peer_and_its_start() -> None:
    ours, theirs = socket.socketpair()
    lifeline, held = os.pipe()
    launch = BridgeConfig(theirs.fileno(), lifeline, "link", "")
    process = start_process("firmware.midi.link", launch, (theirs.fileno(), lifeline))
    peer = open_session(300.0)
    wait_until(lambda: peer.numPeers() >= 1)
    state = peer.captureAppSessionState()
    state.setIsPlaying(True, peer.clock().micros())
    peer.commitAppSessionState(state)
    received = bytearray()
    ours.settimeout(20)
    while received.count(MIDI_START) == 0 or received.count(MIDI_CLOCK) < 100:
        received += ours.recv(4096)
    os.close(held)
    assert process.wait(20) == 0
    assert set(received) == {MIDI_CLOCK, MIDI_START}
    for end in (ours, theirs):
        end.close()
    os.close(lifeline)


def test_it_ends_with_its_lifeline_though_nobody_reads() -> None:
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            writer.send(CLOCK)
    writer.setblocking(True)
    lifeline, held = os.pipe()
    looks = itertools.count(1)

    class Peer:
        def captureAppSessionState(self) -> Session:  # noqa: N802
            if next(looks) == 3:
                os.close(held)
            return Session()

    launch = BridgeConfig(writer.fileno(), lifeline, "link", "")
    times_us = itertools.count(0, PULSE_US)
    running = threading.Thread(
        target=run, args=(Peer(), launch, lambda: next(times_us)), daemon=True
    )
    running.start()
    running.join(20)
    assert not running.is_alive()
    for end in (reader, writer):
        end.close()
    os.close(lifeline)


async def apart_ms(seconds: float) -> list[float]:
    """Change the tempo every second; return how far a peer of another library is from us.

    Its beat is read between two readings of ours, at moments when nothing came between. A
    change is on its way through the network for a while, which is left out.
    """
    loop = asyncio.get_running_loop()
    peer = aalink.Link(120, loop)
    peer.quantum = QUANTUM
    peer.enabled = True
    session = open_session()
    while not session.numPeers() or not peer.num_peers:
        await asyncio.sleep(0.05)
    errors = []
    for second in range(round(seconds)):
        peer.tempo = 90 + 37 * second % 70
        await asyncio.sleep(0.3)
        until_s = time.monotonic() + 0.7
        while time.monotonic() < until_s:
            state, micros = session.captureAppSessionState(), session.clock().micros
            before_us, beat, after_us = micros(), peer.beat, micros()
            if after_us - before_us < 200:
                phase = (beat - state.beatAtTime(before_us, QUANTUM) + QUANTUM / 2) % QUANTUM
                errors.append(abs(phase - QUANTUM / 2) * 60_000 / state.tempo())
            await asyncio.sleep(0.01)
    return errors


def test_two_peers_stay_together_through_changes_of_tempo() -> None:
    with closing(asyncio.new_event_loop()) as loop:
        errors = loop.run_until_complete(apart_ms(10))
    assert len(errors) > 100
    assert max(errors) < 1


@pytest.mark.soak
def test_two_peers_stay_together_for_ten_minutes() -> None:
    seconds = 600 if os.environ.get("EXNIHILO_SOAK") else 2
    with closing(asyncio.new_event_loop()) as loop:
        errors = loop.run_until_complete(apart_ms(seconds))
    assert max(errors) < 1
