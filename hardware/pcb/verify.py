# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Holds a routed board to its circuit, to the design rules and to its gerbers."""

from pathlib import Path

from hardware.board import Board, footprint_path
from hardware.pcb.board_file import BoardFile, Footprint, read
from hardware.pcb.copper import (
    Piece,
    layer_shape,
    over_the_edge,
    pieces,
    thin_holes,
    too_near,
    unjoined,
)
from hardware.pcb.export import COPPER, board_path, gerber_folder
from hardware.pcb.gerber import read_copper
from hardware.pcb.sexpr import children, numbers, parse

_SAME_MM = 0.005
"""Gerber and board may differ by the corners of a drawn curve."""


def problems(circuit: Board, board: BoardFile) -> list[str]:
    """List what is wrong with a board, nothing for a good one."""
    copper = pieces(board)
    return [
        *_netlist(circuit, board),
        *_parts(circuit, board),
        *(f"too near: {pair}" for pair in too_near(copper)),
        *(f"{net} is in {count} pieces" for net, count in unjoined(copper).items()),
        *(f"over the edge: {what}" for what in over_the_edge(board, copper)),
        *(f"thin hole: {what}" for what in thin_holes(board)),
    ]


def _netlist(circuit: Board, board: BoardFile) -> list[str]:
    """Compare pin by pin: what the circuit joins, and what the pads carry."""
    wanted = {
        (part.ref, pin): net for part in circuit.parts for pin, net in part.pins.items() if net
    }
    pads = [pad for pad in board.pads if pad.net and not pad.net.startswith("unconnected")]
    found = {(pad.ref, pad.number): pad.net for pad in pads}
    there = {(pad.ref, pad.number) for pad in board.pads}
    every = {(part.ref, pin) for part in circuit.parts for pin in part.pins}
    return [
        *(f"{ref} pin {pin} has no pad" for ref, pin in sorted(every - there)),
        *(
            f"{ref} pin {pin}: {found.get((ref, pin))} instead of {wanted.get((ref, pin))}"
            for ref, pin in sorted(wanted.keys() | found.keys())
            if wanted.get((ref, pin)) != found.get((ref, pin))
        ),
    ]


def _parts(circuit: Board, board: BoardFile) -> list[str]:
    """Compare value and footprint of every part, and its pads with the library's."""
    found = {part.ref: part for part in board.footprints}
    wrong = []
    for part in circuit.parts:
        placed = found.get(part.ref)
        if placed is None or (placed.value, placed.library) != (
            part.value,
            part.item.footprint,
        ):
            wrong.append(f"{part.ref} is not a {part.value} in {part.item.footprint}")
        elif _pads(placed) != _library_pads(footprint_path(part.item.footprint)):
            wrong.append(f"{part.ref}: its pads are not those of {part.item.footprint}")
    return wrong


def _pads(placed: Footprint) -> list[tuple[str, tuple[float, float], str]]:
    return sorted((pad.number, pad.size, pad.shape) for pad in placed.pads)


def _library_pads(path: Path) -> list[tuple[str, tuple[float, float], str]]:
    found = []
    for pad in children(parse(path.read_text()), "pad"):
        width, height = numbers(children(pad, "size")[0])
        found.append((str(pad[1]), (width, height), str(pad[3])))
    return sorted(found)


def gerber_problems(name: str) -> list[str]:
    """Compare the copper of a board's gerbers with the board."""
    copper = pieces(read(board_path(name)))
    return [f"{layer} of {name}" for layer in COPPER if not _same(name, layer, copper)]


def _same(name: str, layer: str, copper: list[Piece]) -> bool:
    path = gerber_folder(name) / f"{name}-{layer.replace('.', '_')}.gbr"
    difference = read_copper(path.read_text()).symmetric_difference(layer_shape(copper, layer))
    return bool(difference.buffer(-_SAME_MM).is_empty)
