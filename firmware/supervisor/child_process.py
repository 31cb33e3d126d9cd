"""A process that is kept alive."""

import os
import select
import signal
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

MODEST_NS = 1_000_000_000
"""A process that dies younger than this is not started again at once."""

PAUSE_NS = 100_000_000
PAUSE_NS_MAX = 800_000_000
"""Long enough that a process which cannot run costs little, and music is back within 2 s."""

_STDERR = 2


class ChildProcess:
    """A process, restarted when it has died: at once, or after a pause if it died young.

    It is forked, so that what the parent has imported is not imported again, and begins with
    `work`. `inherited` are the descriptors that it keeps beside the standard ones. It ignores
    SIGINT and SIGTERM, which reach the parent too.
    """

    def __init__(self, name: str, work: Callable[[], object], inherited: Sequence[int]) -> None:
        self.name = name
        self.deaths = 0
        self.started_ns = 0
        self.due_ns: int | None = 0
        """When it is to start; None while it lives."""
        self.pid: int | None = None
        """The process's number while it lives."""
        self.pidfd = -1
        self._work = work
        self._inherited = tuple(inherited)
        self._pause_ns = 0

    @property
    def alive(self) -> bool:
        """Started, and not known to have died."""
        return self.pid is not None

    def start(self, now_ns: int) -> None:
        """Start the process; `pidfd` becomes readable when it dies."""
        self.pid = os.fork()
        if not self.pid:
            self._run()
        self.pidfd = os.pidfd_open(self.pid)
        self.started_ns = now_ns
        self.due_ns = None

    def reap(self, now_ns: int) -> int:
        """Record a death; return the exit code (negative for a signal)."""
        if self.pid is None:
            return 0
        code = self._wait(self.pid)
        self.deaths += 1
        young = now_ns - self.started_ns < MODEST_NS
        self._pause_ns = min(max(2 * self._pause_ns, PAUSE_NS), PAUSE_NS_MAX) if young else 0
        self.due_ns = now_ns + self._pause_ns
        return code

    def kill(self) -> None:
        """End a process that hangs; its death is reported as any other."""
        if self.pid is not None:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def stop(self, timeout_s: float) -> None:
        """Wait for a process that was asked to end; kill it if it takes too long."""
        if self.pid is None:
            return
        select.select([self.pidfd], [], [], timeout_s)
        self.kill()
        self._wait(self.pid)

    def _wait(self, pid: int) -> int:
        """Wait until the process is gone; return its exit code."""
        _, status = os.waitpid(pid, 0)
        os.close(self.pidfd)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def _run(self) -> NoReturn:
        """Work in the new process, and leave it without what the parent does at its exit."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            _close_all_but(self._inherited)
            # `ps` and `top` tell the processes apart by it.
            Path("/proc/self/comm").write_text(self.name, "ascii")
            self._work()
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may run in the parent's name
            sys.excepthook(*sys.exc_info())
        os._exit(code)


def _close_all_but(kept: Sequence[int]) -> None:
    """Close all descriptors but these and the standard ones."""
    borders = (_STDERR, *sorted(kept), os.sysconf("SC_OPEN_MAX"))
    for below, above in pairwise(borders):
        os.closerange(below + 1, above)
