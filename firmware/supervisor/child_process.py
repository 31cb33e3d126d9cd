"""A process that is kept alive."""

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress

MODEST_NS = 1_000_000_000
"""A process that dies younger than this is not started again at once."""

PAUSE_NS = 100_000_000
PAUSE_NS_MAX = 800_000_000
"""Long enough that a process which cannot run costs little, and music is back within 2 s."""


class ChildProcess:
    """A process, restarted when it has died: at once, or after a pause if it died young.

    `inherited` are the descriptors that the process inherits.
    """

    def __init__(self, name: str, command: Sequence[str], inherited: Sequence[int]) -> None:
        self.name = name
        self.deaths = 0
        self.started_ns = 0
        self.due_ns: int | None = 0
        """When it is to start; None while it lives."""
        self.pidfd = -1
        self._command = tuple(command)
        self._inherited = tuple(inherited)
        self._process: subprocess.Popen[bytes] | None = None
        self._pause_ns = 0

    @property
    def alive(self) -> bool:
        """Started, and not known to have died."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """The process's number while it lives."""
        return self._process.pid if self._process else None

    def start(self, now_ns: int) -> None:
        """Start the process; `pidfd` becomes readable when it dies."""
        self._process = subprocess.Popen(self._command, pass_fds=self._inherited)
        self.pidfd = os.pidfd_open(self._process.pid)
        self.started_ns = now_ns
        self.due_ns = None

    def reap(self, now_ns: int) -> int:
        """Record a death; return the exit code (negative for a signal)."""
        if self._process is None:
            return 0
        code = self._process.wait()
        os.close(self.pidfd)
        self._process = None
        self.deaths += 1
        young = now_ns - self.started_ns < MODEST_NS
        self._pause_ns = min(max(2 * self._pause_ns, PAUSE_NS), PAUSE_NS_MAX) if young else 0
        self.due_ns = now_ns + self._pause_ns
        return code

    def kill(self) -> None:
        """End a process that hangs; its death is reported as any other."""
        if self._process:
            self._process.kill()

    def stop(self, timeout_s: float) -> None:
        """Wait for a process that was asked to end; kill it if it takes too long."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        self._process.kill()
        self._process.wait()
        os.close(self.pidfd)
        self._process = None
