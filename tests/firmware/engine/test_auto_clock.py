"""The automatic clock: whoever counts, the song goes on without losing or repeating a tick."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.auto_clock import AutoClock
from firmware.engine.clock import Tick
from firmware.engine.clock_source import clock_maker
from firmware.engine.state import ClockSource, EngineState

MS = 1_000_000
S = 1_000 * MS
SILENCE_NS = 500 * MS
SIXTEENTH_NS = 125 * MS
MIDI_NS = 500 * MS // 24


def make() -> AutoClock:
    clock = clock_maker(SILENCE_NS)(EngineState(clock_source=ClockSource.AUTO))
    assert isinstance(clock, AutoClock)
    return clock


@dataclass
class Desk:
    """Drives an automatic clock as a perfect player would."""

    clock: AutoClock = field(default_factory=make)
    now_ns: int = 0
    ticks: list[Tick] = field(default_factory=list)
    sources: list[ClockSource] = field(default_factory=list)
    restarts: list[int] = field(default_factory=list)
    """How many ticks there were at each start and each recount."""

    def until(self, end_ns: int) -> None:
        while (due_ns := self.clock.next_deadline_ns) is not None and due_ns <= end_ns:
            self.now_ns = max(self.now_ns, due_ns)
            self.take()
        self.now_ns = end_ns

    def take(self) -> None:
        self.ticks += self.clock.advance(self.now_ns)
        if self.sources[-1:] != [self.clock.source]:
            self.sources.append(self.clock.source)

    def pulses(self, count: int, period_ns: int, *, midi: bool = False) -> None:
        for _ in range(count):
            self.until(self.now_ns + period_ns)
            recounts = self.clock.faults.reread
            (self.clock.midi_edge if midi else self.clock.edge)(self.now_ns)
            self.take()
            if self.clock.faults.reread > recounts:
                self.restarts.append(len(self.ticks))

    def jack(self, count: int) -> None:
        self.pulses(count, SIXTEENTH_NS)

    def midi(self, count: int) -> None:
        self.pulses(count, MIDI_NS, midi=True)

    def silence(self, ms: int) -> None:
        self.until(self.now_ns + ms * MS)

    def stop(self, ms: int) -> None:
        self.clock.stop(self.now_ns)
        self.silence(ms)
        self.clock.resume(self.now_ns)
        self.take()

    def start(self, _: int) -> None:
        self.restarts.append(len(self.ticks))
        self.clock.start(self.now_ns)
        self.take()

    def midi_start(self, _: int) -> None:
        if self.clock.follow_midi(self.now_ns):
            self.start(0)

    def check(self) -> None:
        """No tick is lost or doubled, but where the song was started or counted again."""
        for n, (before, after) in enumerate(zip(self.ticks, self.ticks[1:], strict=False), 1):
            assert after.time_ns >= before.time_ns
            if after.index != before.index + 1:
                assert any(n - 24 <= at <= n + 24 for at in self.restarts), (n, before, after)


def playing() -> Desk:
    desk = Desk()
    desk.clock.start(0)
    desk.take()
    return desk


def test_without_pulses_the_internal_clock_counts() -> None:
    desk = playing()
    desk.until(S)
    assert len(desk.ticks) == 193
    assert desk.sources == [ClockSource.INTERNAL]


def test_pulses_take_over_and_their_end_gives_the_song_back() -> None:
    desk = playing()
    desk.until(S)
    desk.jack(16)
    desk.silence(3000)
    assert desk.sources == [ClockSource.INTERNAL, ClockSource.JACK, ClockSource.INTERNAL]
    assert desk.clock.running
    assert not desk.restarts
    desk.check()


def test_midi_takes_over_from_itself_and_the_jack_from_midi() -> None:
    desk = playing()
    desk.midi(96)
    desk.jack(8)
    desk.midi(200)
    assert desk.sources == [
        ClockSource.INTERNAL,
        ClockSource.MIDI,
        ClockSource.JACK,
        ClockSource.INTERNAL,
        ClockSource.MIDI,
    ]
    desk.check()


@pytest.mark.parametrize(("early_ms", "index"), [(-20, 96), (0, 96), (20, 96)])
def test_a_pulse_is_the_nearest_of_its_grid(early_ms: int, index: int) -> None:
    desk = playing()
    desk.until(500 * MS - 1 + early_ms * MS)
    desk.now_ns += 1
    desk.clock.edge(desk.now_ns)
    desk.take()
    after = [tick for tick in desk.ticks if tick.index >= index]
    if early_ms <= 0:
        assert after[0].time_ns == desk.now_ns
    desk.jack(4)
    on_pulse = {tick.time_ns: tick.index for tick in desk.ticks}
    assert on_pulse[desk.now_ns] % 24 == 0
    desk.check()


def test_a_stopped_song_stays_stopped_whoever_counts() -> None:
    desk = playing()
    desk.until(S)
    desk.clock.stop(desk.now_ns)
    count = len(desk.ticks)
    desk.jack(4)
    desk.silence(2000)
    desk.midi(30)
    desk.silence(2000)
    assert len(desk.ticks) == count
    assert not desk.clock.running
    assert desk.clock.source is ClockSource.INTERNAL
    desk.clock.resume(desk.now_ns)
    desk.silence(500)
    assert desk.ticks[count].index == desk.ticks[count - 1].index + 1
    desk.check()


def test_midi_starts_the_song_with_its_next_clock() -> None:
    desk = playing()
    desk.until(S)
    desk.midi_start(0)
    count = len(desk.ticks)
    desk.midi(24)
    assert desk.ticks[count].index == 0
    assert desk.ticks[-1].index == 23 * 4
    desk.check()


def test_midi_does_not_start_the_song_while_the_jack_counts() -> None:
    desk = playing()
    desk.jack(4)
    desk.midi_start(0)
    assert desk.clock.source is ClockSource.JACK
    desk.jack(4)
    assert not desk.restarts
    desk.check()


actions = st.lists(
    st.one_of(
        st.tuples(st.just("jack"), st.integers(1, 12)),
        st.tuples(st.just("midi"), st.integers(1, 60)),
        st.tuples(st.just("silence"), st.integers(1, 2500)),
        st.tuples(st.just("stop"), st.integers(1, 1500)),
        st.tuples(st.just("start"), st.just(0)),
        st.tuples(st.just("midi_start"), st.just(0)),
    ),
    min_size=1,
    max_size=14,
)


def perform(performed: Iterable[tuple[str, int]]) -> Desk:
    desk = playing()
    for name, amount in performed:
        getattr(desk, name)(amount)
    return desk


@given(actions)
def test_no_tick_is_lost_or_doubled_in_any_order(performed: list[tuple[str, int]]) -> None:
    perform(performed).check()


@pytest.mark.soak
def test_nothing_is_lost_or_doubled_in_a_day(soak: Callable[[int, int], int]) -> None:
    random, desk = Random(1), playing()
    names = ("jack", "midi", "silence", "stop")
    while desk.now_ns < soak(300, 24 * 3600) * S:
        getattr(desk, random.choice(names))(random.randint(1, 400))
        desk.check()
        desk.ticks, desk.restarts = desk.ticks[-1:], []


@given(actions)
def test_left_alone_the_song_goes_on_by_itself(performed: list[tuple[str, int]]) -> None:
    desk = perform(performed)
    desk.silence(3000)
    count = len(desk.ticks)
    desk.silence(1000)
    assert desk.clock.source is ClockSource.INTERNAL
    assert len(desk.ticks) - count in range(190, 195)


@given(actions)
def test_the_same_actions_give_the_same_ticks(performed: list[tuple[str, int]]) -> None:
    assert perform(performed).ticks == perform(performed).ticks
