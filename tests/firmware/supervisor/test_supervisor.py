"""Processes that die in every way, over a simulated rack that outlives them."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from firmware.cli.base import FAILURE
from firmware.engine.pattern import STEPS
from firmware.engine.voice import VELOCITY_VOLTS
from firmware.ipc.control_protocol import StatusRequest, ask
from firmware.ipc.heartbeat import HANGING_NS
from firmware.midi.parser import MidiReader
from tests.firmware.supervised import Supervised, supervised
from tests.firmware.waiting import wait_until

ZERO_V = (pytest.approx(0.0, abs=0.01),) * 4
SILENT_WITHIN_NS = 100_000_000
PLAYING_WITHIN_NS = 2_000_000_000


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Supervised]:
    with supervised(tmp_path) as module:
        yield module


class Listener:
    """Follows the MIDI that left the module: notes never overlap and never hang."""

    def __init__(self) -> None:
        self.sounding: dict[int, int] = {}
        self.notes = 0
        self._reader = MidiReader()
        self._received_ns = 0

    def listen(self, module: Supervised) -> None:
        for time_ns, data in module.rack.midi_received:
            if time_ns > self._received_ns:
                self._received_ns = time_ns
                for message in self._reader.feed(data):
                    self._take(message)

    def _take(self, message: bytes) -> None:
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == 0x90:
            assert channel not in self.sounding
            assert message[2] > 0
            self.sounding[channel] = message[1]
            self.notes += 1
        elif kind == 0x80:
            assert self.sounding.pop(channel, message[1]) == message[1]


def kill(module: Supervised, name: str, number: signal.Signals) -> tuple[int, int]:
    """Kill a process; give its number and when."""
    pid = module.pid(name)
    assert pid is not None
    os.kill(pid, number)
    return pid, time.monotonic_ns()


def silent_ns(module: Supervised, since_ns: int) -> int:
    """Return when the last voice was at 0 V after a time."""

    def found() -> int | None:
        times = []
        for trace in module.traces(since_ns):
            zeros = [s.time_ns for s in trace if s.time_ns >= since_ns and s.volts == ZERO_V]
            earlier = [s.volts for s in trace if s.time_ns < since_ns]
            if earlier and earlier[-1] == ZERO_V:
                zeros.append(since_ns)
            times.append(min(zeros, default=0))
        return max(times) if all(times) else None

    return wait_until(found)


@pytest.mark.soak
def test_a_killed_player_leaves_silence_and_plays_again(
    module: Supervised,
    soak: Callable[[int, int], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    random = Random(1)
    listener = Listener()
    playing_ns = module.wait_for_notes(0)[-1].start_ns
    silences, returns = [], []
    for _ in range(soak(3, 200)):
        instant_ns = playing_ns + random.randrange(500_000_000)
        wait_until(lambda instant_ns=instant_ns: time.monotonic_ns() >= instant_ns)
        number = random.choice((signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT))
        _, killed_ns = kill(module, "player", number)
        silences.append(silent_ns(module, killed_ns) - killed_ns)
        playing_ns = module.wait_for_notes(killed_ns + silences[-1])[0].start_ns
        returns.append(playing_ns - killed_ns)
        listener.listen(module)
    module.process.send_signal(signal.SIGTERM)
    assert module.process.wait(20) == 0
    listener.listen(module)
    assert listener.sounding == {}
    assert listener.notes > 0
    reported = f"{len(silences)} kills: silent {spread(silences)}, back {spread(returns)}"
    with capsys.disabled():
        sys.stderr.write(f"\n{reported}\n")
    assert max(silences) < soak(10 * SILENT_WITHIN_NS, SILENT_WITHIN_NS)
    assert max(returns) < soak(10 * PLAYING_WITHIN_NS, PLAYING_WITHIN_NS)


def spread(durations_ns: list[int]) -> str:
    middle = sorted(durations_ns)[len(durations_ns) // 2]
    return f"after {middle / 1e6:.1f} ms, at most {max(durations_ns) / 1e6:.1f}"


@pytest.mark.soak
def test_a_killed_panel_costs_no_step(
    module: Supervised, soak: Callable[[int, int], int]
) -> None:
    random = Random(2)
    first_ns = module.wait_for_notes(0)[0].start_ns
    for _ in range(soak(3, 200)):
        instant_ns = time.monotonic_ns() + random.randrange(300_000_000)
        wait_until(lambda instant_ns=instant_ns: time.monotonic_ns() >= instant_ns)
        pid, killed_ns = kill(module, "panel", signal.SIGKILL)
        wait_until(lambda pid=pid: module.pid("panel") not in {None, pid})
        module.wait_for_notes(killed_ns)
        notes = module.notes(first_ns - 1)
        steps = [round(note.velocity_volts * STEPS / VELOCITY_VOLTS) for note in notes]
        assert all((after - before) % STEPS == 1 for before, after in pairwise(steps))
        first_ns = notes[-3].start_ns


def test_a_player_that_stood_still_with_all_the_machine_is_left_alone(
    module: Supervised,
) -> None:
    module.wait_for_notes(0)
    player = module.pid("player")
    assert player is not None
    pids = (module.process.pid, player)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    stopped_ns = time.monotonic_ns()
    wait_until(lambda: time.monotonic_ns() > stopped_ns + 3 * HANGING_NS // 2)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    module.wait_for_notes(time.monotonic_ns() + HANGING_NS)
    assert module.pid("player") == player


def test_a_player_that_hangs_is_replaced(module: Supervised) -> None:
    module.wait_for_notes(0)
    pid, stopped_ns = kill(module, "player", signal.SIGSTOP)
    wait_until(lambda: module.pid("player") not in {None, pid})
    module.wait_for_notes(stopped_ns)


def test_it_gives_up_when_the_simulated_rack_is_gone(module: Supervised) -> None:
    module.wait_for_notes(0)
    module.kill_rack()
    assert module.process.wait(60) == FAILURE


def test_sigterm_ends_everything_in_silence(module: Supervised) -> None:
    module.wait_for_notes(0)
    module.process.send_signal(signal.SIGTERM)
    assert module.process.wait(20) == 0
    assert all(trace[-1].volts == ZERO_V for trace in module.rack.traces)
    assert not module.home.control.exists()


def test_the_player_falls_silent_when_the_supervisor_is_killed(module: Supervised) -> None:
    module.wait_for_notes(0)
    player = module.pid("player")
    module.process.kill()
    module.process.wait(20)
    wait_until(lambda: not Path(f"/proc/{player}").exists())
    assert all(trace[-1].volts == ZERO_V for trace in module.rack.traces)


def test_everything_is_at_0_v_before_the_first_step(module: Supervised) -> None:
    first = module.wait_for_notes(0)[0]
    for trace in module.rack.traces:
        before = [sample.volts for sample in trace if sample.time_ns < first.start_ns]
        assert before[0] == ZERO_V


def test_a_request_waits_for_a_panel_that_is_restarted(module: Supervised) -> None:
    module.wait_for_notes(0)
    pid = module.pid("panel")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert ask(module.home.control, StatusRequest(), 20).ok
    assert module.pid("panel") not in {None, pid}


def test_status_is_the_panel_s(module: Supervised) -> None:
    module.wait_for_notes(0)
    reply = ask(module.home.control, StatusRequest(), 20)
    assert reply.ok
    assert reply.status is not None
    assert reply.status.healthy
    assert reply.status.running


def test_a_second_firmware_is_refused(module: Supervised, tmp_path: Path) -> None:
    from firmware.__main__ import main

    module.wait_for_notes(0)
    rack, home = str(tmp_path / "rack"), str(module.home.root)
    assert main(["run", "--rack", rack, "--home", home]) == FAILURE


def test_systemd_receives_of_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        with supervised(tmp_path, {"NOTIFY_SOCKET": str(tmp_path / "notify")}) as module:
            states = set()
            while not {b"READY=1", b"WATCHDOG=1"} <= states:
                states.add(systemd.recv(100))
            module.process.send_signal(signal.SIGTERM)
            while b"STOPPING=1" not in states:
                states.add(systemd.recv(100))
