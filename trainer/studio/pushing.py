"""To and from a module: `deploy` as a command of its own, one at a time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from firmware.errors import UserError

Publish = Callable[[dict[str, Any]], None]
HOST = re.compile(r"^([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*$")
HOST_LETTERS_MAX = 253


def target(host: str | None, local: Path | None) -> list[str]:
    """Return the arguments that name a module. Raises UserError for no host's name."""
    if host is None:
        if local is None:
            raise UserError("name a module, or start the studio with --local DIR")
        return ["--local", str(local)]
    if len(host) > HOST_LETTERS_MAX or not HOST.fullmatch(host):
        raise UserError("a module is named by HOST or USER@HOST")
    return [host]


class Pusher:
    """Runs `deploy`; its progress and answer go to the pages."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def start(self, what: str, arguments: Sequence[str]) -> None:
        """Run a command, publish its progress and answer. Raises UserError while one runs."""
        with self._lock:
            if self._process is not None:
                raise UserError(
                    "another request to the module is running; wait until it is done"
                )
            more = ("--progress",) if what == "push" else ()
            command = [sys.executable, "-m", "deploy", what, *arguments, "--json", *more]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                # Without a terminal ssh asks nothing, but fails with the reason.
                start_new_session=True,
            )
        self._publish({"type": "deploy", "what": what, "state": "started"})
        threading.Thread(
            target=self._follow, args=(what, self._process), daemon=True, name="deploy"
        ).start()

    def cancel(self) -> None:
        """End what runs; the module keeps what it played."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    close = cancel

    def _follow(self, what: str, process: subprocess.Popen[str]) -> None:
        if process.stdout is None or process.stderr is None:
            raise RuntimeError("a command without pipes")
        reasons = []
        for line in process.stderr:
            event = _progress(line)
            if event is None:
                reasons.append(line.strip())
            else:
                self._publish({"type": "deploy", "what": what, "state": "progress", **event})
        answer = process.stdout.read()
        code = process.wait()
        with self._lock:
            self._process = None
        event = {"type": "deploy", "what": what, "state": "failed" if code else "finished"}
        self._publish({**event, "reason": _reason(reasons), "answer": _document(answer)})


def _progress(line: str) -> dict[str, Any] | None:
    """Return an event of `--progress`, None for any other line."""
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _reason(lines: Sequence[str]) -> str:
    last = next((line for line in reversed(lines) if line), "")
    return last.removeprefix("deploy: ")


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
