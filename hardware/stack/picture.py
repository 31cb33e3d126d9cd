# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The stack seen from the side, drawn from the bodies themselves."""

from hardware.panel.geometry import HEIGHT_MM
from hardware.stack.bodies import Body, bodies, depth_mm

_PANEL_MM = 1.6
_EDGE_MM = 6.0
_COLOURS = {
    "board": "#1f6b3a",
    "Pi": "#8a1538",
    "J": "#55585e",
    "U": "#222429",
    "RV": "#2f4d8a",
}


def svg(voices: int) -> str:
    """Draw panel, boards, parts and Pi; the panel's upper edge is on the left."""
    deep = depth_mm(voices)
    width, height = HEIGHT_MM + 2 * _EDGE_MM, deep + _PANEL_MM + 2 * _EDGE_MM
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm"',
        f'  viewBox="{-_EDGE_MM:g} {-_EDGE_MM - _PANEL_MM:g} {width:g} {height:g}"',
        '  font-family="sans-serif" font-size="2.6">',
        f"<title>The stack from the side, {deep:.0f} mm deep</title>",
        (
            f'<rect x="{-_EDGE_MM:g}" y="{-_EDGE_MM - _PANEL_MM:g}" width="{width:g}"'
            f' height="{height:g}" fill="#fbfaf6"/>'
        ),
        f'<rect x="0" y="{-_PANEL_MM}" width="{HEIGHT_MM}" height="{_PANEL_MM}" fill="#1d1f23"/>',
    ]
    for body in sorted(bodies(voices), key=lambda body: body.x[1], reverse=True):
        rows.append(_body(body))
    rows.append(f'<text x="1" y="{deep - 1:.4g}">{deep:.0f} mm behind the panel</text>')
    rows.append(
        f'<path d="M0 {deep:.4g}H{HEIGHT_MM}" stroke="#b00" stroke-width="0.3"'
        ' stroke-dasharray="2 1"/>'
    )
    return "\n".join((*rows, "</svg>", ""))


def _body(body: Body) -> str:
    name = body.name.rpartition(":")[2]
    letters = name.rstrip("0123456789")
    kind = "board" if "board" in name else "Pi" if name.startswith("Pi") else letters
    colour = _COLOURS.get(kind, "#a9a493")
    (y1, y2), (z1, z2) = body.y, body.z
    return (
        f'<rect x="{y1:.4g}" y="{z1:.4g}" width="{y2 - y1:.4g}" height="{z2 - z1:.4g}"'
        f' fill="{colour}" fill-opacity="0.75" stroke="#000" stroke-width="0.1"/>'
    )
