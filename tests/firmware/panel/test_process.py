"""The panel's process as the supervisor starts it, over a rack in other processes."""

import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware.engine.pattern import SILENCE
from firmware.engine.state import EngineState, Report
from firmware.ipc.codec import MESSAGE_BYTES_MAX, pack, unpack
from firmware.ipc.control_protocol import Status, StatusRequest, ask
from firmware.ipc.control_server import listen
from firmware.ipc.heartbeat import SharedHeartbeat, create_heartbeat
from firmware.ipc.process_config import PanelConfig
from firmware.simulator.serving import served_rack
from firmware.storage.paths import Home
from tests.firmware.started import start_process

TIMEOUT_S = 60


class Supervisor:
    """What the supervisor keeps: the player's end, and the heartbeat it writes."""

    def __init__(self, player: socket.socket, heartbeat: SharedHeartbeat) -> None:
        self.player = player
        self.heartbeat = heartbeat

    def state_with_music(self) -> EngineState:
        while select.select([self.player], [], [], TIMEOUT_S)[0]:
            _, message = unpack(self.player.recv(MESSAGE_BYTES_MAX))
            if isinstance(message, EngineState) and message.voices[0].pattern != SILENCE:
                return message
        raise TimeoutError("no engine state came")

    def report(self) -> None:
        """Report and beat as a player does that stands still."""
        self.player.send(pack(Report(), 0))
        self.heartbeat.heartbeat_ns = time.monotonic_ns()
        self.heartbeat.beat_supervisor(time.monotonic_ns())


@contextmanager
def started(home: Home, rack: Path, settings: Path, started_ns: int) -> Iterator[Supervisor]:
    ours, messages = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    lifeline, held = os.pipe()
    memory = create_heartbeat()
    with listen(home.control) as control:
        launch = PanelConfig(
            messages.fileno(),
            str(home.root),
            str(settings),
            control.fileno(),
            lifeline,
            memory,
            str(rack),
            started_ns,
        )
        shared = [launch.messages, launch.control, launch.lifeline, launch.heartbeat]
        process = start_process("firmware.panel.process", launch, shared)
    messages.close()
    try:
        yield Supervisor(ours, SharedHeartbeat(memory))
    finally:
        os.close(held)
        ours.close()
        assert process.wait(TIMEOUT_S) == 0


def test_the_process_plays_answers_and_ends_with_its_supervisor(
    verified_home: Home, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    began_ns = time.monotonic_ns() - 90_000_000_000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        settings.write_text(f"[osc]\nport = {taken.getsockname()[1]}\n")
        with (
            served_rack(tmp_path / "r"),
            started(verified_home, tmp_path / "r", settings, began_ns) as it,
        ):
            assert it.state_with_music().recall == 1
            it.report()
            beating = status_of(verified_home)
            it.heartbeat.clear()
            dead = status_of(verified_home)
    assert (beating.healthy, dead.healthy) == (True, False)
    assert 90 < beating.uptime_s <= dead.uptime_s
    assert beating.bundle == "drums/000002"
    assert any("already in use" in fault for fault in beating.faults)
    assert (verified_home.state / "state.json").exists()


def status_of(home: Home) -> Status:
    reply = ask(home.control, StatusRequest(), TIMEOUT_S)
    assert reply.status
    return reply.status
