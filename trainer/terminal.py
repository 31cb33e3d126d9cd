"""Figures and maps as text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from trainer.maps import THRESHOLD
from trainer.report import MEANINGS, figure
from trainer.views import View

SHADES = " .:-=+*%@"
WIDTH, HEIGHT = 48, 20
WIDE = 10_000
"""A width that any table fits into."""

GAP = 2
"""Spaces between columns."""

LOOP = "o"
LEGEND = f"X to the right, Y up; sparse {SHADES} dense; {LOOP} is a loop"


def text_table(columns: Mapping[str, Mapping[str, float]], width: int = WIDE) -> str:
    """Lay figures out: a row per figure, a column per thing measured.

    Columns that do not fit into `width` go on below.
    """
    known = [name for name in MEANINGS if any(name in one for one in columns.values())]
    names = ["", *(MEANINGS[name] for name in known)]
    cells = [
        [title, *(figure(metrics.get(name)) for name in known)]
        for title, metrics in columns.items()
    ]
    return "\n\n".join(_lines(names, part) for part in _fitting(names, cells, width))


def _fitting(names: list[str], cells: list[list[str]], width: int) -> Iterator[list[list[str]]]:
    """Part the columns so that each part fits, one at least."""
    part: list[list[str]] = []
    left = room = width - max(map(len, names))
    for column in cells:
        needed = GAP + max(map(len, column))
        if part and needed > left:
            yield part
            part, left = [], room
        part.append(column)
        left -= needed
    yield part


def _lines(names: list[str], columns: list[list[str]]) -> str:
    widths = [GAP + max(map(len, column)) for column in columns]
    return "\n".join(
        name.ljust(max(map(len, names)))
        + "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        for name, *cells in zip(names, *columns, strict=True)
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
