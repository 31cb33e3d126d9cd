# SPDX-License-Identifier: CERN-OHL-P-2.0
"""A placed board as a picture, from the component side."""

from hardware.perfboard.place import Layout, Spot, Zone
from hardware.perfboard.wires import wires

_STEP = 10
"""Picture units from hole to hole."""


def svg(layout: Layout) -> str:
    """Draw holes, stages, parts with their pins (pin 1 square) and, faintly, the wires."""
    width, height = (layout.columns + 1) * _STEP, (layout.rows + 1) * _STEP
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
        '  font-family="sans-serif" font-size="5">',
        f"<title>{layout.board.name}: {layout.columns} x {layout.rows} holes</title>",
        f'<rect width="{width}" height="{height}" fill="#f3ead6"/>',
    ]
    rows += [_ruler(column, horizontal=True) for column in range(5, layout.columns + 1, 5)]
    rows += [_ruler(row, horizontal=False) for row in range(5, layout.rows + 1, 5)]
    rows += [_zone(zone) for zone in layout.zones]
    for wire in wires(layout):
        (x1, y1), (x2, y2) = wire.start.hole, wire.end.hole
        rows.append(
            f'<path d="M{x1 * _STEP} {y1 * _STEP}L{x2 * _STEP} {y2 * _STEP}" stroke="#c0392b"'
            ' stroke-width="0.6" opacity="0.35"/>'
        )
    rows += [_part(spot) for spot in layout.spots]
    return "\n".join((*rows, "</svg>", ""))


def _ruler(number: int, *, horizontal: bool) -> str:
    x, y = (number * _STEP, 5) if horizontal else (4, number * _STEP + 2)
    return f'<text x="{x}" y="{y}" fill="#8a7a55" text-anchor="middle">{number}</text>'


def _zone(zone: Zone) -> str:
    x, y = zone.column * _STEP - 7, zone.row * _STEP - 7
    wide, high = zone.width * _STEP + 4, zone.height * _STEP + 4
    return (
        f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="#ffffff" opacity="0.6"'
        f' stroke="#8a7a55" stroke-dasharray="2"/>'
        f'<text x="{x}" y="{y - 1}" fill="#5b4d2c">{zone.name}</text>'
    )


def _part(spot: Spot) -> str:
    x, y = spot.column * _STEP - 4, spot.row * _STEP - 4
    wide, high = spot.shape.width * _STEP - 2, spot.shape.height * _STEP - 2
    style = 'rx="2" fill="#dfe7ef" fill-opacity="0.8" stroke="#2c3e50" stroke-width="0.6"'
    rows = [f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" {style}/>']
    for number, (pin, (column, row)) in enumerate(spot.holes.items()):
        at = (column * _STEP, row * _STEP)
        if number == 0:
            rows.append(f'<rect x="{at[0] - 2}" y="{at[1] - 2}" width="4" height="4"/>')
        else:
            rows.append(f'<circle cx="{at[0]}" cy="{at[1]}" r="1.8"/>')
        rows.append(f"<!-- {spot.part.ref}.{pin} -->")
    middle = (x + wide / 2, y + high / 2)
    turn = "" if wide > high else f' transform="rotate(-90 {middle[0]:g} {middle[1]:g})"'
    rows.append(
        f'<text x="{middle[0]:g}" y="{middle[1]:g}" text-anchor="middle" fill="#7b1e1e"{turn}>'
        f"{spot.part.ref} {spot.part.value}</text>"
    )
    return "".join(rows)
