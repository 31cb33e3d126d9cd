"""The panel's process as the supervisor starts it, over a rack in other processes."""

import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware.engine.pattern import SILENCE
from firmware.engine.state import EngineState
from firmware.ipc.codec import MESSAGE_BYTES_MAX, unpack
from firmware.ipc.control_protocol import StatusRequest, decode_reply, encode_request
from firmware.ipc.process_config import PanelConfig, config_argument
from firmware.ipc.supervisor_connection import ForwardedRequest, unpack_numbered
from firmware.simulator.serving import served_rack
from firmware.storage.paths import Home

TIMEOUT_S = 60


class Supervisor:
    """The other ends of the panel's two sockets."""

    def __init__(self, player: socket.socket, requests: socket.socket) -> None:
        self.player = player
        self.requests = requests

    def state_with_music(self) -> EngineState:
        while select.select([self.player], [], [], TIMEOUT_S)[0]:
            _, message = unpack(self.player.recv(MESSAGE_BYTES_MAX))
            if isinstance(message, EngineState) and message.voices[0].pattern != SILENCE:
                return message
        raise TimeoutError("no engine state came")


@contextmanager
def started(home: Home, rack: Path, settings: Path) -> Iterator[Supervisor]:
    ours, messages = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asking, requests = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asking.settimeout(TIMEOUT_S)
    launch = PanelConfig(
        messages.fileno(), requests.fileno(), str(home.root), str(settings), str(rack)
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "firmware.panel.process", config_argument(launch)],
        pass_fds=[messages.fileno(), requests.fileno()],
    )
    messages.close()
    requests.close()
    try:
        yield Supervisor(ours, asking)
    finally:
        asking.close()
        ours.close()
        assert process.wait(TIMEOUT_S) == 0


def test_the_process_plays_answers_and_ends_with_its_supervisor(
    verified_home: Home, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        settings.write_text(f"[osc]\nport = {taken.getsockname()[1]}\n")
        with (
            served_rack(tmp_path / "r"),
            started(verified_home, tmp_path / "r", settings) as it,
        ):
            assert it.state_with_music().recall == 1
            it.requests.send(
                ForwardedRequest(7, True, 0, encode_request(StatusRequest())).pack()
            )
            number, line = unpack_numbered(it.requests.recv(MESSAGE_BYTES_MAX))
            reply = decode_reply(line)
    assert (number, reply.ok) == (7, True)
    assert reply.status
    assert reply.status.bundle == "drums/000002"
    assert any("already in use" in fault for fault in reply.status.faults)
    assert (verified_home.state / "state.json").exists()
