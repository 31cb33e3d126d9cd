# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Reads a `.kicad_pcb` of KiCad 9 into plain values: footprints, tracks, vias, filled zones."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hardware.pcb.sexpr import Node, child, children, numbers, parse
from hardware.pcb.turn import Point, turned

_LINES = ("fp_line", "fp_arc", "fp_poly", "fp_rect")


@dataclass(frozen=True, slots=True)
class Pad:
    """A pad where it lies on the board, turned with its footprint."""

    ref: str
    number: str
    net: str
    shape: str
    """circle, rect, oval or roundrect."""
    at: Point
    degrees: float
    size: Point
    corner: float
    """Radius of the corners as a share of the shorter side."""
    layers: tuple[str, ...]
    drill_mm: float
    plated: bool


@dataclass(frozen=True, slots=True)
class Footprint:
    """A placed part."""

    ref: str
    value: str
    library: str
    at: Point
    degrees: float
    layer: str
    body: tuple[float, float, float, float]
    """Left, top, right and bottom of the drawn body."""
    pads: tuple[Pad, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """A straight piece of copper."""

    net: str
    layer: str
    start: Point
    end: Point
    width: float


@dataclass(frozen=True, slots=True)
class Via:
    """A plated hole through all layers."""

    net: str
    at: Point
    diameter: float
    drill_mm: float


@dataclass(frozen=True, slots=True)
class Fill:
    """One filled piece of a zone."""

    net: str
    layer: str
    corners: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class BoardFile:
    """A routed board."""

    footprints: tuple[Footprint, ...]
    tracks: tuple[Track, ...]
    vias: tuple[Via, ...]
    fills: tuple[Fill, ...]
    edge: tuple[float, float, float, float]
    """Left, top, right and bottom of the rectangular outline."""
    thickness_mm: float

    @property
    def pads(self) -> tuple[Pad, ...]:
        """Every pad of every footprint."""
        return tuple(pad for part in self.footprints for pad in part.pads)


@cache
def read(path: Path) -> BoardFile:
    """Read a board. Raises `OSError` where there is none."""
    return plain(parse(path.read_text()))


def plain(tree: Node) -> BoardFile:
    """Turn a parsed board into plain values."""
    nets = {str(node[1]): str(node[2]) for node in children(tree, "net")}
    return BoardFile(
        footprints=tuple(_footprint(node, nets) for node in children(tree, "footprint")),
        tracks=tuple(_track(node, nets) for node in children(tree, "segment")),
        vias=tuple(_via(node, nets) for node in children(tree, "via")),
        fills=tuple(fill for node in children(tree, "zone") for fill in _fills(node)),
        edge=_edge(tree),
        thickness_mm=float(str(child(child(tree, "general"), "thickness")[1])),
    )


def _point(node: Node, name: str) -> Point:
    x, y, *_ = numbers(child(node, name))
    return (x, y)


def _net(node: Node, nets: dict[str, str]) -> str:
    found = child(node, "net")
    return nets[str(found[1])] if found else ""


def _footprint(node: Node, nets: dict[str, str]) -> Footprint:
    x, y, *turn = numbers(child(node, "at"))
    degrees = turn[0] if turn else 0.0
    texts = {str(text[1]): str(text[2]) for text in children(node, "property")}
    ref = texts["Reference"]
    return Footprint(
        ref=ref,
        value=texts["Value"],
        library=str(node[1]),
        at=(x, y),
        degrees=degrees,
        layer=str(child(node, "layer")[1]),
        body=_body(node, (x, y), degrees),
        pads=tuple(_pad(pad, ref, (x, y), degrees, nets) for pad in children(node, "pad")),
    )


def _body(node: Node, origin: Point, turn: float) -> tuple[float, float, float, float]:
    points = [origin]
    for line in (item for kind in _LINES for item in children(node, kind)):
        if str(child(line, "layer")[1]).endswith("Fab"):
            ends = [_point(line, name) for name in ("start", "mid", "end") if child(line, name)]
            ends += [(x, y) for x, y in map(numbers, children(child(line, "pts"), "xy"))]
            points += [turned(end, origin, turn) for end in ends]
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def _pad(node: Node, ref: str, origin: Point, turn: float, nets: dict[str, str]) -> Pad:
    x, y, *degrees = numbers(child(node, "at"))
    ratio, drill = child(node, "roundrect_rratio"), child(node, "drill")
    return Pad(
        ref=ref,
        number=str(node[1]),
        net=_net(node, nets),
        shape=str(node[3]),
        at=turned((x, y), origin, turn),
        degrees=degrees[0] if degrees else 0.0,
        size=_point(node, "size"),
        corner=float(str(ratio[1])) if ratio else 0.0,
        layers=tuple(str(layer) for layer in child(node, "layers")[1:]),
        drill_mm=max(
            (float(word) for word in map(str, drill[1:]) if word != "oval"), default=0.0
        ),
        plated=node[2] != "np_thru_hole",
    )


def _track(node: Node, nets: dict[str, str]) -> Track:
    (width,) = numbers(child(node, "width"))
    layer = str(child(node, "layer")[1])
    return Track(_net(node, nets), layer, _point(node, "start"), _point(node, "end"), width)


def _via(node: Node, nets: dict[str, str]) -> Via:
    (diameter,), (drill,) = numbers(child(node, "size")), numbers(child(node, "drill"))
    return Via(_net(node, nets), _point(node, "at"), diameter, drill)


def _fills(node: Node) -> list[Fill]:
    net = str(child(node, "net_name")[1])
    found = []
    for filled in children(node, "filled_polygon"):
        points = [numbers(point) for point in children(child(filled, "pts"), "xy")]
        corners = tuple((x, y) for x, y in points)
        found.append(Fill(net, str(child(filled, "layer")[1]), corners))
    return found


def _edge(tree: Node) -> tuple[float, float, float, float]:
    ends = [
        _point(line, name)
        for line in children(tree, "gr_line")
        if child(line, "layer")[1] == "Edge.Cuts"
        for name in ("start", "end")
    ]
    across, down = [x for x, _ in ends], [y for _, y in ends]
    return min(across), min(down), max(across), max(down)
