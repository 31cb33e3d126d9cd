"""Decides when a player without a heartbeat is killed."""

from firmware.ipc.heartbeat import HANGING_NS

CHECK_NS = 100_000_000
"""How often the player's heartbeat is checked."""

STARTING_NS = 20_000_000_000
"""How long a player may take to its first heartbeat."""


class Watchdog:
    """Judges heartbeats by their age and by the regularity of its own checks.

    After a pause of the whole machine, the age counts from when the checks became regular
    again. A player hangs only if its heartbeat is still the same `CHECK_NS` after it was found
    too old: the player may have continued a little later than the supervisor.
    """

    def __init__(self, now_ns: int) -> None:
        """Begin to watch."""
        self._checked_ns = self._regular_since_ns = now_ns
        self._suspected: tuple[int, int] | None = None

    def check(self, now_ns: int, heartbeat_ns: int, started_ns: int) -> str:
        """Return the ages of heartbeat, checks and start if the player hangs, else "".

        `heartbeat_ns` is 0 before the first.
        """
        if now_ns - self._checked_ns > 3 * CHECK_NS:
            self._regular_since_ns = now_ns
        self._checked_ns = now_ns
        if not self._is_old(now_ns, heartbeat_ns, started_ns):
            self._suspected = None
        elif self._suspected is None or self._suspected[0] != heartbeat_ns:
            self._suspected = heartbeat_ns, now_ns
        elif now_ns - self._suspected[1] >= CHECK_NS:
            self._suspected = None
            return self._ages(now_ns, heartbeat_ns, started_ns)
        return ""

    def _is_old(self, now_ns: int, heartbeat_ns: int, started_ns: int) -> bool:
        if not heartbeat_ns:
            return now_ns - max(started_ns, self._regular_since_ns) > STARTING_NS
        return now_ns - max(heartbeat_ns, self._regular_since_ns) > HANGING_NS

    def _ages(self, now_ns: int, heartbeat_ns: int, started_ns: int) -> str:
        heartbeat = f"{(now_ns - heartbeat_ns) / 1e9:.3f} s ago" if heartbeat_ns else "none"
        watched_s = (now_ns - self._regular_since_ns) / 1e9
        started_s = (now_ns - started_ns) / 1e9
        return (
            f"last heartbeat {heartbeat}, checked regularly for {watched_s:.3f} s, "
            f"started {started_s:.3f} s ago"
        )
