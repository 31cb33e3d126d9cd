# SPDX-License-Identifier: CERN-OHL-P-2.0
"""A footprint of a library, placed on a board: moved, turned, flipped, its pads on their nets.

Reads libraries of KiCad 6 and writes what KiCad 9 reads. On the back a footprint is mirrored at
its own x axis, as KiCad does.
"""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from hardware.board import footprint_path
from hardware.pcb.placement import Place
from hardware.pcb.sexpr import Node, Quoted, child, children, numbers, parse
from hardware.pcb.turn import turned

_POINTS = ("start", "center", "mid", "end")
"""In the order in which KiCad reads them."""
_FONT_MM, _LINE_MM = "0.8", "0.12"
_HEAD = ("descr", "tags")
_NAMED = ("tstamp", "uuid")
_UNLISTED = ("board_only", "exclude_from_pos_files", "exclude_from_bom")
_SHAPES = ("fp_line", "fp_circle", "fp_arc", "fp_poly")


def placed(name: str, place: Place, value: str, nets: Mapping[str, tuple[int, str]]) -> Node:
    """Place a footprint given as `library:name`; nets are (number, name) by pad."""
    library = parse(footprint_path(name).read_text())
    layer = _layer("F.Cu", place)
    node: Node = ["footprint", Quoted(name), ["layer", layer], ["at", *_at(place)]]
    node += [item for key in _HEAD for item in children(library, key)]
    node += [_property("Reference", place.ref, place), _property("Value", value, place)]
    node.append(_attributes(library, place))
    texts = [text for text in children(library, "fp_text") if text[1] == "user"]
    node += [_text(text, place) for text in texts]
    node += [_shape(shape, place) for kind in _SHAPES for shape in children(library, kind)]
    node += [_pad(pad, place, nets) for pad in children(library, "pad")]
    node += [_zone(zone, place) for zone in children(library, "zone")]
    node += [["embedded_fonts", "no"], *children(library, "model")]
    _identify(node, place.ref)
    return node


def number(value: float) -> str:
    """Write a number as KiCad does."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _at(place: Place) -> Node:
    at: Node = [number(place.x_mm), number(place.y_mm)]
    return at + ([number(place.degrees)] if place.degrees else [])


def _layer(name: str, place: Place) -> Quoted:
    return Quoted(f"B{name[1:]}" if place.back and name.startswith("F.") else name)


def _mirrored(point: Node, place: Place) -> Node:
    x, y = numbers(point)[:2]
    return [point[0], number(x), number(-y if place.back else y)]


def _effects(size: str, thickness: str, place: Place) -> Node:
    font: Node = ["font", ["size", size, size], ["thickness", thickness]]
    justify: Node = [["justify", "mirror"]] if place.back else []
    return ["effects", font, *justify]


def _property(name: str, value: str, place: Place) -> Node:
    """Write designator or value; only a designator with a label is printed."""
    printed = name == "Reference"
    layer = _layer("F.SilkS" if printed else "F.Fab", place)
    label = (place.label_x_mm, place.label_y_mm, place.label_degrees)
    shown = printed and None not in label
    at = [number(part or 0.0) for part in label] if shown else ["0", "0", "0"]
    hide: Node = [] if shown else [["hide", "yes"]]
    effects = _effects(_FONT_MM, _LINE_MM, place)
    node: Node = ["property", Quoted(name), Quoted(value), ["at", *at], ["layer", layer]]
    return [*node, *hide, effects]


def _attributes(library: Node, place: Place) -> Node:
    words = child(library, "attr")[1:]
    extra = _UNLISTED if place.footprint else ()
    return ["attr", *words, *(word for word in extra if word not in words)]


def _text(text: Node, place: Place) -> Node:
    x, y, *degrees = numbers(child(text, "at"))
    turn = sum(degrees) + place.degrees + (180 if place.back else 0)
    font = child(child(text, "effects"), "font")
    size, thickness = str(child(font, "size")[1]), str(child(font, "thickness")[1])
    at: Node = ["at", number(x), number(-y if place.back else y), number(turn % 360)]
    layer = _layer(str(child(text, "layer")[1]), place)
    return [*text[:3], at, ["layer", layer], _effects(size, thickness, place)]


def _shape(shape: Node, place: Place) -> Node:
    """Convert a line, circle, arc or polygon."""
    points = [_mirrored(child(shape, name), place) for name in _POINTS if child(shape, name)]
    corners = [_mirrored(corner, place) for corner in children(child(shape, "pts"), "xy")]
    node: Node = [shape[0], *points]
    node += [["pts", *corners]] if corners else []
    width: Node = child(shape, "width") or child(child(shape, "stroke"), "width")
    node.append(["stroke", width, ["type", "solid"]])
    if fill := child(shape, "fill"):
        node.append(["fill", "no" if fill[1] == "none" else "yes"])
    return [*node, ["layer", _layer(str(child(shape, "layer")[1]), place)]]


def _pad(pad: Node, place: Place, nets: Mapping[str, tuple[int, str]]) -> Node:
    x, y, *own = numbers(child(pad, "at"))
    turn = (place.degrees - sum(own) if place.back else place.degrees + sum(own)) % 360
    at: Node = ["at", number(x), number(-y if place.back else y)]
    layers = [_layer(str(layer), place) for layer in child(pad, "layers")[1:]]
    changed: dict[str, Node] = {
        "at": [*at, *([number(turn)] if turn else [])],
        "layers": ["layers", *layers],
    }
    kept = [item for item in pad[4:] if isinstance(item, list) and item[0] not in _NAMED]
    node: Node = [*pad[:4], *(changed.get(str(item[0]), item) for item in kept)]
    if net := nets.get(str(pad[1])):
        node.append(["net", str(net[0]), Quoted(net[1])])
    return node


def _zone(zone: Node, place: Place) -> Node:
    """Move a keep-out, which a board holds in its own axes."""
    node: Node = [part for part in zone if not (isinstance(part, list) and part[0] in _NAMED)]
    corners: Node = []
    for corner in children(child(child(zone, "polygon"), "pts"), "xy"):
        x, y = numbers(corner)
        at = turned((x, -y if place.back else y), (place.x_mm, place.y_mm), place.degrees)
        corners.append(["xy", *map(number, at)])
    node[node.index(child(zone, "polygon"))] = ["polygon", ["pts", *corners]]
    layer = child(zone, "layer")
    node[node.index(layer)] = ["layer", _layer(str(layer[1]), place)]
    return node


def _identify(node: Node, path: str) -> None:
    """Give a node and everything in it that KiCad numbers a name that stays the same."""
    if node[0] in {"footprint", "property", "fp_text", "pad", "zone", *_SHAPES}:
        node.append(["uuid", Quoted(str(uuid5(NAMESPACE_URL, f"exnihilo:{path}")))])
        for count, item in enumerate(node[:-1]):
            if isinstance(item, list):
                _identify(item, f"{path}/{count}")
