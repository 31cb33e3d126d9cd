"""Make an installed firmware the one that runs, and go back unless it reports healthy.

    python -m deploy.receiver.switch --root /opt/exnihilo --home /var/lib/exnihilo NAME

Runs on the module, as root, from the new firmware's own environment.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from firmware.bundle.verify import BundleVerifier
from firmware.errors import UserError
from firmware.ipc.control_protocol import ControlError, StatusRequest, ask
from firmware.storage.files import replace_link
from firmware.storage.paths import Home

UNIT = "exnihilo.service"
HEALTHY_S = 45.0
"""How long a firmware may take to its first healthy word; a Pi Zero 2 is slow."""

STEADY = 5
"""How many words in a row, a second apart, must be healthy."""

Systemctl = Callable[..., bool]
Sleep = Callable[[float], None]


class SwitchError(UserError):
    """The new firmware was not kept, and why."""


def switch(
    root: Path, home: Home, name: str, systemctl: Systemctl, sleep: Sleep = time.sleep
) -> None:
    """Point `current` at a version and restart; point back if it does not become healthy.

    While the service is not active, as on a module that was not yet rebooted, only the link
    changes. Raises `SwitchError`.
    """
    new, before = root / "versions" / name, _target(root)
    if before == name:
        return
    if not (new / ".complete").exists():
        raise SwitchError(f"{new}: not wholly installed")
    _hold_to_its_bundle(home)
    was_active = systemctl("is-active", "--quiet", UNIT)
    _point(root, name)
    if was_active:
        systemctl("restart", UNIT)
        reason = _ill(home, sleep)
        if reason and before:
            _point(root, before)
            systemctl("restart", UNIT)
        if reason:
            raise SwitchError(f"{name} did not become healthy ({reason}); {before} runs again")
    _retire(root, before)


def _hold_to_its_bundle(home: Home) -> None:
    """Refuse a firmware whose runtime computes the chosen bundle wrongly."""
    chosen = home.current_bundle()
    if chosen:
        with BundleVerifier() as verifier:
            verifier.verify(home.folder(chosen))


def _ill(home: Home, sleep: Sleep) -> str:
    """Wait for several healthy words in a row; give the reason if they do not come."""
    reason, healthy = "no word from it", 0
    for _ in range(int(HEALTHY_S)):
        try:
            status = ask(home.control, StatusRequest(), 3.0).status
        except ControlError as error:
            reason, healthy = str(error), 0
        else:
            well = status is not None and status.healthy
            healthy = healthy + 1 if well else 0
            reason = "; ".join(status.faults) if status else reason
        if healthy == STEADY:
            return ""
        sleep(1.0)
    return reason or "unwell"


def _target(root: Path) -> str | None:
    try:
        return (root / "current").readlink().name
    except OSError:
        return None


def _point(root: Path, name: str) -> None:
    replace_link(root / "current", Path("versions") / name)


def _retire(root: Path, before: str | None) -> None:
    """Remove all versions but this and the one before it."""
    for folder in (root / "versions").iterdir():
        if folder.name not in {_target(root), before}:
            shutil.rmtree(folder)


def _systemctl(*arguments: str) -> bool:
    return subprocess.run(["systemctl", *arguments], check=False).returncode == 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Switch to the version that the arguments name."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.receiver.switch", description=__doc__
    )
    parser.add_argument("--root", type=Path, required=True, help="folder of the versions")
    parser.add_argument("--home", type=Path, required=True, help="the module's home folder")
    parser.add_argument("name", help="the version's folder")
    options = parser.parse_args(arguments)
    try:
        switch(options.root, Home(options.home), options.name, _systemctl)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
