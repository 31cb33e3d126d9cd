"""Asks the system to shut down: the module may not do that itself.

A file in the service's own folder of /run is all that it can make; a unit of systemd waits for
it and shuts down (`exnihilo-poweroff.path`).
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

REQUEST = "poweroff"
FOLDER = "RUNTIME_DIRECTORY"
"""Set by systemd to the folder of the service (systemd.exec(5))."""

AGAIN_NS = 5_000_000_000
"""How soon a second press must follow: the first one may be a slip."""


class PowerSwitch:
    """Shuts down at the second of two presses."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Take the environment in which systemd names the folder."""
        self._environment = environment
        self._pressed_ns: int | None = None

    def press(self, now_ns: int) -> str:
        """Take a press; return the notice for the display."""
        before_ns, self._pressed_ns = self._pressed_ns, now_ns
        if FOLDER not in self._environment:
            return "not on a module"
        if before_ns is None or now_ns - before_ns > AGAIN_NS:
            return "again to shut down"
        with suppress(OSError):
            (Path(self._environment[FOLDER]) / REQUEST).touch()
            return "wait for dark LED"
        return "refused"
