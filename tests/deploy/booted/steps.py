"""What a laptop asks of a machine, and what it waits for."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.deploy.booted.machine import Machine
from tests.deploy.conftest import Done

PLAYS_S = 60.0


def deploy_to(machine: Machine, *arguments: object) -> Done:
    """Run `deploy` on the laptop's side of a machine's network."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=machine.environment,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def status_of(machine: Machine) -> dict[str, Any]:
    """Return what `deploy status` says of the firmware; nothing while none replies."""
    done = deploy_to(machine, "status", "--json", "module")
    document: dict[str, Any] = json.loads(done.out)["modules"][0]
    return document.get("firmware") or {}


def waits_until(condition: Callable[[], bool], seconds: float = PLAYS_S) -> None:
    """Wait for a condition that starts programs: it is asked a few times a second."""
    deadline_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.3)


def current(machine: Machine) -> str:
    """Name the version that is started next."""
    return machine.run("basename $(readlink /opt/exnihilo/current)")


def plays(machine: Machine, bundle: str = "drums") -> bool:
    """Tell whether a firmware, the current one, is healthy and plays a bundle."""
    if machine.run("systemctl is-active exnihilo.service", check=False) != "active":
        return False
    running = machine.run("basename $(readlink /run/exnihilo-version)")
    firmware = status_of(machine)
    return bool(
        running == current(machine)
        and firmware
        and firmware["healthy"]
        and firmware["running"]
        and firmware["bundle"].startswith(bundle)
    )
