# SPDX-License-Identifier: CERN-OHL-P-2.0
"""`python -m hardware.pcb.export [--check]`: ask KiCad's rules, write what makers want.

Needs `kicad-cli` of KiCad 9. For each board: the design rules with no error and nothing
unconnected, then gerbers, drill and positions beside the board, without dates; with `--check`
the rules alone. Exit code 1 when a rule is broken or `kicad-cli` is missing.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = Path(__file__).parent
NAMES = ("main", "voice")
COPPER = ("F.Cu", "In1.Cu", "In2.Cu", "B.Cu")
LAYERS = (
    *COPPER,
    *(f"{side}.{kind}" for side in ("F", "B") for kind in ("Mask", "Paste", "SilkS")),
    "Edge.Cuts",
)
_DATED = re.compile(r"^.*(?:CreationDate|Created by KiCad|DRILL file).*\n", re.MULTILINE)
_TABLE = ("--format", "csv", "--units", "mm", "--side", "both", "--smd-only", "--exclude-dnp")


class ExportError(RuntimeError):
    """KiCad is missing or refuses a board."""


def board_path(name: str) -> Path:
    """Find the routed board."""
    return FOLDER / name / f"{name}.kicad_pcb"


def gerber_folder(name: str) -> Path:
    """Find the gerbers and the drill file of a board."""
    return FOLDER / name / "gerbers"


def check(board: Path) -> None:
    """Run KiCad's design rules. Raises `ExportError` with the first that is broken."""
    with TemporaryDirectory() as folder:
        report = Path(folder, "drc.json")
        _kicad("drc", "--severity-error", "--format", "json", "-o", str(report), str(board))
        found = json.loads(report.read_text())
    broken = found["violations"] + found["unconnected_items"]
    if broken:
        msg = f"{board.name}: {len(broken)} broken rules, first: {broken[0]['description']}"
        raise ExportError(msg)


def export(board: Path, gerbers: Path, positions: Path) -> None:
    """Write gerbers, drill and positions of a board, without dates."""
    gerbers.mkdir(parents=True, exist_ok=True)
    layers = ",".join(LAYERS)
    plain = ("--no-protel-ext", "--layers", layers, "-o", f"{gerbers}/", str(board))
    _kicad("export", "gerbers", *plain)
    _kicad("export", "drill", "-o", f"{gerbers}/", str(board))
    _kicad("export", "pos", *_TABLE, "-o", str(positions), str(board))
    for path in gerbers.iterdir():
        if path.suffix in {".gbr", ".drl"}:
            path.write_text(_DATED.sub("", path.read_text()))
        else:
            path.unlink()


def _kicad(*arguments: str) -> None:
    command = ["kicad-cli", "pcb", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        msg = "kicad-cli is not installed; install KiCad 9"
        raise ExportError(msg) from error
    if done.returncode:
        msg = f"kicad-cli {arguments[0]} {arguments[1]}: {done.stderr.strip()[-300:]}"
        raise ExportError(msg)


def main(arguments: list[str] | None = None) -> int:
    """Check both boards, and export them."""
    parser = argparse.ArgumentParser(prog="python -m hardware.pcb.export", description=__doc__)
    parser.add_argument("--check", action="store_true", help="ask the rules, write nothing")
    only_check = parser.parse_args(arguments).check
    try:
        for name in NAMES:
            check(board_path(name))
            print(f"{name}: design rules hold, nothing unconnected")
            if not only_check:
                positions = FOLDER / name / f"{name}-positions.csv"
                export(board_path(name), gerber_folder(name), positions)
    except ExportError as error:
        print(f"boards: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
