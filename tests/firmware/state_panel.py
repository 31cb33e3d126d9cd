"""A panel that asks for one engine state and nothing else, to be started by a supervisor."""

import os
import select
import signal
import socket
import time
from dataclasses import replace

from firmware.engine.pattern import STEPS, Pattern
from firmware.engine.state import ClockSource, VoiceState
from firmware.ipc.control_protocol import Reply, Status, encode_reply
from firmware.ipc.player_connection import PlayerConnection
from firmware.ipc.process_config import PanelConfig, read_config
from firmware.ipc.supervisor_connection import pack_numbered, unpack_numbered
from tests.firmware.playing import engine_state_of

RISING = Pattern(
    onset=(0.9,) * STEPS,
    velocity=tuple((n + 1) / STEPS for n in range(STEPS)),
    offset=(0.0,) * STEPS,
)
SCORE = engine_state_of(*(VoiceState(pattern=RISING, division=-4),) * 3)


def main() -> None:
    """Run until the supervisor is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    launch = read_config(PanelConfig)
    player = PlayerConnection(socket.socket(fileno=launch.messages))
    source = ClockSource[os.environ.get("EXNIHILO_TEST_CLOCK", "INTERNAL")]
    state = replace(SCORE, clock_source=source)
    player.send(state)
    running = False
    while True:
        ready, _, _ = select.select([player, launch.requests], [], [])
        for report in player.receive():
            running = report.running
        player.send(state)
        if launch.requests in ready:
            packet = os.read(launch.requests, 1000)
            if not packet:
                return
            number, _ = unpack_numbered(packet)
            status = Status("1", "", True, running, 120.0, time.monotonic())
            os.write(
                launch.requests, pack_numbered(number, encode_reply(Reply(True, "", status)))
            )


if __name__ == "__main__":
    main()
