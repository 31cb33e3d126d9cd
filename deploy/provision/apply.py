"""Carries out a plan on the module, as root: sent over ssh and run by the module's own Python.

Standard library only, and `edits.py` above it. Reads one line of JSON, then the files that
belong to it; writes a line per step that changes something, then the number of changes. Every
step checks before it acts, so that a second run changes nothing. With `dry_run` it only checks.
"""

import difflib
import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

from deploy.provision.edits import public_keys, with_block, with_words

BACKUP = ".before-exnihilo"

ADVICE = {
    errno.ENOSPC: "its disk is full; remove files, or kits with `deploy remove`",
    errno.EROFS: "its disk is read-only; make it writable, or replace its card",
    errno.EIO: "its disk is failing; replace its card",
}


class StepError(Exception):
    """A step that failed, and what to do."""


class Applier:
    """A root folder, and whether to change it. `incoming` holds the files that were sent."""

    def __init__(self, root: Path, incoming: Path, *, dry_run: bool) -> None:
        """Work below `root`: `/`, or a folder in which a system is being made."""
        self._root = root
        self._incoming = incoming
        self._dry_run = dry_run

    def apply(self, step: dict[str, Any]) -> str | None:
        """Run one step; return what it changed, or None. Raises `StepError`."""
        change: str | None = getattr(self, f"_{step['do']}")(step)
        return change

    def _require(self, step: dict[str, Any]) -> None:
        done = subprocess.run(step["command"], capture_output=True, text=True, check=False)
        if done.stdout.strip() not in step["answers"]:
            said = done.stdout.strip() or "nothing"
            raise StepError(f"{' '.join(step['command'])} says {said}: {step['advice']}")

    def _folder(self, step: dict[str, Any]) -> str | None:
        path = self._path(step)
        if path.is_dir() and _mode(path) == step["mode"]:
            return None
        if not self._dry_run:
            self._make_folder(path)
            path.chmod(step["mode"])
            self._own(path, step)
        return f"make {step['path']}"

    def _file(self, step: dict[str, Any]) -> str | None:
        return self._write(step, step["content"])

    def _block(self, step: dict[str, Any]) -> str | None:
        return self._write(step, with_block(self._text(step), tuple(step["lines"])))

    def _words(self, step: dict[str, Any]) -> str | None:
        before = self._text(step)
        after = with_words(before, tuple(step["unwanted"]), tuple(step.get("wanted", ())))
        return self._write(step, after) if before.split() != after.split() else None

    def _keys(self, step: dict[str, Any]) -> str | None:
        """Allow the keys that may log in as the administrator to push as well."""
        admin = os.environ.get("SUDO_USER") or "root"
        try:
            text = Path(f"~{admin}/.ssh/authorized_keys").expanduser().read_text("utf-8")
        except (OSError, RuntimeError):
            text = ""
        keys = public_keys(text)
        if not keys:
            raise StepError(f"{admin} has no authorized_keys: run `ssh-copy-id` first")
        return self._write(step, "".join(f"restrict {key}\n" for key in keys))

    def _run(self, step: dict[str, Any]) -> str | None:
        unless = step.get("unless")
        if unless and subprocess.run(unless, capture_output=True, check=False).returncode == 0:
            return None
        command = [word.replace("{incoming}", str(self._incoming)) for word in step["command"]]
        if not self._dry_run:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
            )
            if done.returncode:
                said = (done.stderr or done.stdout).strip().splitlines()
                raise StepError(f"{step['why']}: {said[-1] if said else done.returncode}")
        return str(step["why"])

    def _write(self, step: dict[str, Any], content: str) -> str | None:
        path, before = self._path(step), self._text(step)
        # The boot files, which are kept, are on a file system without modes.
        right = step.get("keep") or (path.is_file() and _mode(path) == _mode_of(step))
        if path.is_file() and before == content and right:
            return None
        if not self._dry_run:
            self._make_folder(path.parent)
            backup = path.with_name(path.name + BACKUP)
            if step.get("keep") and path.exists() and not backup.exists():
                self._replace(backup, before, step)
            if path.is_dir():
                _move_aside(path)
            self._replace(path, content, step)
        if before == content:
            return f"make {step['path']} readable"
        return _difference(step["path"], before, content)

    def _replace(self, path: Path, content: str, step: dict[str, Any]) -> None:
        part = path.with_name(f".{path.name}.part")
        with part.open("w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(_mode_of(step))
        part.replace(path)
        _sync_folder(path.parent)

    def _make_folder(self, path: Path) -> None:
        """Make a folder and those above it; what is no folder there is moved aside."""
        if path.is_dir():
            return
        self._make_folder(path.parent)
        if path.exists() or path.is_symlink():
            _move_aside(path)
        path.mkdir()
        path.chmod(0o755)

    def _own(self, path: Path, step: dict[str, Any]) -> None:
        if step.get("owner"):
            shutil.chown(path, step["owner"], step["owner"])

    def _path(self, step: dict[str, Any]) -> Path:
        return self._root / str(step["path"]).lstrip("/")

    def _text(self, step: dict[str, Any]) -> str:
        try:
            # A power cut may have left anything in it.
            return self._path(step).read_text("utf-8", errors="surrogateescape")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return ""


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def _mode_of(step: dict[str, Any]) -> int:
    return int(step.get("mode", 0o644))


def _move_aside(path: Path) -> None:
    """Rename what is not of the kind that belongs there."""
    aside = path.with_name(path.name + BACKUP)
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside)
    aside.unlink(missing_ok=True)
    path.rename(aside)


def _difference(name: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, n=0)
    text = "\n".join(line.rstrip("\n") for line in lines)
    return text.encode(errors="replace").decode()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _receive(source: BinaryIO, folder: Path, files: dict[str, int]) -> None:
    for name, size in files.items():
        left = size
        with (folder / Path(name).name).open("xb") as file:
            while left:
                block = source.read(min(left, 1 << 18))
                if not block:
                    raise StepError("the connection ended while files were being sent")
                file.write(block)
                left -= len(block)


def serve(source: BinaryIO, incoming: Path) -> int:
    """Read a plan and its files from `source` and carry it out; return the exit code."""
    changed = 0
    os.umask(0o022)
    try:
        plan = json.loads(source.readline())
        applier = Applier(Path(plan["root"]), incoming, dry_run=plan["dry_run"])
        _receive(source, incoming, plan["files"])
        for step in plan["steps"]:
            change = applier.apply(step)
            if change:
                changed += 1
                # What a command wrote lasts before the next step relies on it.
                os.sync()
                _say({"event": "changed", "change": change})
    except (StepError, OSError) as error:
        code = error.errno if isinstance(error, OSError) else None
        _say({"ok": False, "reason": ADVICE.get(code or 0, str(error))})
        return 1
    _say({"ok": True, "changed": changed})
    return 0
