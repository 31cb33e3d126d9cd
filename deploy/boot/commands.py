"""The program that chooses the firmware; `deploy provision` installs it as one file.

The service runs `start` before each of its starts, and a second service `watch` during a
trial; ssh runs `receive`, and `provision`, `upgrade` and `repair` the rest.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.boot.health import (
    TRIAL_UNIT,
    UNIT,
    is_healthy,
    settle,
    trial_limit_s,
    verify_bundle,
    watch,
)
from deploy.boot.seal import is_whole, seal
from deploy.boot.versions import VersionError, Versions

USAGE = """usage: versions.py seal|verify|try NAME
       versions.py start|watch|any|repair|receive
"""

ROOT = Path("/opt/exnihilo")
RUNNING = Path("/run/exnihilo-version")
HOME = Path("/var/lib/exnihilo")


def run(versions: Versions, command: str, name: str = "") -> int:
    """Run one command; return its exit code. Raises `VersionError` and `OSError`."""
    match command:
        case "seal":
            seal(versions.folder(name))
        case "verify":
            return int(not is_whole(versions.folder(name), deep=True))
        case "try":
            _try(versions, name)
        case "start":
            _start(versions)
        case "watch":
            watch(versions, _systemctl)
        case "any":
            versions.usable(deep=True)
        case "repair":
            _repair(versions)
        case "receive":
            receiver = versions.receiver()
            os.execv(receiver[0], receiver)  # noqa: S606 - this process becomes the receiver
        case _:
            raise VersionError(f"{command}: no such command")
    return 0


def _start(versions: Versions) -> None:
    """Choose the version to start; have one on trial watched from outside of it."""
    versions.start()
    if versions.on_trial():
        _systemctl("start", "--no-block", TRIAL_UNIT)


def _try(versions: Versions, name: str) -> None:
    """Verify the current bundle with a version, then its health if the service runs."""
    verify_bundle(versions, name)
    versions.begin_trial(name, trial_limit_s(_systemctl))
    if not settle(versions, _systemctl):
        return
    current = versions.current()
    if current != name:
        raise VersionError(f"{name} did not become healthy; {current} is used again")
    _require_health(versions, name)


def _repair(versions: Versions) -> None:
    name = versions.repair()
    if not settle(versions, _systemctl):
        _systemctl("start", UNIT)
    _require_health(versions, name)


def _require_health(versions: Versions, name: str) -> None:
    if not is_healthy(versions, name):
        raise VersionError(f"{name} is whole, but not healthy; see `deploy logs`")


def _systemctl(*arguments: str) -> str:
    done = subprocess.run(
        ["systemctl", *arguments], stdout=subprocess.PIPE, text=True, check=False
    )
    return done.stdout.strip()


def main(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name, on the module's own folders."""
    if not arguments or len(arguments) > 2:
        sys.stderr.write(USAGE)
        return 2
    try:
        return run(Versions(ROOT, RUNNING, HOME), *arguments)
    except (VersionError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
