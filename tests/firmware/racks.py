"""A simulated rack in its own processes, for tests of processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware.simulator.rack_server import HALVES
from firmware.simulator.remote import RemoteRack
from tests.firmware.waiting import wait_until


@contextmanager
def served_rack(folder: Path) -> Iterator[RemoteRack]:
    """Serve a rack in a folder while the context lasts."""
    lifeline, held = os.pipe()
    server = (sys.executable, "-m", "firmware.simulator.rack_server", str(folder))
    servers = [
        subprocess.Popen((*server, half, str(lifeline)), pass_fds=[lifeline]) for half in HALVES
    ]
    os.close(lifeline)
    try:
        yield wait_until(lambda: connected(folder))
    finally:
        os.close(held)
        for server in servers:
            assert server.wait(10) == 0


def connected(folder: Path) -> RemoteRack | None:
    try:
        return RemoteRack(folder)
    except OSError:
        return None
