"""Charts as vectors, in the colours of the page that shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer.model.checkpoint import KeptVoice
from trainer.model.network import Array
from trainer.report.views import View

WIDTH, HEIGHT = 320, 240
LINE_POINTS = 120
"""Points of a line: more cannot be told apart at this width."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn between 0, 0 (top left) and `WIDTH`, `HEIGHT`; y_ends are low and high."""

    title: str
    x: str
    y: str
    y_ends: tuple[str, str]
    dots: tuple[tuple[float, float], ...] = ()
    rules: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def latent_chart(view: View) -> Chart:
    """Draw the loops in the latents; the rules are a quarter of a knob's travel apart."""
    quarters = [
        np.interp(np.linspace(0, 1, 5), np.linspace(0, 1, len(along)), along).astype(np.float32)
        for along in view.voice.warp[:2]
    ]
    ends = [
        _ends(np.concatenate([values, at]))
        for values, at in zip(view.latents.T, quarters, strict=True)
    ]
    across, up = (_shares(at, *end) for at, end in zip(quarters, ends, strict=True))
    dots = np.column_stack([_shares(view.latents[:, n], *ends[n]) for n in range(2)])
    rules = [f"M{_x(at):.1f} 0V{HEIGHT}" for at in across]
    rules += [f"M0 {_y(at):.1f}H{WIDTH}" for at in up]
    return Chart(
        view.title,
        "latent 1 (X)",
        "latent 2 (Y)",
        _texts(*ends[1]),
        tuple((round(_x(x), 1), round(_y(y), 1)) for x, y in dots),
        tuple(rules),
    )


def error_chart(title: str, voice: KeptVoice) -> Chart:
    """Draw the error of every candidate over its training."""
    errors = [one.errors for one in voice.candidates if len(one.errors)]
    low, high = _ends(np.concatenate(errors)) if errors else (0.0, 1.0)
    lines = tuple(_line(_shares(one, low, high)) for one in errors)
    return Chart(title, "share of the training", "error", _texts(low, high), lines=lines)


def _line(shares: Array) -> str:
    count = min(len(shares), LINE_POINTS)
    chosen = np.linspace(0, len(shares) - 1, count).round().astype(int)
    across = np.linspace(0, 1, count)
    points = (f"{_x(x):.0f} {_y(y):.1f}" for x, y in zip(across, shares[chosen], strict=True))
    return "M" + "L".join(points)


def _ends(values: Array) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _shares(values: Array, low: float, high: float) -> Array:
    shares: Array = (values - low) / ((high - low) or 1.0)
    return shares


def _x(share: float) -> float:
    return share * WIDTH


def _y(share: float) -> float:
    return (1 - share) * HEIGHT


def _texts(low: float, high: float) -> tuple[str, str]:
    return f"{low:.3g}", f"{high:.3g}"
