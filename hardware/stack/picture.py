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
    left, top = -_EDGE_MM, -_EDGE_MM - _PANEL_MM
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm"',
        f'  viewBox="{left:g} {top:g} {width:g} {height:g}"',
        '  font-family="sans-serif" font-size="2.6">',
        f"<title>The stack from the side, {deep:.0f} mm deep</title>",
        _rectangle(left, top, width, height, "#fbfaf6"),
        _rectangle(0, -_PANEL_MM, HEIGHT_MM, _PANEL_MM, "#1d1f23"),
    ]
    nearest_last = sorted(bodies(voices), key=lambda body: body.x[1], reverse=True)
    rows += [_body(body) for body in nearest_last]
    rows.append(f'<text x="1" y="{deep - 1:.4g}">{deep:.0f} mm behind the panel</text>')
    rows.append(
        f'<path d="M0 {deep:.4g}H{HEIGHT_MM}" stroke="#b00" stroke-width="0.3"'
        ' stroke-dasharray="2 1"/>'
    )
    return "\n".join((*rows, "</svg>", ""))


def _rectangle(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}"/>'


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
