"""Pictures of a bundle: the latent plot of the paper's figures, and the map of the knobs.

Drawn without a window system, and without dates or versions in the files, so that the same
bundle has the same pictures to the byte.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from trainer.voices import Voice

PAPER, INK, ACCENT = "#f4f1ea", "#22201c", "#c8452d"
DPI = 110


def map_picture(voices: Sequence[Voice]) -> bytes:
    """Draw, per voice, the density of its patterns over X and Y, and where the loops lie."""
    figure = _figure(4.2 * len(voices), 4.4)
    for number, voice in enumerate(voices, 1):
        axes = figure.add_subplot(1, len(voices), number)
        _density(figure, axes, voice)
        axes.set_title(f"voice {number}: {voice.description.name}")
    return png(figure)


def _density(figure: Any, axes: Any, voice: Voice) -> None:
    density = (voice.onset_map > 127).mean(-1)
    image = axes.imshow(
        density, origin="lower", extent=(0, 1, 0, 1), cmap="bone_r", vmin=0, vmax=1
    )
    points = np.array(voice.description.training_points).reshape(-1, 2)
    axes.plot(*points.T, "o", color=ACCENT, markersize=2.5, alpha=0.8)
    axes.set(xlabel="X", ylabel="Y", xlim=(0, 1), ylim=(0, 1))
    figure.colorbar(image, ax=axes, shrink=0.7, label="steps that sound")


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure  # noqa: PLC0415 - a second, only for pictures

    return Figure(figsize=(width, height), dpi=DPI, facecolor=PAPER, layout="constrained")


def png(figure: Any) -> bytes:
    """Give the bytes of a figure."""
    packed = io.BytesIO()
    figure.savefig(packed, format="png", metadata={"Software": None})
    return packed.getvalue()
