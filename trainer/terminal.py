"""Figures and maps as text, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trainer.maps import THRESHOLD
from trainer.report import MEANINGS, figure
from trainer.views import View

SHADES = " .:-=+*%@"
WIDTH, HEIGHT = 48, 20
LOOP = "o"
LEGEND = f"X to the right, Y up; sparse {SHADES} dense; {LOOP} is a loop"


def text_table(columns: Mapping[str, Mapping[str, float]]) -> str:
    """Lay figures out: a row per figure, a column per thing measured."""
    known = [name for name in MEANINGS if any(name in one for one in columns.values())]
    rows = [["", *columns]]
    rows += [
        [MEANINGS[name], *(figure(metrics.get(name)) for metrics in columns.values())]
        for name in known
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        row[0].ljust(widths[0])
        + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    )


def text_map(view: View) -> str:
    """Draw a map: the more onsets the darker, a ring for each loop; X to the right, Y up."""
    density = view.atlas.density(THRESHOLD)
    rows = np.linspace(0, len(density) - 1, HEIGHT).round().astype(int)
    columns = np.linspace(0, len(density) - 1, WIDTH).round().astype(int)
    shade = (density[np.ix_(rows, columns)] * (len(SHADES) - 1)).round().astype(int)
    cells = np.array(list(SHADES))[shade]
    for x, y in view.voice.training_points:
        cells[round(y * (HEIGHT - 1)), round(x * (WIDTH - 1))] = LOOP
    frame = f"+{'-' * WIDTH}+"
    lines = [f"|{''.join(row)}|" for row in cells[::-1]]
    return "\n".join([view.title, frame, *lines, frame])
