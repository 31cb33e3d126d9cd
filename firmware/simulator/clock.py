"""The time of the simulated buses."""

import time
from typing import Protocol


class TimeSource(Protocol):
    """What the buses stamp their traces with."""

    @property
    def now_ns(self) -> int:
        """Monotonic time."""


class VirtualTime:
    """Time that stands still until somebody moves it, by setting `now_ns` or by sleeping."""

    def __init__(self, now_ns: int = 0) -> None:
        self.now_ns = now_ns

    def sleep(self, duration_s: float) -> None:
        """Move on at once, as `time.sleep` would have waited."""
        self.now_ns += round(duration_s * 1e9)


class RealTime:
    """The system's monotonic time, for a simulator that is played live."""

    @property
    def now_ns(self) -> int:
        """Monotonic time."""
        return time.monotonic_ns()
