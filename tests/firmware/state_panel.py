"""A panel that asks for one engine state and nothing else, to be started by a supervisor."""

import os
import select
import socket
import time
from functools import partial

from firmware.engine.pattern import STEPS, Pattern
from firmware.engine.state import ClockSource, VoiceState
from firmware.ipc.control_protocol import Answer, Reply, Request, Status, serve_line
from firmware.ipc.control_server import ControlServer
from firmware.ipc.player_connection import PlayerConnection
from firmware.ipc.process_config import PanelConfig
from tests.firmware.playing import engine_state_of

RISING = Pattern(
    onset=(0.9,) * STEPS,
    velocity=tuple((n + 1) / STEPS for n in range(STEPS)),
    offset=(0.0,) * STEPS,
)
SCORE = engine_state_of(*(VoiceState(pattern=RISING, division=-4),) * 3)


def main(launch: PanelConfig) -> None:
    """Run until the supervisor is gone."""
    player = PlayerConnection(socket.socket(fileno=launch.messages))
    source = ClockSource[os.environ.get("EXNIHILO_TEST_CLOCK", "INTERNAL")]
    state = SCORE._replace(clock_source=source)
    player.send(state)
    running = False

    def handle(_: Request, answer: Answer) -> None:
        answer(Reply(True, "", Status("1", "", True, running, 120.0, time.monotonic())))

    listener = socket.socket(fileno=launch.control)
    server = ControlServer(listener, partial(serve_line, handle))
    while True:
        ready, _, _ = select.select([player, server, launch.lifeline], [], [])
        if launch.lifeline in ready:
            return
        for report in player.receive():
            running = report.running
        player.send(state)
        server.serve_ready()
