# SPDX-License-Identifier: CERN-OHL-P-2.0
"""What is connected to what on a sheet, read from its wires alone."""

import math
from collections.abc import Iterable

from hardware.sheets.sheet import Point, Sheet

_NEAR = 1e-2


class SheetError(ValueError):
    """A sheet contradicts itself."""


def drawn_nets(sheets: Iterable[Sheet]) -> dict[str, frozenset[tuple[str, str]]]:
    """Collect (designator, pin) pairs by net over all sheets of a board.

    A net without a name is called after its pins. Raises `SheetError` where a wire joins two
    names.
    """
    nets: dict[str, set[tuple[str, str]]] = {}
    for sheet in sheets:
        for names, pins in _clusters(sheet):
            if len(names) > 1:
                msg = f"{sheet.title}: {' and '.join(sorted(names))} are joined"
                raise SheetError(msg)
            name = next(iter(names), None) or "/".join(".".join(pin) for pin in sorted(pins))
            nets.setdefault(name, set()).update(pins)
    return {name: frozenset(pins) for name, pins in nets.items()}


def _clusters(sheet: Sheet) -> list[tuple[set[str], set[tuple[str, str]]]]:
    """Group the wires of a sheet, then hang its pins and names on the groups."""
    shapes = [*sheet.wires, *((pin.at, pin.at) for pin in sheet.pins)]
    shapes += [(at, at) for _, at in sheet.names]
    groups = _groups(shapes)
    names: dict[int, set[str]] = {}
    pins: dict[int, set[tuple[str, str]]] = {}
    first_pin, first_name = len(sheet.wires), len(sheet.wires) + len(sheet.pins)
    for offset, pin in enumerate(sheet.pins):
        pins.setdefault(groups[first_pin + offset], set()).add((pin.ref, pin.number))
    for offset, (name, _) in enumerate(sheet.names):
        names.setdefault(groups[first_name + offset], set()).add(name)
    return [(names.get(group, set()), pins.get(group, set())) for group in sorted(set(groups))]


def _groups(shapes: list[tuple[Point, Point]]) -> list[int]:
    """Give each shape the number of its group; an end of one lies on the other."""
    group = list(range(len(shapes)))

    def root(index: int) -> int:
        while group[index] != index:
            index = group[index]
        return index

    for one, first in enumerate(shapes):
        for two in range(one):
            second = shapes[two]
            touching = any(_on(end, second) for end in first) or any(
                _on(end, first) for end in second
            )
            if touching:
                group[root(one)] = root(two)
    return [root(index) for index in range(len(shapes))]


def _on(point: Point, wire: tuple[Point, Point]) -> bool:
    """Tell whether a point lies on a wire."""
    (x, y), ((ax, ay), (bx, by)) = point, wire
    length = math.hypot(bx - ax, by - ay)
    if length < _NEAR:
        return abs(x - ax) < _NEAR and abs(y - ay) < _NEAR
    across = abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / length
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
    return across < _NEAR and -_NEAR < along < length + _NEAR
