"""Counts the instructions of programs under valgrind: the same on every machine."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]

VALGRIND = (
    *("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"),
)
FIXED = {
    "PYTHONHASHSEED": "0",
    "PYTHONPATH": str(ROOT),
    # Code for the machine at hand would be another on the next one.
    "NPY_DISABLE_CPU_FEATURES": "F16C FMA3 AVX2",
    "OPENBLAS_CORETYPE": "Prescott",
    "OPENBLAS_NUM_THREADS": "1",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2_Usable,-AVX_Usable,-ERMS",
}
_COUNT = re.compile(r"^==(\d+)== I +refs: +([\d,]+)$", re.MULTILINE)


def counts(
    command: Sequence[str], inherited: Sequence[int] = ()
) -> tuple[str, Mapping[int, int]]:
    """Run a Python module; return what it printed, and the instructions by process."""
    with tempfile.TemporaryFile("w+") as log:
        done = subprocess.run(
            (*VALGRIND, f"--log-fd={log.fileno()}", sys.executable, "-m", *command),
            env={**os.environ, **FIXED},
            pass_fds=(log.fileno(), *inherited),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
        )
        log.seek(0)
        found = {int(pid): int(n.replace(",", "")) for pid, n in _COUNT.findall(log.read())}
    return done.stdout, found


def scenario_counts(home: Path, names: Sequence[str]) -> dict[str, float]:
    """Return the instructions of one unit of work of each scenario."""
    printed, found = counts(("tests.bench.budget.scenarios", str(home), *names))
    each: dict[str, list[tuple[int, int]]] = {}
    for line in printed.splitlines():
        name, times, pid = line.split("\t")
        each.setdefault(name, []).append((int(times), found[int(pid)]))
    return {
        name: (more - less) / (twice - once)
        for name, ((once, less), (twice, more)) in each.items()
    }


def start_counts(home: Path) -> dict[str, float]:
    """Return the instructions of each process up to the first gate.

    Player and panel are forked: what the supervisor has done is not done again.
    """
    supervisor, player, panel = (
        sum(counts(("tests.bench.budget.start", str(home), name))[1].values())
        for name in ("supervisor", "player", "panel")
    )
    return {
        "supervisor": supervisor,
        "player": player - supervisor,
        "panel": panel - supervisor,
    }
