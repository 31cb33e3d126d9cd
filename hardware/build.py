# SPDX-License-Identifier: CERN-OHL-P-2.0
"""`python -m hardware.build [--out FOLDER]`: make everything a builder needs from source.

Netlists, unrouted boards, the files of `hardware.artefacts`, sheets, manual, decks and their
figures. Exit code 1 when a circuit
breaks a rule, a tool is missing or a simulated figure leaves its limits.
"""

import argparse
import sys
from pathlib import Path

from hardware import artefacts
from hardware.board import CircuitError
from hardware.manual.pdf import manual
from hardware.module import benches, boards
from hardware.pcb.builder import made, unrouted
from hardware.pcb.sexpr import write
from hardware.power_budget import table as power_table
from hardware.sheets.export import write_sheets
from hardware.spice.deck import Figure
from hardware.spice.ngspice import SpiceError
from hardware.spice.run import decks, figures, table


def build(out: Path) -> list[Figure]:
    """Write everything under a folder and give the simulated figures back."""
    main, voice = boards()
    for bench, circuit in zip(benches(), (main, voice), strict=True):
        _write(out / f"{bench.name}.net", bench.netlist())
        _write(out / f"{bench.name}-unrouted.kicad_pcb", write(unrouted(made(circuit))))
    artefacts.write(out)
    _write(out / "power.md", power_table())
    (out / "manual.pdf").write_bytes(manual())
    write_sheets(out / "sheets")
    for name, text in decks().items():
        _write(out / "spice" / f"{name}.cir", text)
    found = figures()
    _write(out / "spice" / "figures.md", table(found))
    return found


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main(arguments: list[str] | None = None) -> int:
    """Build and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m hardware.build", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("hardware/out"), help="folder to fill")
    out = parser.parse_args(arguments).out
    try:
        found = build(out)
    except (CircuitError, SpiceError, OSError) as error:
        print(f"hardware: {error}", file=sys.stderr)
        return 1
    print(table(found))
    broken = [figure for figure in found if not figure.holds]
    print(f"{len(found)} figures, {len(broken)} outside their limits; files are in {out}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
