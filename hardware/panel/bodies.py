# SPDX-License-Identifier: CERN-OHL-P-2.0
"""What is seen of a part in front of the panel, drawn around its middle."""

import math

from hardware.panel.geometry import BODIES_MM


def _stops(*colours: str) -> str:
    last = len(colours) - 1
    return "".join(
        f'<stop offset="{n / last:.2g}" stop-color="{colour}"/>'
        for n, colour in enumerate(colours)
    )


def _gradient(kind: str, name: str, where: str, *colours: str) -> str:
    return f'<{kind}Gradient id="{name}" {where}>{_stops(*colours)}</{kind}Gradient>'


_SLANT = 'x1="0" y1="0" x2="1" y2="1"'
_LIT = 'cx="0.4" cy="0.34" r="0.75"'
GRADIENTS = (
    _gradient("linear", "metal", _SLANT, "#f4f5f7", "#9fa5ad", "#c8ccd2", "#7c828b")
    + _gradient("linear", "collar", _SLANT, "#7d838b", "#e6e8eb", "#8d939b")
    + _gradient("radial", "knob", _LIT, "#575c65", "#2a2d33", "#17191c")
    + _gradient("radial", "cap", _LIT, "#fff", "#d4d6da", "#9a9fa6")
    + _gradient("radial", "lamp", _LIT, "#ffd0c4", "#f0432f", "#a3150b")
    + '<radialGradient id="glow"><stop offset="0.3" stop-color="#ff5a3c" stop-opacity="0.55"/>'
    '<stop offset="1" stop-color="#ff5a3c" stop-opacity="0"/></radialGradient>'
    '<linearGradient id="sheen" x1="0" y1="0" x2="0.6" y2="1">'
    '<stop offset="0" stop-color="#fff" stop-opacity="0.09"/>'
    '<stop offset="0.6" stop-color="#fff" stop-opacity="0"/></linearGradient>'
)
"""Definitions that the bodies use."""


def body(kind: str) -> str:
    """Draw the part of a kind of hole."""
    radius = BODIES_MM[kind] / 2
    return {
        "jack": _jack,
        "midi": _jack,
        "pot": _knob,
        "encoder": _encoder,
        "button": _button,
        "light": _light,
        "mounting": _screw,
    }[kind](radius)


def _disc(radius: float, fill: str, rest: str = "") -> str:
    return f'<circle r="{radius:g}" fill="{fill}"{rest}/>'


def _shadow(radius: float) -> str:
    return f'<circle cx="0.5" cy="0.8" r="{radius:g}" fill="#000" fill-opacity="0.35"/>'


def _polygon(corners: list[tuple[float, float]], fill: str) -> str:
    points = " ".join(f"{x:.3g},{y:.3g}" for x, y in corners)
    return f'<polygon points="{points}" fill="{fill}"/>'


def _around(count: int, radius: float) -> list[tuple[float, float]]:
    turns = (2 * math.pi * n / count for n in range(count))
    return [(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns]


def _jack(radius: float) -> str:
    """Draw a round nut with a fluted edge, the bush and the hole for the plug."""
    flutes = [
        (x * share, y * share)
        for (x, y), share in zip(_around(48, radius), (1.0, 1.0, 0.93) * 16, strict=True)
    ]
    return (
        _shadow(radius)
        + _polygon(flutes, "url(#metal)")
        + _disc(3.0, "url(#collar)", ' stroke="#5c6169" stroke-width="0.15"')
        + _disc(1.85, "#0a0b0d", ' stroke="#4a4e55" stroke-width="0.2"')
    )


def _grip(corners: int, radius: float, depth: float) -> list[tuple[float, float]]:
    """Give the outline of a fluted knob: every other corner stands in by `depth`."""
    shares = (1.0, depth) * (corners // 2)
    return [
        (x * share, y * share)
        for (x, y), share in zip(_around(corners, radius), shares, strict=True)
    ]


def _knob(radius: float) -> str:
    """Draw a black knob whose line points to the middle of the scale."""
    grip = _grip(72, radius, 0.96)
    return (
        _shadow(radius)
        + _polygon(grip, "#0e1013")
        + _disc(radius * 0.9, "url(#knob)")
        + _disc(radius * 0.66, "url(#knob)", ' stroke="#4a4f57" stroke-width="0.12"')
        + f'<path d="M0 -1.2V{0.3 - radius:g}" stroke="#fff" stroke-width="0.9" '
        'stroke-linecap="round"/>'
    )


def _encoder(radius: float) -> str:
    """Draw a metal knob without a pointer."""
    grip = _grip(96, radius, 0.965)
    return (
        _shadow(radius)
        + _polygon(grip, "#6f757d")
        + _disc(radius * 0.92, "url(#metal)")
        + _disc(radius * 0.7, "url(#collar)", ' stroke="#7c828b" stroke-width="0.12"')
    )


def _button(radius: float) -> str:
    return _disc(radius, "url(#cap)", ' stroke="#33363b" stroke-width="0.2"')


def _light(radius: float) -> str:
    return _disc(radius * 2.2, "url(#glow)") + _disc(radius, "url(#lamp)")


def _screw(radius: float) -> str:
    """Draw a screw head with a cross."""
    cross = '<path d="M-1.5 0H1.5M0 -1.5V1.5" stroke="#24272c" stroke-width="0.7"/>'
    return _shadow(radius) + _disc(radius, "url(#metal)") + cross
