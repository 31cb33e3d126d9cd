# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Reads the copper of a gerber file, as KiCad writes it, back into one shape.

Extended gerber, absolute millimetres with six decimals; apertures are circles, rectangles,
obrounds and KiCad's own macro of a rounded rectangle. Anything else is refused.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from shapely import box, make_valid
from shapely.affinity import translate
from shapely.geometry import LineString, MultiPoint, Point, Polygon
from shapely.ops import unary_union

Shape = Any
_QUARTER = 16
_COMMAND = re.compile(r"(?:X(-?\d+))?(?:Y(-?\d+))?(?:I-?\d+)?(?:J-?\d+)?D0([123])$")
_APERTURE = re.compile(r"ADD(\d+)([A-Za-z]\w*),([\d.X-]+)$")
_IGNORED = (
    "G04",
    "G01",
    "G75",
    "FS",
    "MOMM",
    "LPD",
    "TF",
    "TA",
    "TO",
    "TD",
    "AM",
    "M02",
    "G90",
)


class GerberError(ValueError):
    """The file holds something that this reader does not know."""


@dataclass
class _State:
    apertures: dict[str, Shape] = field(default_factory=dict)
    widths: dict[str, float] = field(default_factory=dict)
    current: str = ""
    at: tuple[float, float] = (0.0, 0.0)
    region: list[tuple[float, float]] | None = None
    shapes: list[Shape] = field(default_factory=list)


def read_copper(text: str) -> Shape:
    """Read the copper of a gerber file; y grows downwards, as on KiCad's boards.

    Raises `GerberError` at a command that is not known.
    """
    state = _State()
    text = re.sub(r"%AM.*?%", "", text, flags=re.DOTALL)
    for raw in text.replace("%", "").split("*"):
        command = raw.strip()
        if command:
            _run(command, state)
    return unary_union(state.shapes)


def _run(command: str, state: _State) -> None:
    if found := _APERTURE.match(command):
        _define(found[1], found[2], found[3], state)
    elif command == "G36":
        state.region = []
    elif command == "G37":
        _close(state)
        state.region = None
    elif found := re.match(r"(?:G54)?D([1-9]\d+)$", command):
        state.current = found[1]
    elif found := _COMMAND.match(command):
        _draw(found, state)
    elif not command.startswith(_IGNORED):
        msg = f"the gerber reader does not know '{command}'"
        raise GerberError(msg)


def _define(code: str, kind: str, text: str, state: _State) -> None:
    values = [float(value) for value in text.split("X")]
    if kind == "C":
        state.apertures[code] = Point(0, 0).buffer(values[0] / 2, _QUARTER)
        state.widths[code] = values[0]
    elif kind == "R":
        width, height = values[:2]
        state.apertures[code] = box(-width / 2, -height / 2, width / 2, height / 2)
    elif kind == "O":
        state.apertures[code] = _obround(*values[:2])
    elif kind == "RoundRect":
        radius, *corners = values
        points = [(corners[n], -corners[n + 1]) for n in range(0, 8, 2)]
        inner = MultiPoint(points).convex_hull
        state.apertures[code] = inner.buffer(radius, _QUARTER)
    else:
        msg = f"the gerber reader does not know the aperture '{kind}'"
        raise GerberError(msg)


def _obround(width: float, height: float) -> Shape:
    reach, radius = abs(width - height) / 2, min(width, height) / 2
    ends = ((-reach, 0), (reach, 0)) if width >= height else ((0, -reach), (0, reach))
    return LineString(ends).buffer(radius, _QUARTER)


def _draw(found: re.Match[str], state: _State) -> None:
    x, y = (int(found[1]) / 1e6 if found[1] else state.at[0]), state.at[1]
    y = -int(found[2]) / 1e6 if found[2] else y
    operation, start = found[3], state.at
    state.at = (x, y)
    if state.region is not None:
        if operation == "2":
            _close(state)
        state.region.append((x, y))
    elif operation == "1":
        width = state.widths[state.current]
        state.shapes.append(LineString((start, (x, y))).buffer(width / 2, _QUARTER))
    elif operation == "3":
        state.shapes.append(translate(state.apertures[state.current], x, y))


def _close(state: _State) -> None:
    if state.region and len(state.region) > 2:
        state.shapes.append(make_valid(Polygon(state.region)))
    if state.region is not None:
        state.region.clear()
