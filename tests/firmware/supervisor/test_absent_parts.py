"""A whole firmware that begins without one of its parts: it is ready, plays, and recovers."""

import ctypes
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pythonosc.udp_client import SimpleUDPClient

from firmware.board import constants
from firmware.ipc.control_protocol import Status, StatusRequest, ask
from firmware.simulator.remote import RemoteRack
from firmware.simulator.serving import served_rack
from firmware.storage.paths import Home
from tests.firmware.waiting import wait_until

LINES_MAX = 3

PR_CAPBSET_DROP, CAP_SYS_NICE = 24, 23


@dataclass
class Running:
    """A firmware in its own processes."""

    home: Home
    notify: socket.socket
    log: Path
    states: set[bytes] = field(default_factory=set)

    def wait_for(self, state: bytes) -> None:
        """Wait until the service manager was sent a state."""
        while state not in self.states:
            self.states.add(self.notify.recv(100))

    def status(self) -> Status:
        """Ask for the status."""
        reply = ask(self.home.control, StatusRequest(), 20)
        assert reply.status is not None
        return reply.status

    def wait_for_fault(self, kind: str, *, active: bool = True) -> None:
        """Wait until a fault is reported, or is no longer."""
        wait_until(lambda: self._has(kind) is active, 40)

    def _has(self, kind: str) -> bool:
        return any(fault.startswith(f"{kind}: ") for fault in self.status().faults)


@contextmanager
def running(home: Home, *options: str, **more: Any) -> Iterator[Running]:
    """Run a firmware while the context lasts."""
    log = home.root / "log"
    address = home.root / "notify"
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify,
        log.open("wb") as errors,
    ):
        notify.bind(str(address))
        address.chmod(0o777)
        notify.settimeout(60)
        process = subprocess.Popen(
            [sys.executable, "-m", "firmware", "run", "--home", str(home.root), *options],
            env={**os.environ, "NOTIFY_SOCKET": str(address)},
            stderr=errors,
            **more,
        )
        try:
            yield Running(home, notify, log)
        finally:
            process.terminate()
            process.wait(20)


PARTS = {
    "DACs": ("dac", "player", "i2c.absent", constants.DAC_ADDRESSES, ()),
    "ADC": ("adc", "panel", "adc.floating", 0, None),
    "OLED": ("oled", "panel", "oled.broken", True, False),
    "clock lines": ("line", "player", "inputs.absent", ("clock",), ()),
    "clock output": ("line", "player", "line.broken", True, False),
    "encoder": ("encoder", "panel", "inputs.absent", ("encoder",), ()),
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_it_is_ready_without_a_part_and_recovers(
    part: tuple[str, str, str, object, object], verified_home: Home, tmp_path: Path
) -> None:
    kind, half, operation, absent, present = part
    with served_rack(tmp_path / "rack") as rack:
        rack.ask(half, operation, absent)
        port = free_port()
        verified_home.settings.write_text(f"[osc]\nport = {port}\n")
        with running(verified_home, "--rack", str(tmp_path / "rack")) as module:
            module.wait_for(b"READY=1")
            module.wait_for_fault(kind)
            assert kind == "dac" or plays(rack, port)
            rack.ask(half, operation, present)
            module.wait_for_fault(kind, active=False)
            assert plays(rack, port)
        lines = module.log.read_text().splitlines()
        assert 1 <= len(lines) <= LINES_MAX, lines
        assert lines[0].startswith(f"{kind}: ")


def free_port() -> int:
    """Find a UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plays(rack: RemoteRack, port: int) -> bool:
    """Lower the threshold, and wait for a gate after now on the first voice."""
    begin_ns = time.monotonic_ns()
    desk = SimpleUDPClient("127.0.0.1", port)

    def gate() -> bool:
        desk.send_message("/voice/1/threshold", 0.02)
        trace, *_ = rack.ask("player", "traces.since", begin_ns)
        return any(sample.volts[3] > 1 for sample in trace)

    return wait_until(gate, 40)


def refuse_real_time() -> None:
    """Take from this process the right to real time, even from root."""
    resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_NICE)


def test_without_any_part_and_without_real_time_it_is_ready_too(verified_home: Home) -> None:
    with running(verified_home, preexec_fn=refuse_real_time) as module:
        module.wait_for(b"READY=1")
        for kind in ("dac", "adc", "oled", "encoder", "line", "realtime"):
            module.wait_for_fault(kind)
        assert not module.status().healthy
