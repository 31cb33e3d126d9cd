# SPDX-License-Identifier: CERN-OHL-P-2.0
"""`python -m hardware.pcb.builder`: make the two boards from circuits and placement tables.

Nets and footprints come from the SKiDL netlist, KiCad's library and the table. Outline, print,
zones and tracks are kept from the board file, where they were drawn; copper of a net that the
circuit no longer has goes. What is then unjoined or too near, `hardware.pcb.verify` finds.
"""

import sys
from collections.abc import Mapping

from hardware.board import Board, CircuitError
from hardware.module import boards
from hardware.pcb.export import FOLDER, board_path
from hardware.pcb.footprint import placed
from hardware.pcb.placement import Place, PlacementError, read_places
from hardware.pcb.sexpr import Node, Quoted, child, parse, write

_COPPER = ("segment", "arc", "via", "zone")


def build(circuit: Board, places: tuple[Place, ...], drawing: Node) -> Node:
    """Put a circuit's nets and parts into a drawn board.

    Raises `PlacementError` if the table does not hold exactly the circuit's parts.
    """
    _check(circuit, places)
    nets = {name: count for count, name in enumerate(("", *circuit.nets))}
    made: Node = [["net", str(n), Quoted(name)] for name, n in nets.items()]
    made += [_part(circuit, place, nets) for place in places]
    known = _names(drawing)
    first = drawing.index(child(drawing, "net"))
    rest = [item for item in drawing[first:] if item[0] not in {"net", "footprint"}]
    kept = [_renumbered(item, known, nets) for item in rest if isinstance(item, list)]
    return [*drawing[:first], *made, *(item for item in kept if item)]


def unrouted(board: Node) -> Node:
    """Take the tracks, the vias and the filling of the zones away."""
    kept: Node = []
    for item in board:
        if isinstance(item, list) and item[0] in {"segment", "arc", "via"}:
            continue
        if isinstance(item, list) and item[0] == "zone":
            kept.append([part for part in item if part[0] != "filled_polygon"])
        else:
            kept.append(item)
    return kept


def made(circuit: Board) -> Node:
    """Make one of the two boards."""
    path = board_path(circuit.name)
    places = read_places(FOLDER / circuit.name / f"{circuit.name}-placement.csv")
    return build(circuit, places, parse(path.read_text()))


def _check(circuit: Board, places: tuple[Place, ...]) -> None:
    refs = [place.ref for place in places if not place.footprint]
    wrong = {ref for ref in refs if refs.count(ref) > 1} | (set(refs) ^ set(circuit.by_ref))
    if wrong:
        msg = f"{circuit.name}: {', '.join(sorted(wrong))} in the table or in the circuit only"
        raise PlacementError(msg)


def _part(circuit: Board, place: Place, nets: Mapping[str, int]) -> Node:
    if place.footprint:
        return placed(place.footprint, place, place.footprint.split(":")[1], {})
    part = circuit.by_ref[place.ref]
    pins = {pin: (nets[net], net) for pin, net in part.pins.items() if net is not None}
    return placed(part.item.footprint, place, part.value, pins)


def _names(drawing: Node) -> dict[str, str]:
    return {
        str(item[1]): str(item[2])
        for item in drawing
        if isinstance(item, list) and item[0] == "net"
    }


def _renumbered(item: Node, known: Mapping[str, str], nets: Mapping[str, int]) -> Node:
    """Give copper its net's new number; nothing if the net is gone."""
    if item[0] not in _COPPER:
        return item
    net = child(item, "net")
    name = known[str(net[1])]
    if name not in nets:
        return []
    return [["net", str(nets[name])] if part is net else part for part in item]


def main() -> int:
    """Make both boards anew."""
    try:
        for circuit in boards():
            board_path(circuit.name).write_text(write(made(circuit)))
            print(f"{circuit.name}: {len(circuit.parts)} parts placed, tracks kept")
    except (CircuitError, PlacementError, OSError) as error:
        print(f"boards: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
