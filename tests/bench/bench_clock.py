"""How well the external clock follows: jitter in and out, and beats to recover.

Beside it the way most sequencers follow a clock: each pulse as it comes, the ticks between
spaced by the last interval. Virtual time; `make bench` runs it.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import pstdev
from time import perf_counter_ns
from typing import Any, NamedTuple

from firmware.engine.clock import PPQNS
from firmware.engine.external_clock import ExternalClock
from tests.firmware.pulse_train import MS, following, jittered, play, steady

FAULT_BEAT = 8
RAMP_BEATS = 16
RECOVERED_MS = 1.0
Played = list[tuple[int, int]]
Follower = Callable[[int, list[int]], Played]


def ours(ppqn: int, edges_ns: list[int]) -> Played:
    """Ticks of `ExternalClock`: (index, time)."""
    clock = ExternalClock(ppqn)
    clock.start(0)
    return [(tick.index, tick.time_ns) for tick in play(clock, edges_ns)]


def last_interval(ppqn: int, edges_ns: list[int]) -> Played:
    """Ticks on every edge, and between edges by the interval before."""
    per_pulse = 96 // ppqn
    interval_ns = 500 * MS // ppqn
    played = []
    for pulse, edge_ns in enumerate(edges_ns):
        if pulse:
            interval_ns = edge_ns - edges_ns[pulse - 1]
        next_ns = edges_ns[pulse + 1] if pulse + 1 < len(edges_ns) else edge_ns + interval_ns
        for tick in range(per_pulse):
            due_ns = edge_ns + tick * interval_ns // per_pulse
            played.append((pulse * per_pulse + tick, min(due_ns, next_ns)))
    return played


FOLLOWERS: dict[str, Follower] = {"ours": ours, "last interval": last_interval}


class Spread(NamedTuple):
    """Deviations from where the ticks belong, in milliseconds."""

    std_ms: float
    p95_ms: float


def spread(errors_ms: Sequence[float]) -> Spread:
    """Standard deviation, and 95th percentile of the absolute."""
    return Spread(
        pstdev(errors_ms), sorted(abs(error) for error in errors_ms)[len(errors_ms) * 19 // 20]
    )


def errors_ms(played: Played, pulses_ns: list[int], ppqn: int) -> list[tuple[int, float]]:
    """(index, deviation from the line between the true pulses) of each tick."""
    per_pulse = 96 // ppqn
    errors = []
    for index, time_ns in played:
        pulse, tick = divmod(index, per_pulse)
        if pulse + 1 < len(pulses_ns):
            start_ns, end_ns = pulses_ns[pulse : pulse + 2]
            errors.append(
                (index, (time_ns - start_ns - (end_ns - start_ns) * tick / per_pulse) / MS)
            )
    return errors


def jitter(ppqn: int, jitter_ms: float, beats: int) -> dict[str, Spread]:
    """Spread of the edges of a jittered clock at 120 BPM, and of each follower's ticks."""
    pulses_ns = steady(beats * ppqn, ppqn)
    edges_ns = jittered(pulses_ns, jitter_ms)
    came = [(edge - pulse) / MS for edge, pulse in zip(edges_ns, pulses_ns, strict=True)]
    table = {"in": spread(came)}
    for name, follower in FOLLOWERS.items():
        errors = errors_ms(follower(ppqn, edges_ns), pulses_ns, ppqn)
        table[name] = spread([error for index, error in errors if index >= 16 * 96])
    return table


@dataclass(frozen=True)
class Fault:
    """A train of true pulses, what came of it, and from which beat on it should be well."""

    pulses_ns: list[int]
    edges_ns: list[int]
    from_beat: int


def faults(ppqn: int) -> dict[str, Fault]:
    """The faults of real clocks, each in a clean train."""
    clean = steady(24 * ppqn, ppqn)
    at, period_ns = FAULT_BEAT * ppqn, clean[1] - clean[0]
    late = [*clean[:at], clean[at] + period_ns * 3 // 10, *clean[at + 1 :]]

    def tempo(bpm: Callable[[float], float], beats: int, from_beat: int) -> Fault:
        pulses_ns = following(bpm, beats * ppqn, ppqn)
        return Fault(pulses_ns, pulses_ns, from_beat)

    def ramp(beat: float) -> float:
        return 90 + 60 * min(max(beat - FAULT_BEAT, 0) / RAMP_BEATS, 1)

    return {
        "missed": Fault(clean, clean[:at] + clean[at + 1 :], FAULT_BEAT),
        "doubled": Fault(clean, sorted([*clean, clean[at] + period_ns // 10]), FAULT_BEAT),
        "stray": Fault(clean, sorted([*clean, clean[at] + period_ns * 2 // 5]), FAULT_BEAT),
        "30 % late": Fault(clean, late, FAULT_BEAT),
        "-20 %": tempo(lambda beat: 120 if beat < FAULT_BEAT else 96, 24, FAULT_BEAT),
        "+20 %": tempo(lambda beat: 120 if beat < FAULT_BEAT else 144, 24, FAULT_BEAT),
        "90-150": tempo(ramp, 24 + RAMP_BEATS, FAULT_BEAT + RAMP_BEATS),
    }


def recovery_beats(fault: Fault, ppqn: int, follower: Follower) -> float | None:
    """Beats until every tick is within `RECOVERED_MS` again; None if that never comes."""
    errors = errors_ms(follower(ppqn, fault.edges_ns), fault.pulses_ns, ppqn)
    first = fault.from_beat * 96
    bad = [index for index, error in errors if index >= first and abs(error) > RECOVERED_MS]
    if bad and bad[-1] == errors[-1][0]:
        return None
    return (bad[-1] + 1 - first) / 96 if bad else 0.0


def cost_us(ppqn: int, pulses: int = 5_000) -> tuple[float, float]:
    """Microseconds per pulse, with all its ticks, and per call when nothing is due."""
    clock = ExternalClock(ppqn)
    clock.start(0)
    edges_ns = steady(pulses, ppqn)
    began_ns = perf_counter_ns()
    play(clock, edges_ns)
    played_ns = perf_counter_ns()
    for _ in range(100_000):
        clock.advance(0)
    idle_ns = perf_counter_ns() - played_ns
    return (played_ns - began_ns) / pulses / 1000, idle_ns / 100_000 / 1000


Measured = dict[str, Any]


def measure(beats: int) -> dict[str, Measured]:
    """Everything, per ppqn."""
    return {
        str(ppqn): {
            "jitter": {name: row._asdict() for name, row in jitter(ppqn, 2, beats).items()},
            "recovery_beats": {
                name: {who: recovery_beats(fault, ppqn, f) for who, f in FOLLOWERS.items()}
                for name, fault in faults(ppqn).items()
            },
            "cost_us": cost_us(ppqn),
        }
        for ppqn in PPQNS
    }


def jitter_lines(measured: dict[str, Measured]) -> Iterator[str]:
    """Jitter in and out."""
    yield "+-2 ms uniform at 120 BPM: deviation of every tick, in ms (std, p95), and out/in"
    yield f"{'ppqn':>5} {'in':>12} " + " ".join(f"{name:>26}" for name in FOLLOWERS)
    for ppqn, row in measured.items():
        came_std_ms, came_p95_ms = row["jitter"]["in"].values()
        line = f"{ppqn:>5}  {came_std_ms:5.2f} {came_p95_ms:5.2f}"
        for name in FOLLOWERS:
            std_ms, p95_ms = row["jitter"][name].values()
            ratios = f"x{std_ms / came_std_ms:4.2f} x{p95_ms / came_p95_ms:4.2f}"
            line += f"   {std_ms:5.2f} {p95_ms:5.2f} {ratios}"
        yield line


def recovery_lines(measured: dict[str, Measured]) -> Iterator[str]:
    """Beats to recover."""
    followers = " / ".join(FOLLOWERS)
    yield f"Beats until every tick is within {RECOVERED_MS:g} ms again: {followers}"
    yield f"{'ppqn':>5} " + " ".join(f"{name:>13}" for name in faults(4))
    for ppqn, row in measured.items():
        pairs = (
            "/".join("never" if beats is None else f"{beats:.2f}" for beats in each.values())
            for each in row["recovery_beats"].values()
        )
        yield f"{ppqn:>5} " + " ".join(f"{pair:>13}" for pair in pairs)


def cost_lines(measured: dict[str, Measured]) -> Iterator[str]:
    """Cost per pulse and per idle call."""
    yield "Cost in microseconds: a pulse with its ticks; a call with nothing due"
    for ppqn, row in measured.items():
        pulse_us, idle_us = row["cost_us"]
        yield f"{ppqn:>5} {pulse_us:8.1f} {idle_us:6.2f}"


def main() -> None:
    """Print the tables, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beats", type=int, default=400, help="length of the jittered train")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    measured = measure(arguments.beats)
    if arguments.json:
        sys.stdout.write(json.dumps(measured, indent=1) + "\n")
        return
    for table in (jitter_lines, recovery_lines, cost_lines):
        sys.stdout.write("\n".join(table(measured)) + "\n\n")


if __name__ == "__main__":
    main()
