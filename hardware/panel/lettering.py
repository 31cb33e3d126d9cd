# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The letters of the panel as outlines, the same for the print and for the pictures."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.textpath import TextPath

Corners = list[tuple[float, float]]

FONT = 100.0
"""Size at which letters are drawn, so large that curves are smooth."""

CAP = 0.729
"""Height of a capital letter as a share of the font's size."""


@dataclass(frozen=True, slots=True)
class Legend:
    """A word on the panel, centred on a point."""

    text: str
    x: float
    y: float
    size_mm: float = 2.2
    """Height of a capital letter."""
    cleared: bool = False
    """Left out of a plate instead of printed."""
    weight: str = "normal"
    """normal or bold."""
    spacing_mm: float = 0.0
    """Between letters, added to the font's own."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter where it stands: the left end of its base line."""

    character: str
    weight: str
    x: float
    y: float
    em_mm: float
    """Size of the font."""


def letters(word: Legend) -> list[Letter]:
    """Set a word."""
    em = word.size_mm / CAP
    steps = [advance(character, word.weight) * em + word.spacing_mm for character in word.text]
    x, y = word.x - (sum(steps) - word.spacing_mm) / 2, word.y - word.size_mm / 2
    found = []
    for character, step in zip(word.text, steps, strict=True):
        if character != " ":
            found.append(Letter(character, word.weight, x, y, em))
        x += step
    return found


def polygons(letter: Letter) -> list[Corners]:
    """Draw a letter: its outside first, then the islands that are left out of it."""
    paths = glyph(letter.character, letter.weight).to_polygons(closed_only=True)
    moved = [np.asarray(path) * (letter.em_mm / FONT) + (letter.x, letter.y) for path in paths]
    drawn: list[Corners] = [[(float(x), float(y)) for x, y in path] for path in moved]
    return sorted(drawn, key=is_island)


def is_island(polygon: Corners) -> bool:
    """Tell whether a polygon of a letter is a hole in it, by the sense in which it runs."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(polygon)) > 0


def box(word: Legend) -> tuple[float, float, float, float]:
    """Return left, low, right and high of the printed letters."""
    points = [point for letter in letters(word) for path in polygons(letter) for point in path]
    across, up = [x for x, _ in points], [y for _, y in points]
    return min(across), min(up), max(across), max(up)


@cache
def glyph(character: str, weight: str) -> TextPath:
    """Draw a character in a font of `FONT`, y upwards."""
    return TextPath((0, 0), character, size=FONT, prop=_font(weight))


@cache
def advance(character: str, weight: str) -> float:
    """Return the distance to the next letter as a share of the font's size."""
    face = FT2Font(findfont(_font(weight)))
    face.set_size(FONT, 72)
    return (
        float(face.load_char(ord(character), flags=LoadFlags.NO_HINTING).linearHoriAdvance)
        / 65536
        / FONT
    )


def _font(weight: str) -> FontProperties:
    return FontProperties(family="DejaVu Sans", weight=weight)
