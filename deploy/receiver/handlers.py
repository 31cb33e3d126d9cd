"""The receiver's requests besides push: status, list, rollback, remove, logs, doctor."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from deploy.client import backup
from deploy.receiver.activate import activate
from firmware import __version__
from firmware.bundle import store
from firmware.bundle.bundle import read_manifest
from firmware.bundle.manifest import BundleError
from firmware.bundle.verify import BundleVerifier, VerifiedMarks
from firmware.errors import UserError
from firmware.ipc.control_protocol import (
    ControlError,
    NotRunningError,
    Status,
    StatusRequest,
    ask,
)
from firmware.ipc.json_lines import FramingError
from firmware.storage.paths import Home, InstalledBundle

STATUS_S = 3.0
LOG_LINES_MAX = 1000
LOG_CHARACTERS_MAX = 500
UNIT = "exnihilo.service"

Document = dict[str, Any]


def status(home: Home, _: Document) -> Document:
    """Return what runs, what `current` names and the free space."""
    running = _ask_status(home)
    chosen = home.current_bundle()
    disk = shutil.disk_usage(home.root)
    return {
        "installed": __version__,
        "current": chosen.reference if chosen else None,
        "firmware": asdict(running) if running else None,
        "free_bytes": disk.free,
        "total_bytes": disk.total,
    }


def bundles(home: Home, _: Document) -> Document:
    """List the installed bundles in the order of installation."""
    return {"bundles": [_described(home, version) for version in home.installed()]}


def rollback(home: Home, _: Document) -> Document:
    """Play the installation before the one that `current` names."""
    version = store.before(home, home.current_bundle())
    with BundleVerifier() as verifier:
        verifier.verify(home.folder(version))
    VerifiedMarks(home).add(home.folder(version))
    return {"bundle": version.reference, "playing": activate(home, version).playing}


def remove(home: Home, request: Document) -> Document:
    """Remove a bundle: all its installations by its name, or one by NAME/SEQUENCE."""
    with store.locked(home):
        doomed = store.select(home, str(request.get("bundle")))
        if home.current_bundle() in doomed:
            raise store.StoreError(
                f"{request['bundle']}: it plays; push or roll back to another first"
            )
        for version in doomed:
            store.discard(home, version)
    return {"removed": [version.reference for version in doomed]}


def logs(_: Home, request: Document) -> Document:
    """Return the last lines of the module's log."""
    wanted = request.get("lines")
    if type(wanted) is not int or not 0 < wanted <= LOG_LINES_MAX:
        raise FramingError(f"ask for 1 to {LOG_LINES_MAX} lines")
    command = ["journalctl", "--unit", UNIT, "--lines", str(wanted)]
    try:
        done = subprocess.run(
            [*command, "--output", "short-iso", "--no-pager", "--quiet"],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise store.StoreError("no journal here; only a module keeps one") from None
    if done.returncode:
        raise store.StoreError(f"journalctl: {done.stderr.strip()[:LOG_CHARACTERS_MAX]}")
    return {"lines": [text[:LOG_CHARACTERS_MAX] for text in done.stdout.splitlines()]}


def doctor(home: Home, _: Document) -> Document:
    """Check everything that a push needs; each check is ok or says what to do."""
    checks: tuple[tuple[str, Callable[[Home], str]], ...] = (
        ("home", _check_home),
        ("room", _check_room),
        ("current", _check_current),
        ("firmware", _check_firmware),
    )
    return {"checks": [_checked(home, name, check) for name, check in checks]}


HANDLERS: dict[str, Callable[[Home, Document], Document]] = {
    "status": status,
    "list": bundles,
    "rollback": rollback,
    "remove": remove,
    "logs": logs,
    "doctor": doctor,
    "backup": backup.collect,
    "restore": backup.restore,
}


def _ask_status(home: Home) -> Status | None:
    try:
        return ask(home.control, StatusRequest(), STATUS_S).status
    except NotRunningError:
        return None


def _described(home: Home, version: InstalledBundle) -> Document:
    folder = home.folder(version)
    document: Document = {
        "bundle": version.reference,
        "current": version == home.current_bundle(),
        "size_bytes": sum(file.stat().st_size for file in folder.iterdir()),
    }
    try:
        manifest = read_manifest(folder)
    except BundleError as error:
        return {**document, "broken": str(error)}
    voices = [voice.name for voice in manifest.voices]
    return {**document, "created": manifest.created, "voices": voices}


def _checked(home: Home, name: str, check: Callable[[Home], str]) -> Document:
    try:
        return {"name": name, "ok": True, "detail": check(home), "remedy": ""}
    except (UserError, OSError) as error:
        detail, _, remedy = str(error).partition("; ")
        return {"name": name, "ok": False, "detail": detail, "remedy": remedy}


def _check_home(home: Home) -> str:
    with store.staging(home):
        return f"{home.root} is writable"


def _check_room(home: Home) -> str:
    store.require_room(home, 16 << 20)
    return f"{shutil.disk_usage(home.root).free / 1e6:.0f} MB free"


def _check_current(home: Home) -> str:
    chosen = home.current_bundle()
    if not chosen:
        raise store.StoreError("no kit is installed; push one")
    with BundleVerifier() as verifier:
        verifier.verify(home.folder(chosen))
    return f"{chosen.reference} is complete, and its check points hold"


def _check_firmware(home: Home) -> str:
    running = _ask_status(home)
    if not running:
        raise ControlError("not running; `deploy logs` may say why")
    if not running.healthy:
        raise ControlError(f"not healthy: {'; '.join(running.faults) or 'no reason given'}")
    return f"{running.firmware}, up {running.uptime_s:.0f} s"
