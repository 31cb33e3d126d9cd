"""Metrics and maps as text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.model.measures import THRESHOLD
from trainer.report.verdict import MEANINGS, figure
from trainer.report.views import View

SHADES = " .:-=+*%@"
WIDTH, HEIGHT = 48, 20
WIDE = 10_000
"""A width that any table fits into."""

FEW = 4
"""Patterns along X and along Y."""

GAP = 2
"""Spaces between columns."""

LOOP = "o"
LEGEND = f"X to the right, Y up; sparse {SHADES} dense; {LOOP} is a loop"


def text_table(columns: Mapping[str, Mapping[str, float]], width: int = WIDE) -> str:
    """Lay out metrics: a row per metric, a column per subject.

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


def text_patterns(view: View) -> str:
    """Write the patterns at a few positions, as on the map: two lines of a bar each."""
    size = len(view.atlas.onset)
    indices = ((np.arange(FEW) + 0.5) * size / FEW).astype(int)
    sounding = view.atlas.sounding(THRESHOLD)[np.ix_(indices[::-1], indices)]
    steps = np.where(sounding, "x", "-").reshape(FEW, FEW, 2, -1).swapaxes(1, 2)
    rows = ("\n".join("  ".join(map("".join, bar)) for bar in row) for row in steps)
    return "\n\n".join(rows)


def text_latents(view: View) -> str:
    """Draw the loops in the latents, X to the right, Y up, with the range of each."""
    cells = np.full((HEIGHT, WIDTH), " ")
    reach = view.latents if len(view.latents) else np.zeros((1, 2))
    low, high = reach.min(0), reach.max(0)
    for share in (view.latents - low) / np.maximum(high - low, 1e-9):
        x, y = share.tolist()
        cells[round(y * (HEIGHT - 1)), round(x * (WIDTH - 1))] = LOOP
    ranges = (f"{a:.3g} to {b:.3g}" for a, b in zip(low, high, strict=True))
    title = "{}: the loops in the latents, X {}, Y {}".format(view.title, *ranges)
    return _framed(title, cells)


def side_by_side(maps: Sequence[str], width: int) -> str:
    """Lay maps beside each other, as many as fit into `width`, the others below."""
    across = max(1, (width + GAP) // (WIDTH + 2 + GAP))
    rows = (maps[first : first + across] for first in range(0, len(maps), across))
    return "\n\n".join(
        "\n".join(
            (" " * GAP).join(line.ljust(WIDTH + 2) for line in lines).rstrip()
            for lines in zip(*(one.splitlines() for one in row), strict=True)
        )
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
    return _framed(view.title, cells)


def _framed(title: str, cells: NDArray[np.str_]) -> str:
    frame = f"+{'-' * WIDTH}+"
    lines = [f"|{''.join(row)}|" for row in cells[::-1]]
    return "\n".join([title, frame, *lines, frame])
