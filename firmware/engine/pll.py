"""Phase and period of an external clock: two ways to follow its edges.

A follower holds two numbers: `phase_ns`, the time of the last pulse, and `period_ns`, from one
pulse to the next. `EdgeFollower` takes slow, clean pulses as they come. `PhaseLock`, a PLL,
removes the jitter of fast ones.
"""

from itertools import pairwise
from typing import Protocol


class Follower(Protocol):
    """The phase and period of an external clock's pulses."""

    phase_ns: int
    period_ns: int

    @property
    def late_ns(self) -> int:
        """How long after the last pulse the next counts as missing."""

    def restart(self, time_ns: int, period_ns: int) -> None:
        """Restart at an edge, with an assumed period."""

    def follow(self, time_ns: int, pulses: int) -> None:
        """Take the edge that lies `pulses` (1 or more) after the last."""


class EdgeFollower:
    """The phase is the edge; the period is the mean of the last two intervals if they agree.

    Otherwise it is half the median of the last three pairs of neighbouring intervals: a late
    pulse makes one interval long and one short, and a swung clock alternates between them, but
    neither changes the middle pair.
    """

    def __init__(self, period_ns: int) -> None:
        self.phase_ns = 0
        self.period_ns = period_ns
        self._intervals_ns: tuple[int, ...] = ()

    @property
    def late_ns(self) -> int:
        """1.3 times the period or the longer of the last two intervals."""
        return 13 * max((self.period_ns, *self._intervals_ns[-2:])) // 10

    def restart(self, time_ns: int, period_ns: int) -> None:
        """Restart at an edge, with an assumed period."""
        self.phase_ns = time_ns
        self.period_ns = period_ns
        self._intervals_ns = ()

    def follow(self, time_ns: int, pulses: int) -> None:
        """Take the edge that lies `pulses` after the last."""
        interval_ns = (time_ns - self.phase_ns) // pulses
        self._intervals_ns = (*self._intervals_ns, *(interval_ns,) * min(pulses, 2))[-4:]
        self.phase_ns = time_ns
        self.period_ns = self._period_ns()

    def _period_ns(self) -> int:
        if len(self._intervals_ns) < 2:
            return self._intervals_ns[-1]
        before_ns, last_ns = self._intervals_ns[-2:]
        if 16 * abs(last_ns - before_ns) <= last_ns:
            return (before_ns + last_ns) // 2
        pairs_ns = [earlier + later for earlier, later in pairwise(self._intervals_ns)]
        return sorted(pairs_ns)[(len(pairs_ns) - 1) // 2] // 2


class PhaseLock:
    """A second-order loop whose gains narrow from those of a line through all edges so far.

    After k edges the gains are `2(2k-1)/(k(k+1))` for the phase and `6/(k(k+1))` for the
    period: those of the recursive least-squares line (Brookner, Tracking and Kalman Filtering
    Made Easy, 1998, section 1.2.10). k stops at `EDGES_MAX`, where the phase keeps a sixth of
    the jitter. When the errors lean to one side by more than the jitter explains, the tempo
    is changing, and the line restarts from the last three edges.
    """

    EDGES_MAX = 96

    def __init__(self, period_ns: int) -> None:
        self.phase_ns = 0
        self.restart(0, period_ns)

    @property
    def late_ns(self) -> int:
        """One period: fast pulses are played on the line, not on their edges."""
        return self.period_ns

    def restart(self, time_ns: int, period_ns: int) -> None:
        """Restart at an edge, with an assumed period."""
        self.phase_ns = time_ns
        self.period_ns = period_ns
        self._edges = 1
        self._lean_ns = 0
        self._error_ns = 0
        self._jitter_ns = period_ns // 16
        self._recent: tuple[tuple[int, int], ...] = ((time_ns, 0),)

    def follow(self, time_ns: int, pulses: int) -> None:
        """Take the edge that lies `pulses` after the last."""
        self._recent = (*self._recent[-2:], (time_ns, pulses))
        predicted_ns = self.phase_ns + pulses * self.period_ns
        error_ns = self._cut(time_ns - predicted_ns)
        if self._leans(error_ns):
            self._begin_anew()
            return
        k = self._edges = min(self._edges + 1, self.EDGES_MAX)
        self.phase_ns = predicted_ns + error_ns * 2 * (2 * k - 1) // (k * (k + 1))
        self.period_ns += error_ns * 6 // (k * (k + 1) * pulses)

    def _cut(self, error_ns: int) -> int:
        """Limit how far one outlying edge moves a settled line."""
        if self._edges < 8:
            return error_ns
        bound_ns = 5 * self._expected_ns()
        return min(max(error_ns, -bound_ns), bound_ns)

    def _expected_ns(self) -> int:
        """Return the jitter to expect, at least a 128th of the period."""
        return max(self._jitter_ns, self.period_ns // 128)

    def _leans(self, error_ns: int) -> bool:
        """Update the jitter; return whether the errors lean to one side by more than it."""
        self._jitter_ns += (abs(error_ns - self._error_ns) - self._jitter_ns) // 16
        self._error_ns = error_ns
        self._lean_ns += (error_ns - self._lean_ns) // 4
        return 2 * abs(self._lean_ns) > 3 * self._expected_ns()

    def _begin_anew(self) -> None:
        (first_ns, _), *later = self._recent
        self.phase_ns = self._recent[-1][0]
        self.period_ns = (self.phase_ns - first_ns) // sum(pulses for _, pulses in later)
        self._edges = len(self._recent)
