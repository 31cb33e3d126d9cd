"""The maps of the voices that play, drawn little by little while the panel goes on."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from firmware.atlas import REST, SIZE, Atlas
from firmware.decoder import Decoder
from firmware.ensemble import Ensemble
from firmware.pattern import STEPS
from firmware.view import MapView

AT_ONCE = 16
"""Cells per step: less than a millisecond here."""

SHADE_STEPS = 32


class Maps:
    """An atlas per decoder of an ensemble, once it is drawn."""

    def __init__(self) -> None:
        """Begin with nothing to draw."""
        self._ensemble: Ensemble | None = None
        self._cells: NDArray[np.uint8] | None = None
        self._count = 0
        self._atlases: dict[int, Atlas] = {}

    @property
    def done(self) -> bool:
        """Tell whether there is nothing left to draw."""
        drawn = len(self._atlases)
        return self._ensemble is None or drawn == len(set(self._ensemble.decoders))

    def step(self, ensemble: Ensemble) -> None:
        """Draw some cells of the maps of an ensemble."""
        if ensemble is not self._ensemble:
            self._ensemble = ensemble
            self._cells = None
            self._atlases.clear()
        for decoder in ensemble.decoders:
            if id(decoder) not in self._atlases:
                self._draw(decoder)
                return

    def nearest(self, voice: int, steps: Sequence[int]) -> tuple[float, float] | None:
        """Give where the voice plays the nearest to `steps`; None before the map is drawn."""
        atlas = self._atlas(voice)
        if atlas is None:
            return None
        place = atlas.nearest([bool(step) for step in steps], 0.5)
        return place.x, place.y

    def view(self, voice: int, threshold: float) -> MapView:
        """Give the map as the display shows it, shaded by how many steps sound."""
        if self._ensemble is None or voice >= len(self._ensemble.decoders):
            return MapView()
        model = self._ensemble.decoders[voice].voice
        atlas = self._atlas(voice)
        density = _shades(atlas, round(threshold * SHADE_STEPS)) if atlas else b""
        return MapView(model.name, density, model.training_points)

    def _atlas(self, voice: int) -> Atlas | None:
        if self._ensemble is None or voice >= len(self._ensemble.decoders):
            return None
        return self._atlases.get(id(self._ensemble.decoders[voice]))

    def _draw(self, decoder: Decoder) -> None:
        if self._cells is None:
            self._cells, self._count = np.zeros((SIZE * SIZE, STEPS), np.uint8), 0
        others = (REST,) * (decoder.voice.latents - 2)
        for number in range(self._count, min(self._count + AT_ONCE, SIZE * SIZE)):
            row, column = divmod(number, SIZE)
            position = (column / (SIZE - 1), row / (SIZE - 1), *others)
            self._cells[number] = np.round(decoder.outputs(position)[:STEPS] * 255)
        self._count += AT_ONCE
        if self._count >= SIZE * SIZE:
            self._atlases[id(decoder)] = Atlas(self._cells.reshape(SIZE, SIZE, STEPS))
            self._cells = None


@lru_cache(maxsize=4)
def _shades(atlas: Atlas, threshold: int) -> bytes:
    """Give the density 0..255, the densest cell brightest."""
    density = atlas.density(threshold / SHADE_STEPS)
    return (density * (255 / max(float(density.max()), 1e-9))).astype(np.uint8).tobytes()
