"""The clock that follows whoever counts: the jack, else MIDI, else itself."""

from dataclasses import astuple

from firmware.engine.clock import Clock, Faults, Tick
from firmware.engine.external_clock import ExternalClock
from firmware.engine.internal_clock import InternalClock
from firmware.engine.state import ClockSource, EngineState

PULSED = (ClockSource.JACK, ClockSource.AUTO)
"""The sources that count the pulses of the jack."""


class AutoClock:
    """A `Clock` that hands the song from one clock to another.

    A pulse of the jack takes over from any other clock, a MIDI clock from the internal one.
    The pulse becomes the one of its grid that is nearest to the song position; ticks left
    before it come with it, and ticks that came before it are not given again. When an external
    clock has been silent for long enough to wait, or for `silence_ns` where it has nothing to
    play, the internal one goes on at the next tick. So each index follows the one before it.
    """

    def __init__(
        self,
        internal: InternalClock,
        jack: ExternalClock,
        midi: ExternalClock,
        silence_ns: int,
    ) -> None:
        """Begin stopped, at tick 0, with the internal clock."""
        self._clocks: dict[ClockSource, Clock] = {
            ClockSource.INTERNAL: internal,
            ClockSource.JACK: jack,
            ClockSource.MIDI: midi,
        }
        self._jack, self._midi, self._internal = jack, midi, internal
        self.source = ClockSource.INTERNAL
        self._active: Clock = internal
        self._silence_ns = silence_ns
        self._quiet_ns = 0
        self._last_tick_ns = 0

    @property
    def running(self) -> bool:
        """Started and not stopped."""
        return self._active.running

    @property
    def waiting(self) -> bool:
        """No tick will come before a pulse, or before the internal clock takes over."""
        return self._active.waiting

    @property
    def locked(self) -> bool:
        """The tempo is known rather than assumed."""
        return self._active.locked

    @property
    def milli_bpm(self) -> int:
        """Tempo of the active clock."""
        return self._active.milli_bpm

    @property
    def faults(self) -> Faults:
        """What was wrong with the pulses of the jack and of MIDI."""
        both = zip(astuple(self._jack.faults), astuple(self._midi.faults), strict=True)
        return Faults(*(jack + midi for jack, midi in both))

    @property
    def lead_ns(self) -> int:
        """How long before their time ticks may be played out."""
        return self._active.lead_ns

    @property
    def next_index(self) -> int:
        """The song position of the next tick."""
        return self._active.next_index

    @property
    def next_tick_ns(self) -> int | None:
        """When the next tick is due."""
        return self._active.next_tick_ns

    @property
    def next_pulse_ns(self) -> int | None:
        """When the pulse is expected that plays at once."""
        return self._active.next_pulse_ns

    @property
    def next_deadline_ns(self) -> int | None:
        """When to call `advance` next."""
        deadline_ns = self._active.next_deadline_ns
        if deadline_ns is None and self.source is not ClockSource.INTERNAL:
            return self._quiet_ns + self._silence_ns
        return deadline_ns

    def deadline_ns_of(self, index: int) -> int | None:
        """Return when to call `advance` next if no tick before `index` matters."""
        internal = self.source is ClockSource.INTERNAL
        return self._internal.deadline_ns_of(index) if internal else self.next_deadline_ns

    def expects(self, time_ns: int) -> bool:
        """Return whether a pulse at `time_ns` would certainly play the next tick at once."""
        return self._active.expects(time_ns)

    def start(self, now_ns: int) -> None:
        """Play from tick 0: at once, or with the next pulse."""
        self._heed(now_ns)
        self._active.start(now_ns)

    def stop(self, now_ns: int) -> None:
        """Return no more ticks; the song position stays."""
        self._heed(now_ns)
        self._active.stop(now_ns)

    def resume(self, now_ns: int) -> None:
        """Play on from the song position: at once, or with the next pulse."""
        self._heed(now_ns)
        self._active.resume(now_ns)

    def locate(self, index: int, now_ns: int) -> None:
        """Go to a song position in ticks; playing or not stays as it is."""
        self._heed(now_ns)
        self._active.locate(index, now_ns)

    def reset(self, now_ns: int, *, immediate: bool = False) -> None:
        """Go to tick 0 with the next tick or pulse, or at once if `immediate`."""
        self._heed(now_ns)
        self._active.reset(now_ns, immediate=immediate)

    def set_tempo(self, milli_bpm: int, now_ns: int) -> None:
        """Set the tempo of the internal clock, and what pulses assume. Raises `TempoError`."""
        for clock in self._clocks.values():
            clock.set_tempo(milli_bpm, now_ns)

    def edge(self, time_ns: int) -> None:
        """Take a pulse of the jack."""
        self._take(ClockSource.JACK, self._jack, time_ns)

    def midi_edge(self, time_ns: int) -> None:
        """Take a MIDI clock; without effect while the jack counts."""
        if self.source is not ClockSource.JACK:
            self._take(ClockSource.MIDI, self._midi, time_ns)

    def follow_midi(self, now_ns: int) -> bool:
        """Let MIDI's transport lead, unless the jack counts; return whether it does."""
        if self.source is ClockSource.INTERNAL:
            self._hand_over(ClockSource.MIDI, self._midi, now_ns)
        return self.source is ClockSource.MIDI

    def advance(self, now_ns: int) -> list[Tick]:
        """Return the ticks due by `now_ns`, oldest first, each once, in order of time."""
        ticks = self._active.advance(now_ns)
        if self.source is not ClockSource.INTERNAL and self._is_silent(now_ns):
            self._go_on_alone(now_ns)
            ticks += self._internal.advance(now_ns)
        if ticks:
            self._last_tick_ns = ticks[-1].time_ns
        return ticks

    def _go_on_alone(self, now_ns: int) -> None:
        """Let the internal clock go on where an external one has ended."""
        before = self._active
        self.source, self._active = ClockSource.INTERNAL, self._internal
        self._internal.stop(now_ns)
        self._internal.locate(before.next_index, now_ns)
        if before.running:
            self._internal.resume(now_ns)
        before.stop(now_ns)

    def _is_silent(self, now_ns: int) -> bool:
        """Return whether an external clock gives nothing more, and has had its time."""
        has_nothing = self._active.next_deadline_ns is None
        return has_nothing and now_ns >= self._quiet_ns + self._silence_ns

    def _take(self, source: ClockSource, clock: ExternalClock, time_ns: int) -> None:
        if self.source is not source:
            self._hand_over(source, clock, time_ns)
        self._heed(time_ns)
        clock.edge(time_ns)

    def _hand_over(self, source: ClockSource, clock: ExternalClock, time_ns: int) -> None:
        """Let an external clock go on where the active one is."""
        before = self._active
        clock.join(before.next_index, time_ns, self._last_tick_ns, running=before.running)
        before.stop(time_ns)
        self.source, self._active = source, clock
        self._heed(time_ns)

    def _heed(self, now_ns: int) -> None:
        """Give an external clock its time of silence from now on."""
        self._quiet_ns = max(self._quiet_ns, now_ns)


def active_source(clock: Clock, state: EngineState) -> ClockSource:
    """Return who counts the time now."""
    return clock.source if isinstance(clock, AutoClock) else state.clock_source
