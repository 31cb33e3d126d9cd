"""The position of the transport between two reports of the player."""

from firmware.engine.clock import ticks_ns
from firmware.engine.state import Quantum, Report

_LEAD_TICKS = 12
"""Half a step: a change for a bar is ready this long before it."""


class TransportPosition:
    """Where the player is, from its reports, and extrapolated from the last one."""

    def __init__(self) -> None:
        """Start stopped."""
        self.report = Report()
        self._time_ns = 0

    def take(self, report: Report, now_ns: int) -> None:
        """Take a report that came now."""
        self.report = report
        self._time_ns = now_ns

    def tick_at(self, now_ns: int) -> float:
        """Return the song position at a time soon after the last report."""
        if not self.report.running or not self.report.milli_bpm:
            return float(self.report.tick)
        tick_ns = ticks_ns(1, self.report.milli_bpm)
        return self.report.tick + (now_ns - self._time_ns) / tick_ns

    def bar_ns(self, now_ns: int) -> int:
        """Return when to act so that a change lands on the next bar; now if stopped."""
        if not self.report.running or not self.report.milli_bpm:
            return now_ns
        ready = self.tick_at(now_ns) + _LEAD_TICKS
        return now_ns + ticks_ns(round(-ready % Quantum.BAR), self.report.milli_bpm)
