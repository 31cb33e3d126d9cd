"""The Rack module's faceplate, from the front panel of the hardware.

Everything is where it is on the panel but for three things: the display fills the room around
its window, as a screen has no glass; MIDI has no jacks in Rack, so that MIDI IN is the run
input and MIDI OUT the run button; and the encoder, which the menu replaces, sets the tempo.
Letters are outlines, since Rack draws no text of an SVG.
"""

from collections.abc import Iterator
from dataclasses import replace

from hardware.panel.geometry import BODIES_MM, HEIGHT_MM, HP_MM, Hole, Panel, panel
from hardware.panel.lettering import Legend, Letter, box, letters, polygons
from hardware.panel.printing import Dot, Line, Window

FACE, INK, GLASS = "#17191d", "#efebe0", "#05070a"
WORDS = {"MIDI IN": "RUN IN", "MIDI OUT": "RUN", "SELECT": "TEMPO"}
NAMES = {"midi_in": "run_in", "midi_out": "run_button"}
DRAWN = {"jack", "pot", "encoder", "button", "light"}
"""What Rack draws over the faceplate."""

_GAP_MM = 1.2
"""Around the window."""

_Box = tuple[float, float, float, float]
"""Left, low, right and high."""


def rack_panel() -> Panel:
    """Return the panel as the Rack module has it, as wide as whole HP."""
    built = panel()
    run = next(hole for hole in built.holes if hole.name == "midi_out")
    return replace(
        built,
        width=round(built.hp * HP_MM, 2),
        holes=tuple(_hole(hole) for hole in built.holes),
        window=_grown(built.window, tuple(_obstacles(built))),
        plates=tuple(plate for plate in built.plates if not _covers(plate, run)),
        legends=tuple(_legend(word) for word in built.legends),
    )


def _hole(hole: Hole) -> Hole:
    kinds = {"midi_in": "jack", "midi_out": "button"}
    return replace(
        hole, name=NAMES.get(hole.name, hole.name), kind=kinds.get(hole.name, hole.kind)
    )


def _legend(word: Legend) -> Legend:
    text = WORDS.get(word.text, word.text)
    return replace(word, text=text, cleared=word.cleared and text != "RUN")


def _covers(plate: Window, hole: Hole) -> bool:
    near = abs(plate.x - hole.x) < plate.width / 2, abs(plate.y - hole.y) < plate.height / 2
    return all(near)


def _obstacles(built: Panel) -> Iterator[_Box]:
    for hole in built.holes:
        yield _around(hole.x, hole.y, BODIES_MM[hole.kind] / 2)
    for dot in built.dots:
        yield _around(dot.x, dot.y, dot.radius)
    for line in built.lines:
        (x1, y1), (x2, y2) = line.start, line.end
        yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
    yield from (box(word) for word in built.legends)


def _around(x: float, y: float, radius: float) -> _Box:
    return x - radius, y - radius, x + radius, y + radius


def _grown(window: Window, obstacles: tuple[_Box, ...]) -> Window:
    """Let the window grow to the right as far as anything beside it, then up and down.

    To the left it grows as far from the edge as it stays from what is around it.
    """
    low, high = window.y - window.height / 2, window.y + window.height / 2
    beside = [box for box in obstacles if box[1] < high and box[3] > low]
    left, right = 2 * _GAP_MM, min(box[0] for box in beside if box[0] > window.x) - _GAP_MM
    over = [box for box in obstacles if box[0] < right and box[2] > left]
    high = min(box[1] for box in over if box[1] > window.y) - _GAP_MM
    low = max(box[3] for box in over if box[3] < window.y) + _GAP_MM
    return Window((left + right) / 2, (low + high) / 2, right - left, high - low)


def picture() -> str:
    """Write the faceplate as SVG; Rack draws the rest over it."""
    shown = rack_panel()
    width = f"{shown.width:g}"
    size = f'width="{width}mm" height="{HEIGHT_MM}mm" viewBox="0 0 {width} {HEIGHT_MM}"'
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="{width}" height="{HEIGHT_MM}" fill="{FACE}"/>',
        _rectangle(shown.window, GLASS),
        *(_rectangle(plate, INK) for plate in shown.plates),
        *map(_line, shown.lines),
        *map(_dot, shown.dots),
        *(_screw(hole) for hole in shown.holes if hole.kind == "mounting"),
        *(_letter(letter, word) for word in shown.legends for letter in letters(word)),
        "</svg>",
    ]
    return "\n".join((*rows, ""))


def _rectangle(area: Window, colour: str) -> str:
    x, y = area.x - area.width / 2, HEIGHT_MM - area.y - area.height / 2
    size = f'width="{area.width:.3f}" height="{area.height:.3f}"'
    return f'<rect x="{x:.3f}" y="{y:.3f}" {size} rx="1" fill="{colour}"/>'


def _line(line: Line) -> str:
    (x1, y1), (x2, y2) = line.start, line.end
    path = f"M{x1:.3f} {HEIGHT_MM - y1:.3f}L{x2:.3f} {HEIGHT_MM - y2:.3f}"
    style = f'stroke="{INK}" stroke-width="{line.width:g}" stroke-linecap="round"'
    return f'<path d="{path}" fill="none" {style}/>'


def _dot(dot: Dot) -> str:
    at = f'cx="{dot.x:.3f}" cy="{HEIGHT_MM - dot.y:.3f}" r="{dot.radius:.3f}"'
    return f'<circle {at} fill="{FACE if dot.cleared else INK}"/>'


def _screw(hole: Hole) -> str:
    centre = f'cx="{hole.x:g}" cy="{HEIGHT_MM - hole.y:g}"'
    return f'<circle {centre} r="2" fill="#9aa0a8"/><circle {centre} r="1" fill="{FACE}"/>'


def _letter(letter: Letter, word: Legend) -> str:
    """Draw a letter by itself: Rack takes one that touches another for a hole in it."""
    outlines = (
        "L".join(f"{x:.3f} {HEIGHT_MM - y:.3f}" for x, y in polygon[:-1])
        for polygon in polygons(letter)
    )
    path = "".join(f"M{outline}Z" for outline in outlines)
    return f'<path d="{path}" fill="{FACE if word.cleared else INK}"/>'


def layout() -> str:
    """Write where Rack draws what, in millimetres from the upper left corner."""
    return "\n".join(
        (
            "// Made by pd/vcv/make_plugin.py from hardware/panel; not to be edited.",
            "#pragma once",
            "",
            "namespace plugin::layout {",
            "",
            "struct Place {",
            "    float x;",
            "    float y;",
            "};",
            "",
            *_places(),
            "",
            "}  // namespace plugin::layout",
            "",
        )
    )


def _places() -> Iterator[str]:
    shown = rack_panel()
    window = shown.window
    x, y = window.x - window.width / 2, HEIGHT_MM - window.y - window.height / 2
    yield f"constexpr Place WINDOW = {{{x:.3f}f, {y:.3f}f}};"
    yield f"constexpr Place WINDOW_SIZE = {{{window.width:.3f}f, {window.height:.3f}f}};"
    for hole in shown.holes:
        if hole.kind in DRAWN:
            y = HEIGHT_MM - hole.y
            yield f"constexpr Place {hole.name.upper()} = {{{hole.x:.3f}f, {y:.3f}f}};"
