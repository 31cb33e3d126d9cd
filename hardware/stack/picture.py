# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The stack seen from the side, drawn from the bodies themselves."""

from hardware.panel.geometry import BODIES_MM, HEIGHT_MM, panel
from hardware.stack.bodies import Body, bodies, depth_mm

_PANEL_MM = 1.6
_EDGE_MM, _FRONT_MM, _BELOW_MM = 5.0, 16.0, 9.0
_FRONT = {"pot": 14.0, "encoder": 14.0, "jack": 2.0, "midi": 2.0, "button": 1.0, "light": 1.0}
"""How far a part stands out before the panel: knobs and nuts, for the picture only."""
_COLOURS = {
    "board": "#1c6b3c",
    "Pi": "#b3194b",
    "Pi's parts": "#8f1740",
    "SD card": "#3b3b3f",
    "USB plug": "#6d7178",
    "J": "#3a3d43",
    "U": "#22252a",
    "RV": "#2d5fa8",
    "SW": "#7a6a3a",
    "D": "#c0392b",
    "C": "#a98a5b",
    "JP": "#3a3d43",
}
_NAMES = {
    "J1": "rack cable",
    "J15": "display",
    "RV1": "knobs",
    "J5": "jacks",
    "J10": "jacks",
    "J2": "socket",
    "Pi": "Pi Zero 2 W",
    "USB plug": "USB plug",
}
"""Bodies that carry their name in the picture."""


def svg(voices: int) -> str:
    """Draw panel, boards, parts and Pi; the panel's upper edge is on the left."""
    deep = depth_mm(voices)
    width = HEIGHT_MM + 2 * _EDGE_MM + 14.0
    top = -_EDGE_MM - _PANEL_MM - _FRONT_MM
    height = deep + _BELOW_MM - top
    found = sorted(bodies(voices), key=lambda body: (body.x[1], body.name), reverse=True)
    named = [body for body in found if body.name in _NAMES]
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm"',
        f'  viewBox="{-_EDGE_MM:g} {top:g} {width:g} {height:g}"',
        '  font-family="sans-serif" font-size="2.6">',
        f"<title>The stack from the side, {deep:.0f} mm deep</title>",
        _rectangle((-_EDGE_MM, top), (width, height), "#fbfaf6"),
        *_fronts(voices),
        _rectangle((0, -_PANEL_MM), (HEIGHT_MM, _PANEL_MM), "#17191d"),
        *map(_body, found),
        *map(_name, named),
        *_sizes(deep),
    ]
    return "\n".join((*rows, "</svg>", ""))


def _rectangle(
    corner: tuple[float, float], size: tuple[float, float], colour: str, rest: str = ""
) -> str:
    (x, y), (width, height) = corner, size
    return (
        f'<rect x="{x:.4g}" y="{y:.4g}" width="{width:.4g}" height="{height:.4g}"'
        f' fill="{colour}"{rest}/>'
    )


def _fronts(voices: int) -> list[str]:
    """Draw knobs, nuts and caps before the panel."""
    found = []
    for hole in panel(voices).holes:
        out, wide = _FRONT.get(hole.kind, 0.0), BODIES_MM[hole.kind]
        if out:
            corner = (HEIGHT_MM - hole.y - wide / 2, -_PANEL_MM - out)
            colour = "#2a2d33" if out > 5 else "#aab0b8"
            found.append(_rectangle(corner, (wide, out), colour, ' rx="0.6"'))
    return found


def _body(body: Body) -> str:
    name = body.name.rpartition(":")[2]
    kind = "board" if "board" in name else name
    colour = _COLOURS.get(kind) or _COLOURS.get(name.rstrip("0123456789"), "#8d8878")
    (y1, y2), (z1, z2) = body.y, body.z
    edge = ' fill-opacity="0.88" stroke="#fff" stroke-opacity="0.35" stroke-width="0.12"'
    return _rectangle((y1, z1), (y2 - y1, z2 - z1), colour, edge)


def _name(body: Body) -> str:
    """Write a name in the middle of its body, on end where the body is narrow."""
    y, z = sum(body.y) / 2, sum(body.z) / 2
    text = _NAMES[body.name]
    narrow = body.y[1] - body.y[0] < 1.3 * len(text)
    turn = f' transform="rotate(-90 {y:.4g} {z:.4g})"' if narrow else ""
    return (
        f'<text x="{y:.4g}" y="{z + 0.75:.4g}" font-size="2.1" fill="#fff"'
        f' text-anchor="middle"{turn}>{text}</text>'
    )


def _sizes(deep: float) -> list[str]:
    """Draw the depth as a dimension beside the stack."""
    x, low = HEIGHT_MM + 3.0, f"{deep:.4g}"
    style = 'stroke="#b00020" stroke-width="0.25" fill="none"'
    heads = f"M{x - 1:g} 2L{x:g} 0L{x + 1:g} 2M{x - 1:g} {deep - 2:.4g}L{x:g} {low}L{x + 1:g}"
    note = "From the side; the upper edge of the panel is on the left."
    return [
        f'<path d="M0 {low}H{x + 1.5:g}" stroke-dasharray="2 1" {style}/>',
        f'<path d="M{x:g} 0V{low}{heads} {deep - 2:.4g}" {style}/>',
        f'<text x="{x + 1.5:g}" y="{deep / 2:.4g}" fill="#b00020">{deep:.0f} mm</text>',
        f'<text x="0" y="{deep + 5:.4g}" fill="#444">{note}</text>',
    ]
