# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The panel's picture with a number beside each group of holes, for the manual."""

from collections.abc import Sequence

from hardware.panel.geometry import BODIES_MM, HEIGHT_MM, Hole, Panel
from hardware.panel.picture import svg

_RADIUS_MM = 2.3
_FILL, _INK = "#f0a202", "#1d1f23"


def svg_with_callouts(panel: Panel, groups: Sequence[Sequence[str]]) -> str:
    """Return the picture; the n-th group's holes are marked with the number n, from 1.

    Raises `KeyError` for a hole that the panel does not have.
    """
    holes = {hole.name: hole for hole in panel.holes}
    marks = [
        _mark(number, holes[name]) for number, group in enumerate(groups, 1) for name in group
    ]
    return svg(panel).replace("</svg>", "\n".join((*marks, "</svg>")))


def _mark(number: int, hole: Hole) -> str:
    """Draw a number at the right of a hole's part: below a jack, whose word stands above it."""
    reach = BODIES_MM[hole.kind] / 2 * 0.75 + 0.8
    down = 1 if hole.kind in {"jack", "midi"} else -1
    x, y = hole.x + reach, HEIGHT_MM - hole.y + down * reach
    return (
        f'<circle class="callout" cx="{x:g}" cy="{y:g}" r="{_RADIUS_MM}" fill="{_FILL}"/>'
        f'<text x="{x:g}" y="{y + 1.05:g}" font-size="3" font-weight="bold" '
        f'text-anchor="middle" fill="{_INK}">{number}</text>'
    )
