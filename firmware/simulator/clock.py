"""The time of the simulated buses."""

import time
from typing import Protocol


class TimeSource(Protocol):
    """The time of the buses and of their traces."""

    @property
    def now_ns(self) -> int:
        """Monotonic time."""


class VirtualTime:
    """Time that moves only by setting `now_ns` or by sleeping."""

    def __init__(self, now_ns: int = 0) -> None:
        self.now_ns = now_ns

    def sleep(self, duration_s: float) -> None:
        """Advance the time at once."""
        self.now_ns += round(duration_s * 1e9)


class RealTime:
    """The system's monotonic time, for a simulator that is played live."""

    @property
    def now_ns(self) -> int:
        """Monotonic time."""
        return time.monotonic_ns()
