"""The internal clock: ticks at a set tempo."""

from firmware.engine.clock import Faults, Tick, checked_tempo, ticks_ns


class InternalClock:
    """A `Clock` at a set tempo.

    Tick n after the last change of tempo is due `n * numerator // denominator` after it, so
    nothing accumulates: after 10 000 bars the last tick is as exact as the first.
    """

    waiting = False
    locked = True
    next_pulse_ns = None
    lead_ns = 2_000_000
    faults = Faults()

    def __init__(self, milli_bpm: int = 120_000) -> None:
        self.milli_bpm = checked_tempo(milli_bpm)
        self.next_deadline_ns: int | None = None
        self._base_ns = 0
        self._base_index = 0
        self.next_index = 0
        self._last_ns = 0

    @property
    def next_tick_ns(self) -> int | None:
        """When the next tick is due; None while stopped."""
        return self.next_deadline_ns

    @property
    def running(self) -> bool:
        """Started and not stopped."""
        return self.next_deadline_ns is not None

    def deadline_ns_of(self, index: int) -> int | None:
        """Return when to call `advance` for a tick to come; None while stopped."""
        if self.next_deadline_ns is None:
            return None
        return self._base_ns + ticks_ns(index - self._base_index, self.milli_bpm)

    def start(self, now_ns: int) -> None:
        """Play from tick 0, due now."""
        self._place(0, now_ns)

    def stop(self, now_ns: int) -> None:  # noqa: ARG002 - time matters to other clocks
        """Return no more ticks; the song position stays."""
        self.next_deadline_ns = None

    def resume(self, now_ns: int) -> None:
        """Play on: the next tick is due now. Does nothing while running."""
        if not self.running:
            self._place(self.next_index, now_ns)

    def locate(self, index: int, now_ns: int) -> None:  # noqa: ARG002 - as above
        """Make `index` the next tick, when the next was due."""
        if self.next_deadline_ns is None:
            self.next_index = index
        else:
            self._place(index, self.next_deadline_ns)

    def reset(self, now_ns: int, *, immediate: bool = False) -> None:
        """Make 0 the next tick, when the next was due; or due now, if `immediate`."""
        if immediate and self.running:
            self._place(0, now_ns)
        else:
            self.locate(0, now_ns)

    def set_tempo(self, milli_bpm: int, now_ns: int) -> None:
        """Change the tempo and keep the phase: what is left of this tick is stretched.

        Raises `TempoError`.
        """
        checked_tempo(milli_bpm)
        if self.next_deadline_ns is not None and milli_bpm != self.milli_bpm:
            now_ns = max(now_ns, self._last_ns)
            left_ns = self.next_deadline_ns - now_ns
            # Rounded, not cut: a tempo swept for hours must not drift to one side.
            left_ns = (left_ns * self.milli_bpm + milli_bpm // 2) // milli_bpm
            self._place(self.next_index, now_ns + left_ns)
        self.milli_bpm = milli_bpm

    def expects(self, time_ns: int) -> bool:  # noqa: ARG002 - as above
        """Expect no pulse."""
        return False

    def edge(self, time_ns: int) -> None:
        """Ignore a pulse."""

    def advance(self, now_ns: int) -> list[Tick]:
        """Return the ticks due by `now_ns`, oldest first, each once."""
        if self.next_deadline_ns is None or now_ns < self.next_deadline_ns:
            return []
        due = []
        period_ns = ticks_ns(1, self.milli_bpm)
        while self.next_deadline_ns <= now_ns:
            due.append(Tick(self.next_index, self.next_deadline_ns, period_ns))
            self._last_ns = self.next_deadline_ns
            self.next_index += 1
            ticks = self.next_index - self._base_index
            self.next_deadline_ns = self._base_ns + ticks_ns(ticks, self.milli_bpm)
        return due

    def _place(self, index: int, time_ns: int) -> None:
        """Make `index` the next tick; a command's time may lie before the last one's."""
        self._base_index = self.next_index = index
        self._base_ns = self.next_deadline_ns = max(time_ns, self._last_ns)
