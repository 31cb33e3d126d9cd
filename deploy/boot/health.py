"""Whether a version works: what its own receiver reports, and how it computes the bundle.

Its programs run as the module's user, never as root. Standard library only.
"""

import json
import os
import pwd
import subprocess
import time
from collections.abc import Callable
from typing import Any

from deploy.boot.versions import LIMIT_MAX_S, VersionError, Versions

USER = "exnihilo"
UNIT = "exnihilo.service"
TRIAL_UNIT = "exnihilo-trial.service"

HEALTHY_S = 25.0
"""How long a confirmed version may take to be healthy, once it has been started."""

LIMIT_S = 8.0
"""How long a version on trial may take from its start to its first healthy reply. With what it
takes to end it, the one before starts within two watchdog periods."""

SLOWNESS = 2.5
"""On a slow machine it may take this many times as long as the current version's start."""

REPLY_S = 3.0
"""How long a version that was healthy may take to reply again."""

STEADY = 3
"""How many status replies in a row must be healthy."""

SETTLE_S = 180.0
"""Longer than all the starts of a trial, and the start of the old version."""

STOPPED = ("inactive", "")
"""The states of a stopped service in systemd. One that crashes is `activating`."""

Systemctl = Callable[..., str]
Sleep = Callable[[float], None]


def is_healthy(versions: Versions, name: str, sleep: Sleep = time.sleep) -> bool:
    """Poll a version's own receiver until the firmware is healthy several times in a row."""
    healthy, deadline_s = 0, time.monotonic() + HEALTHY_S
    while healthy < STEADY and (left_s := deadline_s - time.monotonic()) > 0:
        healthy = healthy + 1 if _reports_healthy(versions, name, left_s) else 0
        sleep(1.0)
    return healthy == STEADY


def trial_limit_s(systemctl: Systemctl) -> float:
    """Return how long a version on trial may take, by the start of the one that runs."""
    shown = systemctl(
        *("show", "--value", UNIT),
        *("-p", "ExecMainStartTimestampMonotonic", "-p", "ActiveEnterTimestampMonotonic"),
    )
    times = [int(word) for word in shown.split() if word.isdigit()]
    # One that is not active any more, or not yet, gives no time.
    start_s = (max(times) - min(times)) * 1e-6 if len(times) == 2 and min(times) else 0.0
    return min(max(LIMIT_S, SLOWNESS * start_s), LIMIT_MAX_S)


def watch(versions: Versions, systemctl: Systemctl, sleep: Sleep = time.sleep) -> None:
    """Confirm the version on trial once it is healthy, else go back to the one before.

    Raises `VersionError` if it goes back.
    """
    trial = versions.trial()
    if not trial:
        return
    healthy, deadline_s = 0, time.monotonic() + trial.limit_s
    # A trial also ends without this: a version that crashes uses up its starts.
    while versions.on_trial() == trial.name:
        left_s = REPLY_S if healthy else deadline_s - time.monotonic()
        if left_s <= 0:
            versions.withdraw()
            systemctl("restart", "--no-block", UNIT)
            raise VersionError(f"{trial.name} did not become healthy; going back")
        healthy = healthy + 1 if _reports_healthy(versions, trial.name, left_s) else 0
        if healthy == STEADY:
            versions.confirm(trial.name)
            return
        sleep(0.5)


def settle(versions: Versions, systemctl: Systemctl, sleep: Sleep = time.sleep) -> bool:
    """Restart the service and wait until what it tries is confirmed or withdrawn.

    Return False, at once, if the service is stopped: it tries the version when it starts.
    """
    if systemctl("show", "-p", "ActiveState", "--value", UNIT) in STOPPED:
        return False
    systemctl("restart", "--no-block", UNIT)
    deadline_s = time.monotonic() + SETTLE_S
    while versions.trial() and time.monotonic() < deadline_s:
        sleep(1.0)
    return True


def verify_bundle(versions: Versions, name: str) -> None:
    """Refuse a version that computes the current bundle wrongly. Raises `VersionError`."""
    bundle = versions.home / "current"
    if not bundle.exists():
        return
    python = versions.folder(name) / "bin" / "python"
    command = [str(python), "-B", "-I", "-m", "firmware.bundle.verify"]
    done = _run(command, json.dumps(str(bundle.resolve())), 120.0)
    if done.strip() != "valid":
        raise VersionError(f"{name} refuses the current kit: {done.strip()[:300]}")


def _reports_healthy(versions: Versions, name: str, timeout_s: float) -> bool:
    python = versions.folder(name) / "bin" / "python"
    command = [str(python), "-B", "-I", "-m", "deploy.receiver.receiver"]
    request = json.dumps({"protocol": 1, "op": "status"}) + "\n"
    reply = _run([*command, "--home", str(versions.home)], request, timeout_s)
    try:
        return json.loads(reply)["firmware"]["healthy"] is True
    except (ValueError, KeyError, TypeError):
        return False


def _run(command: list[str], text: str, timeout_s: float) -> str:
    """Run a version's program as the module's user, never as root; return its output."""
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        entry = pwd.getpwnam(USER)
        user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    try:
        done = subprocess.run(
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
            **user,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return str(done.stdout)
