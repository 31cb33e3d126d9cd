# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The room that every part takes behind the panel, from the boards and the parts' heights.

x and y are the panel's, from its upper left corner; z is the distance behind its back.
Heights are from makers' drawings or assumed with room to spare; none was measured here.
"""

from dataclasses import dataclass
from itertools import combinations

from hardware.board import Board
from hardware.controls import PANEL_GAP_MM
from hardware.module import boards
from hardware.panel.geometry import HEIGHT_MM, HP_MM, MAIN_HP, VOICE_HP, panel
from hardware.pcb.board_file import read
from hardware.pcb.export import board_path

BOARD_MM = 1.6
PI_SPACER_MM = 11.0
"""Between main board and Pi: a socket of 8.5 mm and the 2.5 mm of the Pi's own header."""

CARD_LEFT_MM = 0.51
"""From the left edge of a voice's column to its card."""

BACK_MM = PANEL_GAP_MM + BOARD_MM
"""From the panel to the boards' back."""

CABLE_MM = 5.0
"""That a ribbon needs behind its plug to turn."""

RAIL_MM = 12.5
"""From the upper and the lower edge: where a rack's rails are."""


@dataclass(frozen=True, slots=True)
class Body:
    """A box."""

    name: str
    x: tuple[float, float]
    y: tuple[float, float]
    z: tuple[float, float]

    def meets(self, other: "Body") -> bool:
        """Tell whether two bodies claim the same room."""
        spans = ((self.x, other.x), (self.y, other.y), (self.z, other.z))
        return all(one[0] < two[1] and two[0] < one[1] for one, two in spans)


def bodies(voices: int) -> list[Body]:
    """List every body of a module with so many voices."""
    main, voice = boards()
    found = [*_board(main, 0.0), *_pi()]
    for number in range(voices):
        left = HP_MM * (MAIN_HP + VOICE_HP * number) + CARD_LEFT_MM
        found += _board(voice, left, f"{number + 1}:")
    return found


def _board(circuit: Board, left: float, prefix: str = "") -> list[Body]:
    """List a board, and its parts in front and behind."""
    board = read(board_path(circuit.name))
    edge_left, top, right, bottom = board.edge
    z = (PANEL_GAP_MM, BACK_MM)
    name = f"{prefix}{circuit.name} board"
    found = [Body(name, (left + edge_left, left + right), (top, bottom), z)]
    for placed in board.footprints:
        height = (
            circuit.by_ref[placed.ref].item.height_mm if placed.ref in circuit.by_ref else 0
        )
        if height:
            x1, y1, x2, y2 = placed.body
            front = placed.layer == "F.Cu"
            z = (PANEL_GAP_MM - height, PANEL_GAP_MM) if front else (BACK_MM, BACK_MM + height)
            ref = f"{prefix}{placed.ref}"
            found.append(Body(ref, (left + x1, left + x2), (y1, y2), z))
    return found


def _pi() -> list[Body]:
    """List a Raspberry Pi Zero face down in its socket, its card, and a plug for its USB."""
    board = read(board_path("main"))
    (socket,) = [part for part in board.footprints if part.ref == "J2"]
    x = sum(pad.at[0] for pad in socket.pads) / len(socket.pads)
    y = sum(pad.at[1] for pad in socket.pads) / len(socket.pads)
    left, bottom = x - 32.5, y + 3.5
    right, top = left + 65.0, bottom - 30.0
    face = BACK_MM + PI_SPACER_MM
    usb = right - 41.4
    return [
        Body("Pi", (left, right), (top, bottom), (face, face + 1.4 + 2.0)),
        Body("Pi's parts", (left, right), (top, bottom - 7.0), (face - 3.3, face)),
        Body("SD card", (right, right + 2.5), (top + 9.0, bottom - 9.0), (face - 1.5, face)),
        Body(
            "USB plug",
            (usb - 5.5, usb + 5.5),
            (top - 25.0, top - 0.5),
            (face - 5.5, face + 2.5),
        ),
    ]


TOUCHING = frozenset({"Pi", "J2"})
"""The Pi stands in its socket."""


def collisions(voices: int) -> list[tuple[str, str]]:
    """Name the bodies that claim the same room."""
    return [
        (one.name, two.name)
        for one, two in combinations(bodies(voices), 2)
        if one.meets(two) and not {one.name, two.name} <= TOUCHING
    ]


def outside(voices: int) -> list[str]:
    """Name the bodies that stand before the panel, beside it or in the rails."""
    width = panel(voices).width
    return [
        body.name
        for body in bodies(voices)
        if body.z[0] < 0
        or body.x[0] < 0
        or body.x[1] > width
        or body.y[0] < RAIL_MM
        or body.y[1] > HEIGHT_MM - RAIL_MM
    ]


def depth_mm(voices: int) -> float:
    """Give the depth behind the panel that a case needs, with the cable's bend."""
    return max(body.z[1] for body in bodies(voices)) + CABLE_MM
