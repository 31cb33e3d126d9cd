"""Asking the system for real time: priority, locked memory, a collector that keeps still.

Nothing here fails: what is not permitted is reported as a `Grant`, which
`firmware doctor` prints.
"""

import ctypes
import errno
import gc
import os
from typing import NamedTuple

PLAYER_PRIORITY = 60
"""Above the kernel's threaded interrupts (50), so that a busy card cannot delay a gate."""

SUPERVISOR_PRIORITY = 10
"""Above every ordinary process, to silence in time; below the player, not to delay it."""

_MCL_CURRENT, _MCL_FUTURE = 1, 2


class Grant(NamedTuple):
    """Something asked of the system; `hint` says how to be permitted it."""

    what: str
    granted: bool
    hint: str = ""


def claim(priority: int) -> tuple[Grant, ...]:
    """Ask for all that the player needs, for the calling process."""
    return take_priority(priority), lock_memory(), quiet_collector()


def take_priority(priority: int) -> Grant:
    """Ask for the fixed priority; children begin as ordinary processes."""
    what = f"real-time priority {priority}"
    try:
        os.sched_setscheduler(
            0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority)
        )
    except PermissionError:
        return Grant(what, granted=False, hint=f"LimitRTPRIO={priority} in the service")
    return Grant(what, granted=True)


def lock_memory() -> Grant:
    """Ask that no page of this process ever waits for a disk."""
    what = "locked memory"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_MCL_CURRENT | _MCL_FUTURE) != 0:
        reason = errno.errorcode.get(ctypes.get_errno(), "refused")
        hint = f"LimitMEMLOCK=infinity in the service ({reason})"
        return Grant(what, granted=False, hint=hint)
    return Grant(what, granted=True)


def quiet_collector() -> Grant:
    """Stop the cyclic collector: what runs from here on makes no cycles."""
    gc.collect()
    gc.freeze()
    gc.disable()
    return Grant("frozen collector", granted=True)
