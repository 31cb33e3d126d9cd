"""`firmware doctor` in a process of its own, for the display's system page."""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

LINES_MAX = 16


class SelfTest:
    """Runs one test at a time. `lines` are the faults found, or one line that says none."""

    def __init__(self, options: Sequence[str]) -> None:
        """Take the options of `firmware doctor`: home, settings, rack."""
        self.lines: tuple[str, ...] = ()
        self._options = tuple(options)
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, unless one is running."""
        if self._child is None:
            self.lines = ("checking...",)
            self._child = subprocess.Popen(
                [sys.executable, "-m", "firmware", "doctor", "--json", *self._options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )

    def poll(self) -> None:
        """Read the result once it has ended; its output fits into the pipe."""
        if self._child is None or self._child.poll() is None:
            return
        self.lines = _found(self._child.communicate()[0])
        self._child = None

    def close(self) -> None:
        """Stop one that is running."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _found(answer: bytes) -> tuple[str, ...]:
    with suppress(ValueError, KeyError, TypeError):
        checks = json.loads(answer)["checks"]
        wrong = [f"{check['name']}: {check['detail']}" for check in checks if not check["ok"]]
        return tuple(wrong[:LINES_MAX]) or ("no faults",)
    return ("the check itself failed",)
