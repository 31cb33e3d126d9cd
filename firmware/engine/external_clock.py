"""The clock that follows pulses, from the clock jack or from MIDI."""

from dataclasses import replace
from typing import NamedTuple

from firmware.engine.clock import (
    TICKS_PER_QUARTER,
    TICKS_PER_STEP,
    Faults,
    Tick,
    checked_tempo,
    tempo_of,
    ticks_ns,
)
from firmware.engine.pll import EdgeFollower, Follower, PhaseLock
from firmware.engine.pulse_tracker import PulseCount, Reading

_PPQN_ON_EDGE_MAX = 4
_SLOWEST_QUARTER_NS = 3_300_000_000
"""A quarter note at 20 BPM, and a tenth more."""


class _PulsePosition(NamedTuple):
    """An edge's position in the song: its pulse, and the tick from which the song is played."""

    pulse: int
    tick: int


class ExternalClock:
    """A `Clock` at so many pulses per quarter note.

    At 4 ppqn and below each edge is a tick, at once. Ticks left of the pulse before come with
    it if it is early; if it is late the song holds before it. After 1.3 periods (of the longer
    of the last two, as a clock may swing) the pulse counts as missing and is played through,
    once; then the song holds until an edge comes. Above 4 ppqn the edges' jitter is smoothed,
    and ticks are due by the smoothed pulse, at most one missed pulse ahead of the edges.

    Without an edge for `silence_ns` and 2.5 periods the clock waits, and the next edge fires
    at once as the pulse after the last true one: what was played through comes again then. A
    `freewheel` clock plays on instead, for ever. Until two edges give the tempo, the one
    measured last or set is assumed; until three have, nothing is played through.

    An edge up to `grace_ns` before a start, resume or reset counts as coming after it. At
    4 ppqn and below its tick has been given already; it is given again with its new index.
    For MIDI, where the order of the bytes decides, `grace_ns` is 0; and its pulses are `exact`:
    each is the next, however late it comes.

    A stop lasts whole pulses, so the song stays on their grid. Where a pulse spans several
    steps, the one in which the song was stopped is resumed, without what was played of it.
    """

    lead_ns = 0

    def __init__(
        self,
        ppqn: int,
        *,
        milli_bpm: int = 120_000,
        silence_ns: int = 500_000_000,
        freewheel: bool = False,
        grace_ns: int = 1_000_000,
        exact: bool = False,
    ) -> None:
        self.faults = Faults()
        self.running = False
        self.next_deadline_ns: int | None = None
        self.next_tick_ns: int | None = None
        self._ticks_per_pulse = TICKS_PER_QUARTER // ppqn
        period_ns = ticks_ns(self._ticks_per_pulse, checked_tempo(milli_bpm))
        self._on_edge = ppqn <= _PPQN_ON_EDGE_MAX
        self._follower: Follower = (EdgeFollower if self._on_edge else PhaseLock)(period_ns)
        self._count = PulseCount(self._follower, ppqn, freewheel=freewheel, exact=exact)
        self._freewheel = freewheel
        self._silence_ns = silence_ns
        self._silence_unlocked_ns = max(silence_ns, _SLOWEST_QUARTER_NS // ppqn)
        self._grace_ns = grace_ns
        # The last pulse counted, the next tick, and the time of the pulse; None while silent.
        self._pulse = 0
        self.next_index = 0
        self._origin_ns: int | None = None
        # The position of the next edge after a command, and the time of the command.
        self._armed: _PulsePosition | None = _PulsePosition(0, 0)
        self._armed_ns = 0
        self._edge_ns: int | None = None
        self._same_until_ns: int | None = None
        self._last_tick_ns = 0

    @property
    def waiting(self) -> bool:
        """No tick will come before an edge does; nothing should go on sounding."""
        return self.running and self._origin_ns is None

    @property
    def next_pulse_ns(self) -> int | None:
        """When the next edge is expected, at 4 ppqn and below."""
        if not self._on_edge or not self.locked or self._origin_ns is None:
            return None
        return self._follower.phase_ns + self._follower.period_ns

    def expects(self, time_ns: int) -> bool:
        """Return whether an edge at `time_ns` would certainly play the next tick at once."""
        return (
            self.next_pulse_ns is not None
            and self._armed is None
            and self._same_until_ns is None
            and self.next_index == (self._pulse + 1) * self._ticks_per_pulse
            and self._count.is_next(time_ns)
        )

    @property
    def locked(self) -> bool:
        """The tempo was measured."""
        return self._count.locked

    @property
    def milli_bpm(self) -> int:
        """Tempo measured, or else assumed, in thousandths of a quarter note per minute."""
        return tempo_of(self._ticks_per_pulse, self._follower.period_ns)

    def deadline_ns_of(self, index: int) -> int | None:  # noqa: ARG002 - as the pulses come
        """Return when to call `advance` next."""
        return self.next_deadline_ns

    def start(self, now_ns: int) -> None:
        """Play from tick 0 with the next edge."""
        self.locate(0, now_ns)
        self.resume(now_ns)

    def stop(self, now_ns: int) -> None:  # noqa: ARG002 - time matters to other clocks
        """Return no more ticks; the song position stays and the tempo is followed."""
        if self.running:
            self.running = False
            self._armed = self._armed or _PulsePosition(
                self._pulse_to_resume(), self.next_index
            )
            self._silence()

    def resume(self, now_ns: int) -> None:
        """Play on from the song position with the next edge. Does nothing while running."""
        if not self.running:
            self.running = True
            self._arm(self._armed or _PulsePosition(0, 0), now_ns)

    def locate(self, index: int, now_ns: int) -> None:
        """Be silent, and play from tick `index` with the next edge, or once resumed."""
        self._silence()
        self._arm(_PulsePosition(index // self._ticks_per_pulse, index), now_ns)

    def reset(self, now_ns: int, *, immediate: bool = False) -> None:
        """Make the next edge tick 0; until then the song plays on, at most to that edge.

        If `immediate`, tick 0 is due now, and the pulse after it is the next edge that comes
        later than `grace_ns`.
        """
        self._arm(_PulsePosition(0, 0), now_ns)
        if immediate and self._armed and self.running:
            self._play_from(self._armed, now_ns)
            self._same_until_ns = now_ns + self._grace_ns
            self._schedule()

    def join(self, index: int, now_ns: int, last_tick_ns: int, *, running: bool) -> None:
        """Go on, with the next edge, where another clock is: tick `index` is its next.

        That edge is the pulse nearest to the tick. No tick is due before `last_tick_ns`.
        """
        pulse = (2 * index + self._ticks_per_pulse) // (2 * self._ticks_per_pulse)
        self._count.rest()
        self._silence()
        self._edge_ns = None
        self.running = running
        self.next_index = index
        self._last_tick_ns = last_tick_ns
        self._arm(_PulsePosition(pulse, index), now_ns)

    def set_tempo(self, milli_bpm: int, now_ns: int) -> None:  # noqa: ARG002 - as above
        """Set the tempo to assume until edges give it. Raises `TempoError`."""
        checked_tempo(milli_bpm)
        if not self.locked:
            self._follower.period_ns = ticks_ns(self._ticks_per_pulse, milli_bpm)
            self._schedule()

    def edge(self, time_ns: int) -> None:
        """Take an edge that came at `time_ns`; `advance` returns the ticks due by it."""
        counted = self._count.pulses
        reading = self._count.read(time_ns)
        pulses = self._count.pulses - counted
        if self.running:
            self._note(reading, pulses)
        if reading in (Reading.DOUBLED, Reading.OUTLIER):
            return
        self._edge_ns = time_ns
        if self.running:
            self._take(time_ns, pulses, reading)
        self._schedule()

    def advance(self, now_ns: int) -> list[Tick]:
        """Return the ticks due by `now_ns`, oldest first, each once."""
        if self.next_deadline_ns is None or now_ns < self.next_deadline_ns:
            return []
        due = []
        period_ns = self._follower.period_ns // self._ticks_per_pulse
        while (time_ns := self._due_ns()) is not None and time_ns <= now_ns:
            due.append(Tick(self.next_index, time_ns, period_ns))
            self.next_index += 1
            self._last_tick_ns = time_ns
        self._schedule()
        if time_ns is None:
            self._fall_silent(now_ns)
        return due

    def _take(self, time_ns: int, pulses: int, reading: Reading) -> None:
        """Move the song on by an edge that counts."""
        if self._armed and time_ns >= self._armed_ns - self._grace_ns:
            self._play_from(self._armed, self._follower.phase_ns)
            return
        if self._armed and self._origin_ns is None:
            return
        if self._same_until_ns is None or time_ns > self._same_until_ns:
            self._pulse += pulses
        self._same_until_ns = None
        self._origin_ns = self._follower.phase_ns
        first_index = self._pulse * self._ticks_per_pulse
        if reading in (Reading.FIRST, Reading.RECOUNTED) and first_index < self.next_index:
            self.next_index = first_index
            self.faults = replace(self.faults, reread=self.faults.reread + 1)

    def _arm(self, position: _PulsePosition, now_ns: int) -> None:
        """Make the next edge `position`; or the last one, if it came just before."""
        self._armed, self._armed_ns = position, now_ns
        if self.running and self._is_just_past(now_ns):
            self._play_from(position, self._follower.phase_ns)
        self._schedule()

    def _is_just_past(self, now_ns: int) -> bool:
        edge_ns = self._edge_ns
        return self._grace_ns > 0 and edge_ns is not None and now_ns - edge_ns <= self._grace_ns

    def _play_from(self, position: _PulsePosition, origin_ns: int) -> None:
        self._pulse, self.next_index = position
        self._origin_ns = origin_ns
        self._armed = self._same_until_ns = None

    def _pulse_to_resume(self) -> int:
        """Return the first pulse that still has a step to play, at most the one to come."""
        step = -(-self.next_index // TICKS_PER_STEP) * TICKS_PER_STEP // self._ticks_per_pulse
        several = self._ticks_per_pulse > TICKS_PER_STEP
        return min(step, self._pulse + 1) if several else self._pulse + 1

    def _fall_silent(self, now_ns: int) -> None:
        """Wait for an edge once the song has held for one long enough."""
        silent_ns = self._silent_ns()
        if silent_ns is not None and silent_ns <= now_ns:
            self._count.rest()
            self._silence()

    def _silence(self) -> None:
        self._origin_ns = None
        self._schedule()

    def _schedule(self) -> None:
        due_ns = self.next_tick_ns = self._due_ns()
        self.next_deadline_ns = self._silent_ns() if due_ns is None else due_ns

    def _due_ns(self) -> int | None:
        """When the next tick is due; None if it must wait for an edge."""
        if self._origin_ns is None:
            return None
        per_pulse, period_ns = self._ticks_per_pulse, self._follower.period_ns
        ticks = self.next_index - self._pulse * per_pulse
        if ticks >= per_pulse and not self._may_run_on(ticks):
            return None
        due_ns = self._origin_ns + ticks * period_ns // per_pulse
        if ticks >= per_pulse:
            due_ns = max(due_ns, self._origin_ns + self._follower.late_ns)
        return max(due_ns, self._last_tick_ns)

    def _may_run_on(self, ticks: int) -> bool:
        """Whether a tick that belongs to a later pulse may come before that pulse's edge."""
        if self._armed or not self.locked:
            return False
        return self._freewheel or ticks < 2 * self._ticks_per_pulse

    def _silent_ns(self) -> int | None:
        """When a song that holds for an edge begins to wait; None if it does not hold."""
        if self._origin_ns is None:
            return None
        if not self.locked:
            return self._origin_ns + self._silence_unlocked_ns
        return self._origin_ns + max(self._silence_ns, 5 * self._follower.period_ns // 2)

    def _note(self, reading: Reading, pulses: int) -> None:
        """Count the faults of an edge."""
        faults = self.faults
        if reading is Reading.MISSED:
            self.faults = replace(faults, missed=faults.missed + pulses - 1)
        elif reading is Reading.DOUBLED:
            self.faults = replace(faults, doubled=faults.doubled + 1)
        elif reading is Reading.OUTLIER:
            self.faults = replace(faults, outliers=faults.outliers + 1)
