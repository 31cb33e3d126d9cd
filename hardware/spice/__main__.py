# SPDX-License-Identifier: CERN-OHL-P-2.0
"""`python -m hardware.spice [FOLDER]`: simulate every stage, print a table, fail on a limit.

With a folder, the decks and the table are written there too.
"""

import sys
from pathlib import Path

from hardware.module import boards
from hardware.spice.deck import Figure
from hardware.spice.inputs import (
    clock_input_decks,
    clock_input_figures,
    cv_input_decks,
    cv_input_figures,
)
from hardware.spice.ngspice import SpiceError
from hardware.spice.outputs import output_decks, output_figures
from hardware.spice.power import midi_decks, midi_figures, power_decks, power_figures
from hardware.spice.tolerance import tolerance_figures


def decks() -> dict[str, str]:
    """Write every deck of a fixed circuit by name."""
    main, voice = boards()
    made = cv_input_decks(main) | clock_input_decks(main) | output_decks(voice)
    return made | power_decks(main) | midi_decks(main)


def figures() -> list[Figure]:
    """Run everything."""
    main, voice = boards()
    found = cv_input_figures(main) + clock_input_figures(main) + output_figures(voice)
    return found + midi_figures(main) + power_figures(main) + tolerance_figures(voice)


def table(found: list[Figure]) -> str:
    """Write the figures as a Markdown table."""
    rows = ["| stage | figure | value | limits | |", "|---|---|---|---|---|"]
    for figure in found:
        low = "" if figure.low is None else f">= {figure.low:.5g}"
        high = "" if figure.high is None else f"<= {figure.high:.5g}"
        limits = ", ".join(limit for limit in (low, high) if limit)
        verdict = ("ok" if figure.holds else "FAILS") if limits else ""
        value = f"{figure.value:.4g} {figure.unit}".strip()
        rows.append(f"| {figure.stage} | {figure.name} | {value} | {limits} | {verdict} |")
    return "\n".join(rows) + "\n"


def main(arguments: list[str]) -> int:
    """Run; returns 1 when a limit is broken or ngspice is missing."""
    try:
        found = figures()
    except SpiceError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(found))
    if arguments:
        folder = Path(arguments[0])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "figures.md").write_text(table(found))
        for name, text in decks().items():
            (folder / f"{name}.cir").write_text(text)
    return 0 if all(figure.holds for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
