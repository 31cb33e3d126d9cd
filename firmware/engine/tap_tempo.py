"""Tap tempo."""

from itertools import pairwise

from firmware.engine.clock import MILLI_BPM_MAX, MILLI_BPM_MIN

_MINUTE_NS_MILLI_BPM = 60_000_000_000_000
_SLOWEST_NS = _MINUTE_NS_MILLI_BPM // MILLI_BPM_MIN
_BOUNCE_NS = 100_000_000


class TapTempo:
    """Tempo from taps on the beat: the median of the last intervals, at most four.

    A tap more than a third off the others, or after a pause of more than a beat at 20 BPM,
    begins a new tempo. Taps within 100 ms are the switch bouncing.
    """

    def __init__(self) -> None:
        self._taps_ns: tuple[int, ...] = ()

    def tap(self, now_ns: int) -> int | None:
        """Take a tap; return the tempo, 20 000-300 000 milli-BPM, or None before the second."""
        interval_ns = now_ns - self._taps_ns[-1] if self._taps_ns else 0
        if self._taps_ns and interval_ns < _BOUNCE_NS:
            return self._milli_bpm()
        taps_ns = self._taps_ns if self._goes_on(interval_ns) else ()
        self._taps_ns = (*taps_ns[-4:], now_ns)
        return self._milli_bpm()

    def _intervals_ns(self) -> list[int]:
        return [b - a for a, b in pairwise(self._taps_ns)]

    def _goes_on(self, interval_ns: int) -> bool:
        intervals_ns = self._intervals_ns()
        if interval_ns > _SLOWEST_NS or not intervals_ns:
            return interval_ns <= _SLOWEST_NS
        usual_ns = _median(intervals_ns)
        return 3 * abs(interval_ns - usual_ns) <= usual_ns

    def _milli_bpm(self) -> int | None:
        intervals_ns = self._intervals_ns()
        if not intervals_ns:
            return None
        tempo = round(_MINUTE_NS_MILLI_BPM / _median(intervals_ns))
        return min(max(tempo, MILLI_BPM_MIN), MILLI_BPM_MAX)


def _median(values: list[int]) -> float:
    # Not that of `statistics`, which loads decimals, fractions and random numbers at the start.
    ordered = sorted(values)
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[~middle]) / 2
