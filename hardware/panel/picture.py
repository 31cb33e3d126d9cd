# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The panel as a picture, at its true size."""

from hardware.panel.geometry import (
    BODIES_MM,
    DIAMETERS_MM,
    HEIGHT_MM,
    Hole,
    Legend,
    Panel,
    Window,
)

_FACE, _INK, _METAL, _HOLE = "#1d1f23", "#f2efe6", "#9aa0a8", "#000000"
_STEM, _LIGHT = "#c9ccd1", "#d83a2e"


def svg(panel: Panel) -> str:
    """Write the picture; every circle of class `hole` is a hole of the drilling."""
    width, height = panel.width, HEIGHT_MM
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"',
        f'  viewBox="0 0 {width} {height}" font-family="sans-serif" text-anchor="middle">',
        f"<title>Ex Nihilo, {panel.hp} HP</title>",
        f'<rect width="{width}" height="{height}" rx="0.8" fill="{_FACE}"/>',
    ]
    window = panel.window
    rows.append(
        f'<rect class="window" x="{window.x - window.width / 2:g}" '
        f'y="{height - window.y - window.height / 2:g}" width="{window.width:g}" '
        f'height="{window.height:g}" fill="#05080c" stroke="{_METAL}" stroke-width="0.2"/>'
    )
    rows += [_plate(plate, height) for plate in panel.plates]
    rows += [_hole(hole) for hole in panel.holes]
    rows += [_word(word, height) for word in panel.legends]
    return "\n".join((*rows, "</svg>", ""))


def _word(word: Legend, height: float) -> str:
    """Write a word, in the panel's own colour where it is left out of a plate."""
    y, size = height - word.y + word.size_mm * 0.35, word.size_mm * 1.35
    colour = _FACE if word.cleared else _INK
    at = f'x="{word.x:g}" y="{y:g}"'
    return f'<text {at} font-size="{size:g}" fill="{colour}">{word.text}</text>'


def _plate(plate: Window, height: float) -> str:
    """Draw a printed area."""
    return (
        f'<rect x="{plate.x - plate.width / 2:g}" y="{height - plate.y - plate.height / 2:g}" '
        f'width="{plate.width:g}" height="{plate.height:g}" rx="1" fill="{_INK}"/>'
    )


def _hole(hole: Hole) -> str:
    """Draw a hole with the part that fills it."""
    x, y, radius = hole.x, HEIGHT_MM - hole.y, DIAMETERS_MM[hole.kind] / 2
    body = BODIES_MM[hole.kind] / 2
    around = f'<circle cx="{x:g}" cy="{y:g}" r="{body:g}" fill="{_METAL}"/>'
    drilled = (
        f'<circle class="hole" id="{hole.name}" cx="{x:g}" cy="{y:g}" r="{radius:g}" '
        f'fill="{_HOLE}"/>'
    )
    if hole.kind in {"button", "light"}:
        cap = _STEM if hole.kind == "button" else _LIGHT
        return drilled + f'<circle cx="{x:g}" cy="{y:g}" r="{body:g}" fill="{cap}"/>'
    if hole.kind not in {"pot", "encoder"}:
        return around + drilled
    pointer = f'<path d="M{x:g} {y - 1:g}V{y - body:g}" stroke="{_INK}" stroke-width="0.8"/>'
    knob = f'<circle cx="{x:g}" cy="{y:g}" r="{body - 0.6:g}" fill="#33373e"/>'
    return around + drilled + knob + pointer
