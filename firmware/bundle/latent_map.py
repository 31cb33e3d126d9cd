"""The map of one decoder, computed once when a bundle is loaded.

It gives the display the density at each position, and finds the position whose pattern is
nearest to a recorded rhythm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS

SIZE = 64
"""Cells along X and along Y; the display is as wide as two such maps."""

REST = 0.5
"""The positions of the controls beyond X and Y while the map is computed."""


Run = Callable[[Sequence[float]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class NearestCell:
    """A position on the map, 0..1, and by how many steps its pattern misses the wanted one."""

    x: float
    y: float
    distance: int


@dataclass(frozen=True, slots=True, eq=False)
class LatentMap:
    """Onset probabilities over the map: uint8 (rows of Y, columns of X, 32), 255 is 1."""

    onset: NDArray[np.uint8]

    def sounding(self, threshold: float) -> NDArray[np.bool_]:
        """Return which steps sound at each cell, (rows, columns, 32)."""
        return self.onset > np.float32(threshold * 255)

    def density(self, threshold: float) -> NDArray[np.float64]:
        """Return the share of steps that sound at each cell, (rows, columns), 0..1."""
        share: NDArray[np.float64] = self.sounding(threshold).mean(-1)
        return share

    def nearest(self, steps: Sequence[bool], threshold: float) -> NearestCell:
        """Find the cell whose pattern differs from `steps` in the fewest places.

        Among equals, the cell that is surest of the pattern: its probabilities lie nearest
        to the wanted zeros and ones, so a small change of threshold keeps it.
        """
        wanted = np.asarray(steps, bool)
        distance = (self.sounding(threshold) != wanted).sum(-1)
        doubt = np.where(wanted, 255 - self.onset, self.onset).sum(-1, dtype=np.int64)
        score = distance * (255 * STEPS + 1) + doubt
        row, column = np.unravel_index(int(score.argmin()), score.shape)
        rows, columns = score.shape
        return NearestCell(
            float(column / (columns - 1)), float(row / (rows - 1)), int(distance[row, column])
        )


def render_map(run: Run, latents: int, size: int = SIZE) -> LatentMap:
    """Run a decoder at every cell; X grows with the column and Y with the row.

    `run` is `Decoder.outputs`, `latents` the number of positions that it takes.
    """
    along = np.linspace(0, 1, size).tolist()
    others = (REST,) * (latents - 2)
    rows = [[run((x, y, *others))[:STEPS] for x in along] for y in along]
    return LatentMap(np.round(np.array(rows) * 255).astype(np.uint8))
