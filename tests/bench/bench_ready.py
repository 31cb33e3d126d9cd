"""From the start of `firmware run` to READY: with all parts, and with each absent in turn.

python tests/bench/bench_ready.py [ROUNDS]
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from firmware.simulator.serving import served_rack
from tests.bench.bench_panel import home_with, tell
from tests.firmware.supervisor.test_absent_parts import PARTS, running

BUNDLE = Path(__file__).parents[1] / "data" / "bundle"


def ready_s(part: tuple[str, str, str, object, object] | None) -> float:
    """Time one start, and end the firmware."""
    with tempfile.TemporaryDirectory(prefix="xn") as folder:
        home = home_with(BUNDLE, Path(folder) / "home")
        with served_rack(Path(folder) / "rack") as rack:
            if part:
                _, half, operation, absent, _ = part
                rack.ask(half, operation, absent)
            with running(home, "--rack", str(Path(folder) / "rack")) as module:
                start_s = time.monotonic()
                module.wait_for(b"READY=1")
                return time.monotonic() - start_s


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    parts = {"all parts": None, **{f"no {name}": part for name, part in PARTS.items()}}
    taken: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, part in parts.items():
            taken[name].append(ready_s(part))
    whole_s = statistics.median(taken["all parts"])
    for name, seconds in taken.items():
        median_s = statistics.median(seconds)
        tell(f"{name:16} ready after {median_s:5.2f} s, times {median_s / whole_s:4.2f}")


if __name__ == "__main__":
    main()
