"""Starts and stops the processes that serve a simulated rack."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware.drivers.backend import HALVES
from firmware.errors import UserError
from firmware.simulator.remote import RemoteRack

TIMEOUT_S = 30.0
_POLL_S = 0.01


@contextmanager
def served_rack(folder: Path) -> Iterator[RemoteRack]:
    """Serve a rack in a folder while the context lasts.

    Raises `UserError` if it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for half in HALVES:
        (folder / f"{half}.sock").unlink(missing_ok=True)
    lifeline, held = os.pipe()
    module = (sys.executable, "-m", "firmware.simulator.rack_server", str(folder))
    servers = [
        subprocess.Popen((*module, half, str(lifeline)), pass_fds=[lifeline], process_group=0)
        for half in HALVES
    ]
    os.close(lifeline)
    try:
        yield _connected(folder)
    finally:
        os.close(held)
        for server in servers:
            server.wait()


def _connected(folder: Path) -> RemoteRack:
    deadline_s = time.monotonic() + TIMEOUT_S
    while True:
        try:
            return RemoteRack(folder)
        except OSError as error:
            if time.monotonic() > deadline_s:
                raise UserError(
                    f"{folder}: the simulated rack did not start ({error})"
                ) from None
        time.sleep(_POLL_S)
