"""Pictures of voices: the latent plot of the paper's figures, the map, its patterns.

Drawn without a window system, and without dates or versions in the files, so that the same
bundle has the same pictures to the byte.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from firmware.bundle.manifest import VoiceModel
from firmware.engine.pattern import STEPS
from firmware.storage.files import write_whole
from trainer.model.measures import THRESHOLD
from trainer.model.network import Array
from trainer.report.views import View

PAPER, INK, ACCENT, PALE = "#f6f3ec", "#22201c", "#c8452d", "#d9d3c4"
DPI = 110
IN_A_ROW = 3
"""Pictures side by side: the voices of a bundle."""

ACROSS = 8
"""Patterns along X and along Y in the picture of patterns."""


def map_picture(views: Sequence[View]) -> bytes:
    """Draw, per voice, how many steps sound over X and Y, and where the loops lie."""
    figure, (*panels, bar) = _panels([view.title for view in views], 3.2, 3.2, bar=0.8)
    image = None
    for axes, view in zip(panels, views, strict=True):
        density = view.atlas.density(THRESHOLD) * STEPS
        image = axes.imshow(
            density, origin="lower", extent=(0, 1, 0, 1), cmap="bone_r", vmin=0, vmax=STEPS
        )
        points = np.array(view.voice.training_points).reshape(-1, 2)
        axes.plot(*points.T, "o", color=ACCENT, markersize=2.5, alpha=0.8, clip_on=False)
        x, y = axis_labels(view.voice)
        axes.set(xlabel=x, ylabel=y, xlim=(0, 1), ylim=(0, 1))
    figure.colorbar(image, cax=bar, label="onsets of 32 steps")
    return _png(figure)


def latent_picture(views: Sequence[View]) -> bytes:
    """Draw the loops in the latents, as figures 3 to 7 of the paper, with the knobs' reach.

    The grid lines are a quarter of a knob's travel apart: where they are dense, the knob
    is fine.
    """
    figure, panels = _panels([view.title for view in views], 3.2, 3.2)
    for axes, view in zip(panels, views, strict=True):
        knots = view.voice.warp
        for draw, along in zip((axes.axvline, axes.axhline), knots, strict=False):
            for latent in np.interp([0, 0.25, 0.5, 0.75, 1], _even(along), along):
                draw(latent, color=PALE, linewidth=1, zorder=0)
        axes.plot(*view.latents.T, "o", color=ACCENT, markersize=3, alpha=0.8)
        axes.set(xlabel="latent 1 (X)", ylabel="latent 2 (Y)")
    return _png(figure)


def patterns_picture(view: View) -> bytes:
    """Draw patterns from all over a map, each two rows of sixteen steps.

    Dark is a step that sounds; the grey of the others is their probability.
    """
    figure, (axes,) = _panels([view.title], 10.5, 3.2)
    axes.imshow(_mosaic(view), cmap="bone_r", vmin=0, vmax=1.1, aspect="auto")
    x, y = axis_labels(view.voice)
    axes.set(xlabel=x, ylabel=y, xticks=[], yticks=[])
    return _png(figure)


def _mosaic(view: View) -> Array:
    """Lay the patterns at the middles of 8 x 8 squares side by side, Y upwards."""
    size = len(view.atlas.onset)
    middles = ((np.arange(ACROSS) + 0.5) * size / ACROSS).astype(int)
    cells = view.atlas.onset[np.ix_(middles[::-1], middles)] / 255
    shade = 0.08 + np.where(cells > THRESHOLD, 1.0, 0.4 * cells)
    bars = shade.reshape(ACROSS, ACROSS, 2, STEPS // 2)
    framed = np.pad(bars, ((0, 0), (0, 0), (0, 1), (0, 2)), constant_values=np.nan)
    mosaic: Array = framed.transpose(0, 2, 1, 3).reshape(ACROSS * 3, -1)
    return mosaic[:-1, :-2]


def axis_labels(voice: VoiceModel) -> tuple[str, str]:
    """Name X and Y, with their ends where they mean something."""
    named = [f" ({axis.low} - {axis.high})" for axis in voice.axes[:2]] or ["", ""]
    return f"X{named[0]}", f"Y{named[1]}"


def one_below_the_other(pictures: Sequence[bytes]) -> bytes:
    """Make one picture of several."""
    images = [Image.open(io.BytesIO(data)).convert("RGB") for data in pictures]
    size = max(image.width for image in images), sum(image.height for image in images)
    whole = Image.new("RGB", size, PAPER)
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    packed = io.BytesIO()
    whole.save(packed, "png", dpi=(DPI, DPI))
    return packed.getvalue()


def write_pictures(folder: Path, views: Sequence[View]) -> list[Path]:
    """Write all pictures of a bundle; give their paths. Raises `UserError`."""
    pictures = {"map.png": map_picture(views), "latents.png": latent_picture(views)}
    for number, view in enumerate(views, 1):
        pictures[f"patterns{number}.png"] = patterns_picture(view)
    for name, data in pictures.items():
        write_whole(folder / name, data)
    return [folder / name for name in pictures]


def _panels(
    titles: Sequence[str], width: float, height: float, bar: float = 0.0
) -> tuple[Any, list[Any]]:
    """Make a figure with axes, `IN_A_ROW`, sizes in inches; `bar` is room left at the right."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - a second, only for pictures

    left, between, below, above = 0.55, 0.65, 0.5, 0.35
    rows, across = -(-len(titles) // IN_A_ROW), min(len(titles), IN_A_ROW)
    total = left + across * (width + between) + bar - between + 0.2
    row = below + height + above
    tall = rows * row
    figure = Figure(figsize=(total, tall), dpi=DPI, facecolor=PAPER)
    axes = []
    for number, title in enumerate(titles):
        start = left + number % IN_A_ROW * (width + between)
        bottom = tall - (number // IN_A_ROW + 1) * row + below
        place = (start / total, bottom / tall, width / total, height / tall)
        axes.append(figure.add_axes(place, facecolor=PAPER))
        axes[-1].set_title(title, color=INK)
    if bar:
        place = ((total - bar) / total, below / tall, 0.12 / total, height / tall)
        axes.append(figure.add_axes(place))
    return figure, axes


def _even(values: Sequence[float]) -> Any:
    return np.linspace(0, 1, len(values))


def _png(figure: Any) -> bytes:
    packed = io.BytesIO()
    figure.savefig(packed, format="png", metadata={"Software": None})
    return packed.getvalue()
