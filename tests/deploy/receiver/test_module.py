"""A push into the real firmware, over a real ssh, on a simulated board."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.ipc.control_protocol import ControlError, StatusRequest, ask
from firmware.storage.paths import Home, InstalledBundle


@pytest.fixture
def module(home: Home) -> Iterator[Home]:
    """`firmware run --simulated` on a home, once it says that it is healthy."""
    with subprocess.Popen(
        [sys.executable, "-m", "firmware", "run", "--simulated", "--home", home.root]
    ) as process:
        while process.poll() is None:
            try:
                status = ask(home.control, StatusRequest(), 5).status
            except ControlError:
                continue
            if status and status.healthy:
                break
        yield home
        process.terminate()


def test_from_the_laptop_to_playing(
    deploy: Any, sshd: Any, module: Home, drums: Path, bass: Path
) -> None:
    sshd.serve(module)
    done = deploy("push", bass, drums, "root@module", "--json")
    assert done.code == 0, done.err
    assert done.modules[0]["bundles"][1]["playing"] is True
    assert module.current_bundle() == InstalledBundle(2, "drums")
    status = deploy("status", "root@module", "--json").modules[0]
    assert status["firmware"]["bundle"] == "drums/000002"
    assert status["firmware"]["healthy"] is True
    assert deploy("rollback", "root@module").code == 0
    reply = ask(module.control, StatusRequest(), 5)
    assert reply.status
    assert reply.status.bundle == "bass/000001"
