# SPDX-License-Identifier: CERN-OHL-P-2.0
"""All decks, all figures, and the table they are printed in."""

from hardware.module import boards
from hardware.spice.deck import Figure
from hardware.spice.inputs import (
    clock_input_decks,
    clock_input_figures,
    cv_input_decks,
    cv_input_figures,
)
from hardware.spice.lights import light_decks, light_figures
from hardware.spice.outputs import output_decks, output_figures
from hardware.spice.power import midi_decks, midi_figures, power_decks, power_figures
from hardware.spice.supply import bus_decks, bus_figures, supply_decks, supply_figures
from hardware.spice.tolerance import tolerance_figures


def decks() -> dict[str, str]:
    """Write every deck of a fixed circuit by name."""
    main, voice = boards()
    made = cv_input_decks(main) | clock_input_decks(main) | output_decks(voice)
    made |= power_decks(main) | midi_decks(main) | supply_decks(main) | bus_decks(main)
    return made | light_decks(main, voice)


def figures() -> list[Figure]:
    """Run everything."""
    main, voice = boards()
    found = cv_input_figures(main) + clock_input_figures(main) + output_figures(voice)
    found += midi_figures(main) + power_figures(main) + supply_figures(main)
    found += bus_figures(main) + light_figures(main, voice)
    return found + tolerance_figures(voice)


def table(found: list[Figure]) -> str:
    """Write the figures as a Markdown table, with a word on where they come from."""
    rows = [
        "Simulated with first-order models of our own, not the makers'; nothing was measured.",
        "",
        "| stage | figure | value | limits | |",
        "|---|---|---|---|---|",
    ]
    for figure in found:
        low = "" if figure.low is None else f">= {figure.low:.5g}"
        high = "" if figure.high is None else f"<= {figure.high:.5g}"
        limits = ", ".join(limit for limit in (low, high) if limit)
        verdict = ("ok" if figure.holds else "FAILS") if limits else ""
        value = f"{figure.value:.4g} {figure.unit}".strip()
        rows.append(f"| {figure.stage} | {figure.name} | {value} | {limits} | {verdict} |")
    return "\n".join(rows) + "\n"
