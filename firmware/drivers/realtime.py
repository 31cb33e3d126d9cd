"""Requests real time of the system: priority, locked memory, a frozen garbage collector.

Nothing here fails: a `Grant` says what is not permitted, and `firmware doctor` prints it.
"""

import ctypes
import errno
import gc
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PLAYER_PRIORITY = 60
"""Above the kernel's threaded interrupts (50), so that a busy card cannot delay a gate."""

SUPERVISOR_PRIORITY = 10
"""Above every ordinary process, to mute the outputs in time; below the player."""

CLAIM_NS = 1_000_000_000
"""Time between two attempts to be granted real time."""

_ISOLATED = Path("/sys/devices/system/cpu/isolated")
_MCL_CURRENT, _MCL_FUTURE = 1, 2


class Grant(NamedTuple):
    """A request to the system and its result; `hint` says which setting permits it."""

    what: str
    granted: bool
    hint: str = ""


def claim(priority: int) -> tuple[Grant, ...]:
    """Request everything that the player needs, for the calling process."""
    return take_priority(priority), lock_memory(), quiet_collector()


class RealTimeClaim:
    """Real time, asked for again once a second until it is granted; `refusals` counts."""

    def __init__(self, ask: Callable[[], bool] = lambda: True) -> None:
        """Take the function that asks and returns whether it was granted."""
        self.refusals = 0
        self._ask = ask
        self._granted = False
        self._due_ns = 0

    def retry(self, now_ns: int) -> None:
        """Ask, if that is due."""
        if not self._granted and now_ns >= self._due_ns:
            self._due_ns = now_ns + CLAIM_NS
            self._granted = self._ask()
            self.refusals += not self._granted


def claim_player(*, simulated: bool) -> bool:
    """Ask for the player's core, priority and locked memory; return whether it has those two.

    Over a simulated rack nobody minds a refusal.
    """
    move_to_isolated_cores()
    grants = take_priority(PLAYER_PRIORITY), lock_memory()
    return simulated or all(grant.granted for grant in grants)


def move_to_isolated_cores() -> None:
    """Run on the cores that the kernel keeps free of other work, where it keeps any."""
    with suppress(OSError, ValueError):
        if cores := parse_cores(_ISOLATED.read_text("utf-8")):
            os.sched_setaffinity(0, cores)


def parse_cores(text: str) -> set[int]:
    """Read the kernel's list of cores, such as `3` or `0,2-3`. Raises `ValueError`."""
    cores: set[int] = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        cores.update(range(int(first), int(last or first) + 1))
    return cores


def take_priority(priority: int) -> Grant:
    """Request a fixed priority; child processes start with the ordinary one."""
    what = f"real-time priority {priority}"
    try:
        os.sched_setscheduler(
            0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority)
        )
    except PermissionError:
        return Grant(what, granted=False, hint=f"LimitRTPRIO={priority} in the service")
    return Grant(what, granted=True)


def lock_memory() -> Grant:
    """Lock all pages of this process in memory."""
    what = "locked memory"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_MCL_CURRENT | _MCL_FUTURE) != 0:
        reason = errno.errorcode.get(ctypes.get_errno(), "refused")
        hint = f"LimitMEMLOCK=infinity in the service ({reason})"
        return Grant(what, granted=False, hint=hint)
    return Grant(what, granted=True)


def quiet_collector() -> Grant:
    """Stop the cyclic garbage collector: what runs after this makes no cycles."""
    gc.collect()
    gc.freeze()
    gc.disable()
    return Grant("frozen collector", granted=True)
