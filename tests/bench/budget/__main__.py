"""The instructions that the firmware spends, held to a budget.

    python -m tests.bench.budget [--quick] [--record]

Counted under valgrind with fixed hashes and plain code, so that they are the same on every
machine; the simulated buses are left out. A Cortex-A53 at 1 GHz does some half a billion such
instructions a second. `recorded.json` has what was counted when somebody last looked: more than
5 % above it fails. `--record` writes it; `--quick` leaves out the start of the processes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from firmware.bundle.store import set_current
from firmware.bundle.verify import VerifiedMarks
from firmware.storage.paths import Home, InstalledBundle
from tests.bench.budget.count import ROOT, scenario_counts, start_counts
from tests.firmware.panels import install

RECORDED = Path(__file__).with_name("recorded.json")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
TOLERANCE = 0.05
CORE_HZ = 0.5e9

GOALS = {
    "scan at rest": 0.10,
    "scan moving": 0.45,
    "frame of play": 3.0,
    "frame of map": 3.0,
    "tick": 0.03,
    "step of three voices": 0.4,
    "start to first gate": 1500.0,
}
"""What each should cost, in millions."""

SCANS_HZ, FRAMES_HZ, HEARTBEATS_HZ, STEPS_HZ, TICKS_HZ = 500, 10, 20, 8, 192
"""At 120 BPM."""


def made_home(folder: Path) -> Path:
    """Install a bundle of full size as if it had played before."""
    maker = ROOT / "tests" / "deploy" / "make_bundles.py"
    subprocess.run([sys.executable, maker, folder / "made"], check=True, capture_output=True)
    home = Home(folder / "home")
    install(home, folder / "made" / "full", 1)
    set_current(home, InstalledBundle(1, "full"))
    VerifiedMarks(home).add(home.current)
    return home.root


def derived(counted: Mapping[str, float]) -> dict[str, float]:
    """Return the figures that are held to the budget."""
    known = dict(counted)
    quiet = known.pop("sixteenth without steps")
    known["step of three voices"] = 24 * (known.pop("sixteenth with steps") - quiet)
    known["tick"] = quiet
    known["report"] = known.pop("scan with report") - known.pop("scan without report")
    if "panel" in known:
        known["start to first gate"] = sum(map(known.get, ("supervisor", "player", "panel")))  # type: ignore[arg-type]
    return known


def shares(figures: Mapping[str, float]) -> dict[str, float]:
    """Return how much of a core each kind of work takes."""
    reports = HEARTBEATS_HZ * figures["report"]
    playing = (HEARTBEATS_HZ + STEPS_HZ) * figures["report"] + FRAMES_HZ * figures[
        "frame of play"
    ]
    each = {
        "panel at rest": SCANS_HZ * figures["scan at rest"] + reports,
        "panel playing, CVs moving, 10 frames a second": SCANS_HZ * figures["scan moving"]
        + playing,
        "player at 120 BPM": TICKS_HZ * figures["tick"]
        + STEPS_HZ * figures["step of three voices"],
    }
    return {name: spent / CORE_HZ for name, spent in each.items()}


def lines(figures: Mapping[str, float], recorded: Mapping[str, float]) -> Iterator[str]:
    """Return the table."""
    yield f"{'million instructions':24}{'now':>10}{'recorded':>10}{'goal':>8}"
    for name, spent in figures.items():
        before = f"{recorded[name] / 1e6:10.4f}" if name in recorded else f"{'-':>10}"
        goal = f"{GOALS[name]:8.2f}" if name in GOALS else ""
        yield f"{name:24}{spent / 1e6:10.4f}{before}{goal}"
    for name, share in shares(figures).items():
        yield f"{share:7.1%} of a Cortex-A53 core: {name}"


def exceeded(figures: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """Name the figures that grew by more than the tolerance."""
    return [
        name
        for name, spent in figures.items()
        if name in recorded and spent > recorded[name] * (1 + TOLERANCE)
    ]


def main() -> int:
    """Count, print, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the start")
    parser.add_argument("--record", action="store_true", help="write recorded.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = made_home(Path(name))
        counted = scenario_counts(home, ())
        if not options.quick:
            counted |= start_counts(home)
    figures = derived(counted)
    every = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    recorded = every.get(VERSION, {})
    sys.stdout.write("\n".join(lines(figures, recorded)) + "\n")
    if options.record:
        every[VERSION] = recorded | {name: round(spent) for name, spent in figures.items()}
        RECORDED.write_text(json.dumps(every, indent=2) + "\n")
        return 0
    if not recorded:
        sys.stdout.write(f"nothing is recorded for Python {VERSION}: nothing to compare with\n")
    for figure in (over := exceeded(figures, recorded)):
        sys.stdout.write(f"EXCEEDED by more than {TOLERANCE:.0%}: {figure}\n")
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(main())
