# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The copper of a board as shapes, and the rules that it keeps: clearance, connection, edge."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shapely import STRtree, box, make_valid
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import unary_union

from hardware.pcb.board_file import BoardFile, Pad
from hardware.pcb.export import COPPER

CLEARANCE_MM, EDGE_MM = 0.2, 0.3
DRILL_MM, RING_MM = 0.3, 0.13
_SLACK_MM = 0.002
"""Curves are drawn as polygons here and in KiCad."""
_QUARTER = 16
"""Corners of a quarter circle."""

Shape = Any
"""A shapely geometry; shapely carries no types."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of copper on one layer."""

    what: str
    net: str
    layer: str
    shape: Shape
    joins: int
    """Pieces of one number are one piece of metal through the layers."""


def pieces(board: BoardFile) -> list[Piece]:
    """List the copper of all layers."""
    found: list[Piece] = []
    for number, pad in enumerate(board.pads):
        name, shape = f"{pad.ref}.{pad.number}", pad_shape(pad)
        found += [Piece(name, pad.net, layer, shape, number) for layer in _layers(pad)]
    count = len(board.pads)
    for number, via in enumerate(board.vias, start=count):
        shape = Point(via.at).buffer(via.diameter / 2, _QUARTER)
        found += [Piece(f"via at {via.at}", via.net, layer, shape, number) for layer in COPPER]
    count += len(board.vias)
    for number, track in enumerate(board.tracks, start=count):
        shape = LineString((track.start, track.end)).buffer(track.width / 2, _QUARTER)
        found.append(Piece(f"track at {track.start}", track.net, track.layer, shape, number))
    count += len(board.tracks)
    for number, fill in enumerate(board.fills, start=count):
        shape = make_valid(Polygon(fill.corners))
        found.append(Piece(f"zone on {fill.layer}", fill.net, fill.layer, shape, number))
    return found


def _layers(pad: Pad) -> tuple[str, ...]:
    if not pad.plated:
        return ()
    if "*.Cu" in pad.layers:
        return COPPER
    return tuple(layer for layer in COPPER if layer in pad.layers)


def pad_shape(pad: Pad) -> Shape:
    """Draw a pad where it lies; y grows downwards, so a turn is the other way round."""
    width, height = pad.size
    if pad.shape == "circle":
        return Point(pad.at).buffer(width / 2, _QUARTER)
    shorter = min(width, height)
    radius = {"rect": 0.0, "oval": shorter / 2}.get(pad.shape, pad.corner * shorter)
    inner = box(
        radius - width / 2, radius - height / 2, width / 2 - radius, height / 2 - radius
    )
    if pad.shape == "oval":
        reach = (max(width, height) - shorter) / 2
        ends = ((-reach, 0), (reach, 0)) if width >= height else ((0, -reach), (0, reach))
        inner = LineString(ends) if reach else Point(0, 0)
    shape = inner.buffer(radius, _QUARTER) if radius else inner
    return translate(rotate(shape, -pad.degrees, origin=(0, 0)), *pad.at)


def too_near(copper: list[Piece]) -> list[str]:
    """Name pieces of different nets that are nearer than the clearance."""
    problems = []
    for layer in COPPER:
        here = [piece for piece in copper if piece.layer == layer]
        tree = STRtree([piece.shape for piece in here])
        reach = CLEARANCE_MM - _SLACK_MM
        pairs = tree.query([piece.shape for piece in here], predicate="dwithin", distance=reach)
        for one, two in zip(*pairs.tolist(), strict=True):
            first, second = here[one], here[two]
            if one < two and first.net != second.net:
                problems.append(f"{layer}: {first.what} ({first.net}) and {second.what}")
    return problems


def unjoined(copper: list[Piece]) -> dict[str, int]:
    """Count the separate pieces of each net that is not one, leaving pins without a net out."""
    group: dict[int, int] = {piece.joins: piece.joins for piece in copper}

    def root(number: int) -> int:
        while group[number] != number:
            number = group[number]
        return number

    for layer in COPPER:
        here = [piece for piece in copper if piece.layer == layer]
        tree = STRtree([piece.shape for piece in here])
        pairs = tree.query([piece.shape for piece in here], predicate="intersects")
        for one, two in zip(*pairs.tolist(), strict=True):
            if here[one].net == here[two].net:
                group[root(here[one].joins)] = root(here[two].joins)
    parts: dict[str, set[int]] = {}
    for piece in copper:
        if piece.net and not piece.net.startswith("unconnected"):
            parts.setdefault(piece.net, set()).add(root(piece.joins))
    return {net: len(found) for net, found in parts.items() if len(found) > 1}


def over_the_edge(board: BoardFile, copper: Iterable[Piece]) -> list[str]:
    """Name the copper that is nearer to the edge than makers want."""
    left, top, right, bottom = board.edge
    margin = EDGE_MM - _SLACK_MM
    inner = box(left + margin, top + margin, right - margin, bottom - margin)
    return [piece.what for piece in copper if not inner.covers(piece.shape)]


def thin_holes(board: BoardFile) -> list[str]:
    """Name holes that are too small or have too little copper around them."""
    vias = [
        f"via at {via.at}"
        for via in board.vias
        if via.drill_mm < DRILL_MM or (via.diameter - via.drill_mm) / 2 < RING_MM
    ]
    pads = [f"{pad.ref}.{pad.number}" for pad in board.pads if 0 < pad.drill_mm < DRILL_MM]
    return vias + pads


def layer_shape(copper: Iterable[Piece], layer: str) -> Shape:
    """Join the copper of a layer."""
    return unary_union([piece.shape for piece in copper if piece.layer == layer])


def distance_mm(one: tuple[float, float], two: tuple[float, float]) -> float:
    """Give the distance between two points."""
    return math.hypot(one[0] - two[0], one[1] - two[1])
