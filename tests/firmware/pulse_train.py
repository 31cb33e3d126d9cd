"""Pulse trains, and a clock that is played by them in virtual time."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random

from firmware.engine.clock import Clock, Tick

BEAT_NS_BPM = 60_000_000_000
MS = 1_000_000


def steady(pulses: int, ppqn: int, bpm: float = 120, start_ns: int = 1_000 * MS) -> list[int]:
    """Times of a clean clock."""
    return [start_ns + round(n * BEAT_NS_BPM / (bpm * ppqn)) for n in range(pulses)]


def following(beat_bpm: Callable[[float], float], pulses: int, ppqn: int) -> list[int]:
    """Times of a clock whose tempo is a function of the beat."""
    times_ns = [1_000.0 * MS]
    parts = 16
    for pulse in range(pulses - 1):
        bpms = (beat_bpm((pulse + (part + 0.5) / parts) / ppqn) for part in range(parts))
        times_ns.append(times_ns[-1] + sum(BEAT_NS_BPM / (bpm * ppqn * parts) for bpm in bpms))
    return [round(time_ns) for time_ns in times_ns]


def jittered(times_ns: Iterable[int], jitter_ms: float, seed: int = 1) -> list[int]:
    """Each time moved by up to `jitter_ms` either way, uniformly."""
    random = Random(seed)
    return [round(time_ns + random.uniform(-jitter_ms, jitter_ms) * MS) for time_ns in times_ns]


def play(clock: Clock, edges_ns: Sequence[int], until_ns: int | None = None) -> list[Tick]:
    """Return every tick of a clock woken at its deadlines and edges, and never otherwise."""
    return list(_played(clock, edges_ns, edges_ns[-1] if until_ns is None else until_ns))


def _played(clock: Clock, edges_ns: Sequence[int], until_ns: int) -> Iterator[Tick]:
    edges_ns = sorted(edges_ns)
    heapq.heapify(edges_ns)
    while True:
        wakes_ns = [edges_ns[0]] if edges_ns else []
        if clock.next_deadline_ns is not None:
            wakes_ns.append(clock.next_deadline_ns)
        if not wakes_ns or min(wakes_ns) > until_ns:
            return
        now_ns = min(wakes_ns)
        while edges_ns and edges_ns[0] <= now_ns:
            clock.edge(heapq.heappop(edges_ns))
        yield from clock.advance(now_ns)
