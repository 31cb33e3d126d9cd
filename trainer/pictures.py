"""Pictures of voices: the latent plot of the paper's figures, the map, its patterns.

Drawn without a window system, and without dates or versions in the files, so that the same
bundle has the same pictures to the byte.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from firmware.pattern import STEPS
from trainer.maps import THRESHOLD
from trainer.models import Array
from trainer.population import History
from trainer.views import View

PAPER, INK, ACCENT, PALE = "#f6f3ec", "#22201c", "#c8452d", "#d9d3c4"
DPI = 110
ACROSS = 8
"""Patterns along X and along Y in the picture of patterns."""


def map_picture(views: Sequence[View]) -> bytes:
    """Draw, per voice, how many steps sound over X and Y, and where the loops lie."""
    figure = _figure(4.0 * len(views), 4.1)
    image = None
    for axes, view in _panels(figure, views):
        density = view.atlas.density(THRESHOLD) * STEPS
        image = axes.imshow(
            density, origin="lower", extent=(0, 1, 0, 1), cmap="bone_r", vmin=0, vmax=STEPS
        )
        points = np.array(view.voice.training_points).reshape(-1, 2)
        axes.plot(*points.T, "o", color=ACCENT, markersize=2.5, alpha=0.8)
        axes.set(xlabel="X", ylabel="Y", xlim=(0, 1), ylim=(0, 1))
    figure.colorbar(image, ax=figure.axes, shrink=0.7, label="onsets of 32 steps")
    return _png(figure)


def latent_picture(views: Sequence[View]) -> bytes:
    """Draw the loops in the latents, as figures 3 to 7 of the paper, with the knobs' reach.

    The grid lines are a quarter of a knob's travel apart: where they are dense, the knob
    is fine.
    """
    figure = _figure(4.0 * len(views), 4.0)
    for axes, view in _panels(figure, views):
        knots = view.voice.warp
        for draw, along in zip((axes.axvline, axes.axhline), knots, strict=False):
            for latent in np.interp([0, 0.25, 0.5, 0.75, 1], _even(along), along):
                draw(latent, color=PALE, linewidth=1, zorder=0)
        axes.plot(*view.latents.T, "o", color=ACCENT, markersize=3, alpha=0.8)
        axes.set(xlabel="latent 1 (X)", ylabel="latent 2 (Y)")
    return _png(figure)


def patterns_picture(views: Sequence[View]) -> bytes:
    """Draw patterns from all over each map, two rows of sixteen steps each.

    Dark is a step that sounds; grey is the probability of one that does not.
    """
    figure = _figure(5.2 * len(views), 3.6)
    for axes, view in _panels(figure, views):
        axes.imshow(_mosaic(view), cmap="bone_r", vmin=0, vmax=1, aspect="auto")
        axes.set(xlabel="X", ylabel="Y", xticks=[], yticks=[])
    return _png(figure)


def _mosaic(view: View) -> Array:
    """Lay the patterns at the middles of 8 x 8 squares side by side, Y upwards."""
    size = len(view.atlas.onset)
    middles = ((np.arange(ACROSS) + 0.5) * size / ACROSS).astype(int)
    cells = view.atlas.onset[np.ix_(middles[::-1], middles)] / 255
    shade = np.where(cells > THRESHOLD, 1.0, 0.5 * cells)
    bars = shade.reshape(ACROSS, ACROSS, 2, STEPS // 2)
    framed = np.pad(bars, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    mosaic: Array = framed.transpose(0, 2, 1, 3).reshape(ACROSS * 3, -1).astype(np.float32)
    return mosaic


def history_picture(titles: Sequence[str], histories: Sequence[History]) -> bytes:
    """Draw the loss of every candidate over the course of training."""
    figure = _figure(4.0 * len(titles), 2.6)
    for number, (title, history) in enumerate(zip(titles, histories, strict=True), 1):
        axes = figure.add_subplot(1, len(titles), number)
        axes.plot(history.loss, color=INK, alpha=0.35, linewidth=0.8)
        if history.held_back_loss.size:
            axes.plot(history.held_back_loss, color=ACCENT, alpha=0.35, linewidth=0.8)
        axes.set(title=title, xlabel="chunk", ylabel="cross entropy", facecolor=PAPER)
    return _png(figure)


def _panels(figure: Any, views: Sequence[View]) -> list[tuple[Any, View]]:
    panels = []
    for number, view in enumerate(views, 1):
        axes = figure.add_subplot(1, len(views), number, facecolor=PAPER)
        axes.set_title(view.title, color=INK)
        panels.append((axes, view))
    return panels


def _even(values: Sequence[float]) -> Any:
    return np.linspace(0, 1, len(values))


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure  # noqa: PLC0415 - a second, only for pictures

    return Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER, layout="constrained")


def _png(figure: Any) -> bytes:
    packed = io.BytesIO()
    figure.savefig(packed, format="png", metadata={"Software": None})
    return packed.getvalue()
