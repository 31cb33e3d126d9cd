"""Presets, calibration and settings, to the laptop and back.

A restore waits in the home's `restored` folder and takes its place while no firmware runs:
a running one would write its own state over it when it stops.

    python -m deploy.client.backup --home DIR   (before the firmware starts)
"""

import argparse
import base64
import binascii
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from firmware.bundle import store
from firmware.errors import UserError
from firmware.ipc.control_protocol import NotRunningError, StatusRequest, ask
from firmware.storage.files import sync_folder, write_new
from firmware.storage.paths import Home

FILES_MAX = 1000
FILE_BYTES_MAX = 1 << 20
TOTAL_BYTES_MAX = 8 << 20

_PART = r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,80}"
_PATH = re.compile(rf"settings\.toml|state(?:/{_PART}){{1,3}}")


class BackupError(UserError):
    """A backup, or the state to save, is invalid."""


def encode(files: dict[str, bytes]) -> dict[str, str]:
    """Return the JSON of the files, by their path below the home."""
    return {path: base64.b64encode(data).decode() for path, data in files.items()}


def decode(document: object) -> dict[str, bytes]:
    """Read the files of a backup and check the limits. Raises `BackupError`."""
    if not isinstance(document, dict) or len(document) > FILES_MAX:
        raise BackupError(f"a backup holds at most {FILES_MAX} files")
    try:
        files = {path: base64.b64decode(text, validate=True) for path, text in document.items()}
    except (TypeError, ValueError, binascii.Error):
        raise BackupError("a backup's files are base64") from None
    check(files)
    return files


def check(files: dict[str, bytes]) -> None:
    """Raise `BackupError` unless names and sizes are those of a home's state."""
    for path, data in files.items():
        if not _PATH.fullmatch(path):
            raise BackupError(f"{path[:80]!r}: does not belong in a backup")
        if len(data) > FILE_BYTES_MAX:
            raise BackupError(f"{path}: longer than {FILE_BYTES_MAX} bytes")
    if sum(map(len, files.values())) > TOTAL_BYTES_MAX:
        raise BackupError(f"a backup holds at most {TOTAL_BYTES_MAX} bytes")


def collect(home: Home, _: dict[str, Any]) -> dict[str, Any]:
    """Read presets, calibration and settings."""
    paths = [home.settings, *sorted(home.state.rglob("*"))]
    plain = [path for path in paths if path.is_file() and not path.is_symlink()]
    kept = {path.relative_to(home.root).as_posix(): path for path in plain}
    files = {name: path.read_bytes() for name, path in kept.items() if _PATH.fullmatch(name)}
    check(files)
    return {"files": encode(files)}


def restore(home: Home, request: dict[str, Any]) -> dict[str, Any]:
    """Store a backup for the next start, or put it in place if no firmware runs."""
    files = decode(request.get("files"))
    with store.locked(home, "play"), store.staging(home) as folder:
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_new(folder / name, [data])
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():
                sync_folder(path)
        waiting = _waiting(home)
        if waiting.is_dir():
            waiting.rename(folder.with_name(f"{folder.name}.old"))
        folder.rename(waiting)
        sync_folder(home.root)
        return {"restored": len(files), "waits": not _adopt_if_stopped(home)}


def adopt(home: Home) -> bool:
    """Put a stored backup in place; the replaced state is kept as `state.before`.

    If it is interrupted, the next call completes it.
    """
    waiting, state = _waiting(home), home.state
    if not waiting.is_dir():
        return False
    retired = home.root / "state.before"
    if (waiting / "state").is_dir():
        if state.is_dir():
            shutil.rmtree(retired, ignore_errors=True)
            state.rename(retired)
        (waiting / "state").rename(state)
    if (waiting / home.settings.name).is_file():
        (waiting / home.settings.name).replace(home.settings)
    sync_folder(home.root)
    waiting.rmdir()
    return True


def _waiting(home: Home) -> Path:
    return home.root / "restored"


def _adopt_if_stopped(home: Home) -> bool:
    try:
        ask(home.control, StatusRequest(), 1.0)
    except NotRunningError:
        return adopt(home)
    except UserError:
        return False
    return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Put a stored backup in place, before the firmware starts."""
    parser = argparse.ArgumentParser(prog="python -m deploy.client.backup", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the module's home folder")
    adopt(Home(parser.parse_args(arguments).home))
    return 0


if __name__ == "__main__":
    sys.exit(main())
