"""How late gates are: the whole module over simulated buses, beside other ways to keep time.

The module runs with its real panel, which decodes at 500 Hz and draws its display while 2000
OSC messages a second arrive; then, with its player at rest, the others run beside that panel.
All of it once more with two processes that take all of the CPU they can get.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from firmware.bundle.store import set_current
from firmware.drivers.realtime import take_priority
from firmware.osc.packet import encode
from firmware.simulator.rack_server import PRIORITY as RACK_PRIORITY
from firmware.simulator.remote import RemoteRack
from firmware.simulator.serving import served_rack
from firmware.simulator.trace import cv_notes
from firmware.storage.paths import Home
from firmware.storage.settings import parse_settings
from firmware.supervisor.supervisor import Module, Supervisor
from tests.bench import rivals
from tests.bench.timed_player import NOTE
from tests.firmware.panels import install

FLOOD_HZ = 2000
EDGE_NS = 50_000_000
"""Sixteenths at 300 BPM: pulses of a clock of 4 to the quarter note."""

GRIDS_LATENCY_US = 120
"""Stated in the manual of Mutable Instruments' Grids, C on a microcontroller."""

MUCH_LATER_NS = 1 << 62
US = 1000


Write = tuple[int, int, bool]
"""When a write was due, when it was made, and whether its gate is up."""


class Phase(NamedTuple):
    """A stretch of monotonic time in which something was measured."""

    load: str
    name: str
    start_ns: int
    end_ns: int


class Bench:
    """A running module: its OSC port, its rack, and what its player noted."""

    def __init__(self, folder: Path, rack: RemoteRack, port: int) -> None:
        self.rack = rack
        self.notes = folder / "notes"
        self.notes.mkdir()
        self._osc = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._osc.connect(("127.0.0.1", port))
        home = Home(folder / "home")
        home.state.mkdir(parents=True)
        home.settings.write_text(f"[osc]\nport = {port}\n")
        install(home, make_bundle(folder), 1)
        (version,) = home.installed()
        set_current(home, version)
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.bench.timing", "--supervise", str(folder)),
            env={**os.environ, "EXNIHILO_TIMING": str(self.notes)},
        )

    def osc(self, address: str, *arguments: float | str) -> None:
        """Send a message to the panel, which may not be there yet."""
        with suppress(ConnectionRefusedError):
            self._osc.send(encode(address, *arguments))

    def insist(self, messages: Mapping[str, float], seconds: float = 2) -> None:
        """Send messages again and again: in a flood some are lost."""
        for _ in range(round(seconds * 10)):
            for address, value in messages.items():
                self.osc(address, value)
            time.sleep(0.1)

    def set_up(self) -> None:
        """Let every step of every voice sound, on the grid."""
        messages: dict[str, float] = {"/tempo": 120.0, "/swing": 0.5}
        for voice in (1, 2, 3):
            messages |= {f"/voice/{voice}/groove": 0.0, f"/voice/{voice}/threshold": 0.0}
        while min(len(cv_notes(trace, MUCH_LATER_NS)) for trace in self.rack.traces) < 3:
            self.insist(messages, 1)
        self.insist(messages, 2)

    def stop(self) -> tuple[int, list[Write]]:
        """End the module; give what `read_notes` does."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        return read_notes(self.notes)


def read_notes(folder: Path) -> tuple[int, list[Write]]:
    """Give how many players there were, and what they wrote on the first voice's jacks."""
    paths = list(folder.iterdir())
    notes = (note for path in paths for note in NOTE.iter_unpack(path.read_bytes()) if note[0])
    return len(paths), [(due_ns, at_ns, bool(gate)) for due_ns, at_ns, gate in notes]


def make_bundle(folder: Path) -> Path:
    """Make a bundle of three voices that have every step probable."""
    maker = Path(__file__).parents[1] / "deploy" / "make_bundles.py"
    subprocess.run((sys.executable, maker, folder / "made"), check=True, capture_output=True)
    return folder / "made" / "steady"


def supervise(folder: Path) -> None:
    """Run the supervisor with the player that takes notes."""
    home = Home(folder / "home")
    settings = parse_settings(home.settings.read_text()).settings
    player = "tests.bench.timed_player"
    Supervisor(Module(home, home.settings, settings, folder / "rack", player=player)).run()


def flood(port: int) -> None:
    """Send `FLOOD_HZ` places a second to all voices, for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        start, sent = time.monotonic(), 0
        while True:
            time.sleep(0.005)
            while sent < (time.monotonic() - start) * FLOOD_HZ:
                value = sent % 997 / 996
                with suppress(ConnectionRefusedError):
                    sender.send(encode(f"/voice/{sent % 3 + 1}/x", value))
                sent += 1


@contextmanager
def processes(*commands: Sequence[str]) -> Iterator[None]:
    """Let processes run while the context lasts."""
    running = [subprocess.Popen(command) for command in commands]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def internal_phase(bench: Bench, load: str, seconds: float, *, alone: bool) -> Phase:
    """Play by the internal clock so that the first voice writes at every tick of 96.

    It plays alone, or shares the bus with the others.
    """
    mutes = {f"/voice/{voice}/mute": int(alone) for voice in (2, 3)}
    bench.insist({"/clock": 0, "/voice/1/division": -12, "/run": 1, **mutes})
    start_ns = time.monotonic_ns()
    time.sleep(seconds)
    name = "module" if alone else "three voices"
    return Phase(load, name, start_ns, time.monotonic_ns())


def edge_phase(bench: Bench, load: str, seconds: float) -> Phase:
    """Play by pulses at the clock jack, each of which is a step."""
    bench.insist({"/voice/1/division": 1, "/clock": 1, "/clock_in": 2})
    # A clean clock: its pulses wait for nobody.
    take_priority(RACK_PRIORITY)
    start_ns = time.monotonic_ns()
    for pulse in range(round(seconds * 1e9 / EDGE_NS)):
        time.sleep(max(start_ns + pulse * EDGE_NS - time.monotonic_ns(), 0) * 1e-9)
        bench.rack.edge("clock")
    phase = Phase(load, "edge to gate", start_ns, time.monotonic_ns())
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    bench.insist({"/run": 0, "/clock": 0})
    return phase


def rival_rows(seconds: float) -> dict[str, list[int]]:
    """Measure everybody else, one after another."""
    return {
        "cyclictest": rivals.cyclictest(seconds),
        "absolute sleep": rivals.in_own_process("absolute", seconds),
        "mido play": rivals.in_own_process("mido", seconds),
        "Pd metro": rivals.pd_metro(seconds),
    }


def measure(
    bench: Bench, port: int, seconds: float
) -> tuple[int, dict[str, dict[str, list[int]]]]:
    """Measure everything under both loads; restarts, and lateness in ns by load and row."""
    flooding = (sys.executable, "-m", "tests.bench.timing", "--flood", str(port))
    hog = (sys.executable, "-c", "while True: pass")
    loads: Mapping[str, Sequence[Sequence[str]]] = {
        "panel busy": [flooding],
        "panel busy, two hogs": [flooding, hog, hog],
    }
    phases: list[Phase] = []
    rows: dict[str, dict[str, list[int]]] = {}
    bench.set_up()
    for load, commands in loads.items():
        with processes(*commands):
            phases.append(internal_phase(bench, load, seconds, alone=False))
            phases.append(internal_phase(bench, load, seconds, alone=True))
            phases.append(edge_phase(bench, load, seconds))
            rows[load] = rival_rows(seconds)
    players, writes = bench.stop()
    for phase in phases:
        rows[phase.load][phase.name] = lateness_in(phase, writes)
    return players - 1, rows


def lateness_in(phase: Phase, writes: Sequence[Write]) -> list[int]:
    """Give how late the writes of a phase were; of the edges', only rising gates."""
    gates_only = phase.name == "edge to gate"
    return [
        at - due
        for due, at, gate in writes
        if phase.start_ns <= due < phase.end_ns and (gate or not gates_only)
    ]


def at_share(late_ns: Sequence[int], share: float) -> float:
    """Give a percentile, in microseconds; NaN, which meets no goal, of nothing."""
    ranked = sorted(late_ns)
    if not ranked:
        return float("nan")
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)] / US


def lines(
    rows: Mapping[str, Mapping[str, list[int]]], seconds: float, restarts: int
) -> Iterator[str]:
    """Make the tables, and say which goals are met."""
    if restarts:
        yield verdict(met=False, text=f"the player was restarted {restarts} times")
    for load, measured in rows.items():
        yield f"\n{load}, {seconds:g} s each: lateness in microseconds"
        yield f"{'':16} {'count':>7} {'p50':>9} {'p99':>9} {'p99.9':>9} {'max':>9}"
        for name, late_ns in sorted(measured.items(), key=lambda row: at_share(row[1], 0.99)):
            shares = (at_share(late_ns, share) for share in (0.5, 0.99, 0.999, 1))
            yield f"{name:16} {len(late_ns):>7} " + " ".join(f"{s:9.1f}" for s in shares)
        yield from goals(measured, seconds)


def goals(measured: Mapping[str, list[int]], seconds: float) -> Iterator[str]:
    """Hold the figures to what they must be."""
    p99 = {name: at_share(late_ns, 0.99) for name, late_ns in measured.items()}
    ours = p99["module"]
    limit = 2 * p99["cyclictest"] + 50
    yield verdict(ours <= limit, f"p99 {ours:.0f} us; 2 x cyclictest + 50 is {limit:.0f}")
    for name, times in (("absolute sleep", 8), ("mido play", 20), ("Pd metro", 20)):
        ratio = p99[name] / ours
        yield verdict(ratio >= times, f"{ratio:.0f} times better than {name}; wanted {times}")
    edge = p99["edge to gate"]
    beside = f"Grids states {GRIDS_LATENCY_US}"
    yield verdict(edge <= 500, f"edge to gate p99 {edge:.0f} us; wanted 500; {beside}")
    expected = seconds * 1e9 / rivals.PERIOD_NS
    lost = round(expected - len(measured["module"]))
    yield verdict(abs(lost) <= 1, f"{max(lost - 1, 0)} ticks lost of {expected:.0f}")


def verdict(met: bool, text: str) -> str:
    """Make a line of a goal."""
    return f"  {'met' if met else 'MISSED':6} {text}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="length of each row (60)")
    parser.add_argument("--port", type=int, default=9137, help="OSC port of the module (9137)")
    parser.add_argument("--json", type=Path, help="leave all lateness here")
    parser.add_argument("--supervise", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--flood", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.supervise:
        supervise(options.supervise)
        return
    if options.flood:
        flood(options.flood)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="exnihilo-")))
        rack = stack.enter_context(served_rack(folder / "rack"))
        bench = Bench(folder, rack, options.port)
        restarts, rows = measure(bench, options.port, options.seconds)
    sys.stdout.write("\n".join(lines(rows, options.seconds, restarts)) + "\n")
    if options.json:
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
