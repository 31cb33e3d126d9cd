"""A process of the module, from its start to what the first gate needs of it.

    python -m tests.bench.budget.start HOME supervisor|player|panel

Imports as the process does: everything that it loads is counted. Player and panel are forked
from the supervisor, so each begins as one.
"""

import os
import socket
import sys
import time
from pathlib import Path

from firmware.drivers import backend as backends
from firmware.engine.state import EngineState
from tests.bench.budget.devices import I2c, backend


def supervisor(home: Path) -> None:
    """Start as `firmware run` does, up to the children."""
    from firmware.__main__ import parser
    from firmware.cli.run import checked_settings
    from firmware.storage.paths import Home
    from firmware.supervisor.supervisor import Module, Supervisor

    parser(("run",))
    place = Home(home)
    place.prepare()
    one = Supervisor(Module(place, place.settings, checked_settings(place.settings)))
    one._output_mute.silence()


class FirstGate(I2c):
    """DACs that end the process when a gate rises."""

    def writeto(self, address: int, buffer: bytes | bytearray) -> None:
        """End at the code of 5 V at output D."""
        if len(buffer) == 8 and (buffer[6] & 0x0F) << 8 | buffer[7] > 3000:
            os._exit(0)


def player(home: Path) -> None:
    """Play the first step of a state that is there."""
    from firmware.drivers.realtime import RealTimeClaim, quiet_collector
    from firmware.engine.pattern import STEPS, Pattern
    from firmware.engine.state import VoiceState
    from firmware.ipc.codec import pack
    from firmware.ipc.heartbeat import create_heartbeat
    from firmware.ipc.process_config import player_config
    from firmware.player.player import make_player
    from firmware.storage.paths import Home
    from firmware.storage.settings import Settings

    panel, messages = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    loud = (0.9,) * STEPS
    panel.send(pack(EngineState(voices=(VoiceState(pattern=Pattern(loud, loud)),) * 3), 0))
    one = make_player(
        player_config(
            Home(home),
            Settings(),
            messages=messages.detach(),
            lifeline=os.pipe()[0],
            heartbeat=create_heartbeat(),
        ),
        backend(i2c=FirstGate()),
        time.monotonic_ns,
        RealTimeClaim(),
    )
    quiet_collector()
    one.run()


def panel(home: Path) -> None:
    """Send the first pattern that was decoded: the display may follow."""
    from firmware.engine.pattern import SILENCE
    from firmware.ipc.player_connection import PlayerConnection
    from firmware.ipc.process_config import PanelConfig
    from firmware.panel.process import make_panel
    from firmware.storage.paths import Home

    def send(_: PlayerConnection, state: EngineState) -> None:
        if state.voices[0].pattern != SILENCE:
            os._exit(0)

    PlayerConnection.send = send  # type: ignore[method-assign]
    _, messages = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    launch = PanelConfig(
        **dict.fromkeys(PanelConfig.__slots__, 0)
        | {
            "messages": messages.detach(),
            "home": str(home),
            "settings": str(Home(home).settings),
            "rack": "",
        }
    )
    now_ns = 1_000_000_000
    one = make_panel(launch, backends.BOARD, now_ns)
    while True:
        now_ns += 2_000_000
        one.step(now_ns)


FORKED = {"supervisor": lambda _: None, "player": player, "panel": panel}

if __name__ == "__main__":
    backends.BOARD = backend()
    supervisor(Path(sys.argv[1]))
    FORKED[sys.argv[2]](Path(sys.argv[1]))
    os._exit(0)
