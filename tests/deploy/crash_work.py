"""Work whose power is cut: `python -m tests.deploy.crash_work FOLDER BUNDLE BUNDLE`.

Upgrades, pushes, preset saves and calibrations by the code that a module runs, over and over
until standard input ends. Says `ready` when everything was done and synced once.
"""

import os
import random
import select
import subprocess
import sys
from pathlib import Path

from deploy.boot.seal import seal
from deploy.boot.versions import Versions
from firmware.board.calibration import CODE_MAX, NOMINAL, Calibration, fit_output
from firmware.board.constants import CV_OUTPUT
from firmware.instrument.preset import State, state_bytes
from firmware.storage.paths import Home
from firmware.storage.settings import calibration_bytes
from firmware.storage.state_store import save

FILES = 150


def versions_in(folder: Path) -> Versions:
    """Give the versions of a module whose disk is mounted at a folder."""
    return Versions(folder / "opt", folder / "running", folder / "home")


def upgrade(versions: Versions, number: int, rng: random.Random) -> None:
    """Install, seal, try and confirm a version, as `deploy upgrade` has it done."""
    folder = versions.folder(f"{number}-new")
    (folder / "lib").mkdir(parents=True)
    for place in range(FILES):
        (folder / "lib" / f"{place}.py").write_bytes(rng.randbytes(rng.randrange(6000)))
    seal(folder)
    versions.begin_trial(folder.name, 10.0)
    versions.start()
    versions.confirm(folder.name)


def push(home: Home, bundle: Path) -> None:
    """Push a bundle with the real command."""
    command = [sys.executable, "-m", "deploy", "push", str(bundle), "--local", str(home.root)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def calibration_of(number: int) -> Calibration:
    """Give a calibration that says when it was written: some tenths of a millivolt."""
    points = ((code, CV_OUTPUT.volts(code) + number * 1e-4) for code in (0, CODE_MAX))
    return NOMINAL.with_output(0, 0, fit_output(points))


def save_state(home: Home, number: int) -> None:
    """Save a preset and a calibration that say when they were written."""
    state = State(bundle=str(number))
    (home.state / "presets").mkdir(parents=True, exist_ok=True)
    save(home.state / "presets" / "01.json", state_bytes(state))
    save(home.calibration, calibration_bytes(calibration_of(number)))


def main() -> None:
    folder, *bundles = map(Path, sys.argv[1:])
    versions, home, rng = versions_in(folder), Home(folder / "home"), random.Random(1)
    number = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        number += 1
        upgrade(versions, number, rng)
        for _ in range(5):
            save_state(home, number)
        push(home, bundles[number % len(bundles)])
        if number == 1:
            os.sync()
            sys.stdout.write("ready\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
