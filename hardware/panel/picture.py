# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The panel as a picture, at its true size, with the parts that stand in its holes."""

from collections.abc import Iterable

from firmware.ui.pages import PAGES
from hardware.panel.bodies import GRADIENTS, body
from hardware.panel.geometry import DIAMETERS_MM, HEIGHT_MM, Hole, Panel
from hardware.panel.lettering import FONT, Legend, Letter, glyph, letters
from hardware.panel.printing import Dot, Line, Window
from tools.manual_pages import page_pixels

_FACE, _INK = "#17191d", "#efebe0"
_GLASS, _LIT = "#05070a", "#cfe8ff"
_SCREEN_MM = (21.74, 10.86)
"""What a 0.96 inch display lights."""


def svg(panel: Panel) -> str:
    """Draw the panel; every circle of class `hole` is a hole of the drilling."""
    width, height = panel.width, HEIGHT_MM
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"',
        f'  viewBox="0 0 {width} {height}">',
        f"<title>Ex Nihilo, {panel.hp} HP</title>",
        f"<defs>{GRADIENTS}{_glyphs(panel.legends)}</defs>",
        f'<rect width="{width}" height="{height}" rx="0.6" fill="{_FACE}"/>',
        f'<rect width="{width}" height="{height}" rx="0.6" fill="url(#sheen)"/>',
        *map(_plate, panel.plates),
        *map(_line, panel.lines),
        *map(_dot, panel.dots),
        *(_letter(letter, word) for word in panel.legends for letter in letters(word)),
        _display(panel.window),
        *map(_hole, panel.holes),
    ]
    return "\n".join((*rows, "</svg>", ""))


def _ink(item: Legend | Dot) -> str:
    """Return the colour of a print, or of the panel where it is left out of a plate."""
    return _FACE if item.cleared else _INK


def _name(character: str, weight: str) -> str:
    return f"{weight[0]}{ord(character)}"


def _glyphs(words: Iterable[Legend]) -> str:
    """Define every letter once."""
    used = {(letter.character, letter.weight) for word in words for letter in letters(word)}
    return "".join(
        f'<path id="{_name(*letter)}" d="{_outline(*letter)}"/>' for letter in sorted(used)
    )


def _outline(character: str, weight: str) -> str:
    parts = []
    for points, code in glyph(character, weight).iter_segments(curves=True, simplify=False):
        kind = {1: "M", 2: "L", 3: "Q", 4: "C"}.get(int(code))
        corners = " ".join(f"{point:.4g}" for point in points)
        parts.append(f"{kind}{corners}" if kind else "Z")
    return "".join(parts)


def _letter(letter: Letter, word: Legend) -> str:
    size = letter.em_mm / FONT
    at = f"translate({letter.x:.3f} {HEIGHT_MM - letter.y:.3f}) scale({size:.5f} -{size:.5f})"
    name = _name(letter.character, letter.weight)
    return f'<use href="#{name}" transform="{at}" fill="{_ink(word)}"/>'


def _rectangle(window: Window, rest: str) -> str:
    x, y = window.x - window.width / 2, HEIGHT_MM - window.y - window.height / 2
    size = f'width="{window.width:g}" height="{window.height:g}"'
    return f'<rect x="{x:g}" y="{y:g}" {size} {rest}/>'


def _plate(plate: Window) -> str:
    return _rectangle(plate, f'rx="1" fill="{_INK}"')


def _line(line: Line) -> str:
    (x1, y1), (x2, y2) = line.start, line.end
    ends = f'x1="{x1:g}" y1="{HEIGHT_MM - y1:g}" x2="{x2:g}" y2="{HEIGHT_MM - y2:g}"'
    style = f'stroke="{_INK}" stroke-width="{line.width:g}" stroke-linecap="round"'
    return f"<line {ends} {style}/>"


def _dot(dot: Dot) -> str:
    at = f'cx="{dot.x:g}" cy="{HEIGHT_MM - dot.y:g}" r="{dot.radius:g}"'
    return f'<circle {at} fill="{_ink(dot)}"/>'


def _display(window: Window) -> str:
    """Draw the window with a page of the display behind it."""
    pixels = page_pixels(PAGES[0])
    step = _SCREEN_MM[0] / len(pixels[0])
    left, top = window.x - _SCREEN_MM[0] / 2, HEIGHT_MM - window.y - _SCREEN_MM[1] / 2
    runs = "".join(
        f"M{start} {row}h{end - start}v1h-{end - start}z"
        for row, line in enumerate(pixels)
        for start, end in _runs(line)
    )
    glass = _rectangle(
        window, f'class="window" fill="{_GLASS}" stroke="#000" stroke-width="0.3"'
    )
    place = f"translate({left:g} {top:g}) scale({step:.5f})"
    return f'{glass}\n<path class="screen" transform="{place}" fill="{_LIT}" d="{runs}"/>'


def _runs(line: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Find where a row of pixels is lit: start and end of each run."""
    edges = [
        column
        for column, (before, after) in enumerate(
            zip((False, *line), (*line, False), strict=True)
        )
        if before != after
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _hole(hole: Hole) -> str:
    """Draw a hole and what stands in it."""
    x, y, radius = hole.x, HEIGHT_MM - hole.y, DIAMETERS_MM[hole.kind] / 2
    drilled = (
        f'<circle class="hole" id="{hole.name}" cx="{x:g}" cy="{y:g}" r="{radius:g}" '
        'fill="#000"/>'
    )
    return drilled + f'<g transform="translate({x:g} {y:g})">{body(hole.kind)}</g>'
