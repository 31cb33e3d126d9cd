"""Classifies edges: the next pulse, one after a missing pulse, a stray, or a new tempo."""

from enum import Enum, auto
from itertools import pairwise

from firmware.engine.pll import Follower

_MINUTE_NS = 60_000_000_000
_FASTEST_BPM = 600
"""Edges closer than this are one pulse: twice the fastest tempo, as a jump may overshoot."""


class Reading(Enum):
    """The class of an edge."""

    NEXT = auto()
    """The pulse after the last."""
    MISSED = auto()
    """A pulse after missing ones."""
    DOUBLED = auto()
    """The last pulse again; ignored."""
    OUTLIER = auto()
    """At no place where a pulse can be; ignored."""
    RECOUNTED = auto()
    """A pulse of a new tempo, by which the last few edges are numbered again."""
    FIRST = auto()
    """The first pulse, or the first after a pause too long for missing pulses."""


class PulseCount:
    """Counts the pulses behind the edges, and updates the follower of their tempo.

    `pulses` is the number of true pulses so far. An edge is classified by its distance x from
    the last pulse, in periods: below 0.5 it is no pulse, below 1.5 the next, below 2.5 the one
    after a missing pulse. Even edges at another tempo (three intervals faster, or two slower)
    set that tempo, and are counted again by it.

    An `exact` count takes every edge for the next pulse at any distance, as a serial line
    delays bytes but neither loses nor doubles them.
    """

    def __init__(
        self, follower: Follower, ppqn: int, *, freewheel: bool, exact: bool = False
    ) -> None:
        self.pulses = 0
        self.locked = False
        self.follower = follower
        self._freewheel = freewheel
        self._exact = exact
        self._closest_ns = _MINUTE_NS // (_FASTEST_BPM * ppqn)
        self._edges: tuple[tuple[int, int], ...] = ()
        self._counted_ns = 0

    def rest(self) -> None:
        """Discard the edges after too long a pause; the tempo stays as an assumption."""
        self.locked = False
        self._edges = ()

    def is_next(self, time_ns: int) -> bool:
        """Return whether `read` would certainly take an edge for the next pulse."""
        if not self.locked or self._exact:
            return False
        interval_ns, period_ns = time_ns - self._edges[-1][0], self.follower.period_ns
        clean = 8 * abs(interval_ns - period_ns) <= period_ns
        return clean and interval_ns >= self._closest_ns and self._places(time_ns) == 1

    def read(self, time_ns: int) -> Reading:
        """Take an edge."""
        if not self._edges:
            reading = self._first(time_ns)
        else:
            reading = self._next(time_ns) if self._exact else self._read(time_ns)
        if reading not in (Reading.DOUBLED, Reading.OUTLIER):
            self._counted_ns = time_ns
        # Whatever the edges, a period stays within the range of tempo.
        self.follower.period_ns = max(self.follower.period_ns, self._closest_ns)
        if reading is not Reading.DOUBLED:
            self._edges = (*self._edges[-3:], (time_ns, self.pulses))
        return reading

    def _first(self, time_ns: int) -> Reading:
        self.rest()
        self.pulses += 1
        self.follower.restart(time_ns, self.follower.period_ns)
        return Reading.FIRST

    def _next(self, time_ns: int) -> Reading:
        """Count one more; delayed edges that come all at once give no tempo."""
        if not self._is_new_tempo(time_ns):
            self.pulses += 1
            if time_ns - self._edges[-1][0] >= self._closest_ns:
                self.follower.follow(time_ns, 1)
        self.locked = len(self._edges) > 1
        return Reading.NEXT

    def _read(self, time_ns: int) -> Reading:
        interval_ns = time_ns - self._edges[-1][0]
        if interval_ns < self._closest_ns:
            return Reading.DOUBLED
        if not self.locked:
            return self._early(time_ns)
        period_ns = self.follower.period_ns
        if 8 * abs(interval_ns - period_ns) > period_ns and self._is_new_tempo(time_ns):
            return Reading.RECOUNTED
        return self._place(time_ns, self._places(time_ns))

    def _places(self, time_ns: int) -> int:
        """Return how many periods an edge lies after the last pulse, to the nearest.

        Measured from the smoothed pulse and from its edge; of the two, the one nearer to one
        period counts: the other is jitter, or a tempo that the loop has not reached yet.
        """
        period_ns = self.follower.period_ns
        smoothed = (2 * (time_ns - self.follower.phase_ns) + period_ns) // (2 * period_ns)
        raw = (2 * (time_ns - self._counted_ns) + period_ns) // (2 * period_ns)
        return raw if abs(raw - 1) < abs(smoothed - 1) else smoothed

    def _early(self, time_ns: int) -> Reading:
        """Take one of the first edges for the next pulse; a swung clock needs three."""
        self.follower.follow(time_ns, 1)
        self.pulses += 1
        self.locked = len(self._edges) > 1
        return Reading.NEXT

    def _place(self, time_ns: int, places: int) -> Reading:
        """Classify an edge by its distance, in whole periods after the last pulse."""
        if places < 1:
            return Reading.OUTLIER
        if places > 2 and not self._freewheel:
            return self._first(time_ns)
        self.follower.follow(time_ns, places)
        self.pulses += places
        return Reading.NEXT if places == 1 else Reading.MISSED

    def _is_new_tempo(self, time_ns: int) -> bool:
        return self._is_even(time_ns, 3, slower=False) or self._is_even(time_ns, 2, slower=True)

    def _is_even(self, time_ns: int, intervals: int, *, slower: bool) -> bool:
        """Recount if the last edges were even, with an interval far from the period."""
        if len(self._edges) < intervals:
            return False
        edges = self._edges[-intervals:]
        times_ns = [*(edge[0] for edge in edges), time_ns]
        gaps_ns = [later - earlier for earlier, later in pairwise(times_ns)]
        mean_ns = (time_ns - times_ns[0]) // intervals
        period_ns = self.follower.period_ns
        far = 2 * mean_ns > 3 * period_ns if slower else 10 * mean_ns < 7 * period_ns
        even = 4 * (max(gaps_ns) - min(gaps_ns)) <= mean_ns
        # Delayed bytes come all at once, and give no tempo.
        if not far or not even or mean_ns < self._closest_ns:
            return False
        self.follower.restart(time_ns, mean_ns)
        counted = edges[0][1] + intervals
        self.pulses = max(counted, self.pulses + 1) if self._freewheel else counted
        return True
