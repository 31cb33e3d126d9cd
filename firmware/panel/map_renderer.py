"""Renders the maps of the playing voices, a few cells at each step of the panel."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.decoder import Decoder
from firmware.bundle.latent_map import REST, SIZE, LatentMap, NearestCell
from firmware.engine.pattern import STEPS
from firmware.panel.decoders import VoiceDecoders
from firmware.ui.snapshot import MapView

AT_ONCE = 16
"""Cells per step: less than a millisecond here."""

SHADE_STEPS = 32
OVERVIEW = 16


class MapRenderer:
    """A map per decoder, once it is rendered."""

    def __init__(self) -> None:
        """Start with nothing to render."""
        self._ensemble: VoiceDecoders | None = None
        self._cells: NDArray[np.float32] | None = None
        self._count = 0
        self._latent_maps: dict[int, LatentMap] = {}

    @property
    def done(self) -> bool:
        """Return whether nothing is left to render."""
        drawn = len(self._latent_maps)
        return self._ensemble is None or drawn == len(set(self._ensemble.decoders))

    def step(self, voice_decoders: VoiceDecoders) -> None:
        """Render some cells of the maps of the voices' decoders."""
        if voice_decoders is not self._ensemble:
            self._ensemble = voice_decoders
            self._cells = None
            self._latent_maps.clear()
        for decoder in voice_decoders.decoders:
            if id(decoder) not in self._latent_maps:
                self._draw(decoder)
                return

    def shows(self, voice_decoders: VoiceDecoders) -> bool:
        """Return whether the maps, as far as rendered, are those of these decoders."""
        return voice_decoders is self._ensemble

    def nearest(
        self, voice: int, steps: Sequence[int], threshold: float = 0.5
    ) -> NearestCell | None:
        """Return the position whose pattern is nearest to `steps`; None until rendered."""
        latent_map = self._latent_map(voice)
        if latent_map is None:
            return None
        return latent_map.nearest([bool(step) for step in steps], threshold)

    def view(self, voice: int, threshold: float) -> MapView:
        """Return the map as the display shows it, shaded by how many steps sound."""
        if self._ensemble is None or voice >= len(self._ensemble.decoders):
            return MapView()
        model = self._ensemble.decoders[voice].voice
        latent_map = self._latent_map(voice)
        density = _shades(latent_map, round(threshold * SHADE_STEPS)) if latent_map else b""
        return MapView(model.name, density, model.training_points, model.axes)

    def overview(self, voice: int) -> tuple[int, ...]:
        """Return a voice's map in `OVERVIEW` x `OVERVIEW` cells; empty until it is rendered.

        Row by row from the bottom: how many steps are to be expected, 0..9, the densest 9.
        """
        latent_map = self._latent_map(voice)
        return _overview(latent_map) if latent_map else ()

    def _latent_map(self, voice: int) -> LatentMap | None:
        if self._ensemble is None or voice >= len(self._ensemble.decoders):
            return None
        return self._latent_maps.get(id(self._ensemble.decoders[voice]))

    def _draw(self, decoder: Decoder) -> None:
        if self._cells is None:
            self._cells, self._count = np.zeros((SIZE * SIZE, STEPS), np.float32), 0
        others = (REST,) * (decoder.voice.latents - 2)
        places = [
            divmod(number, SIZE)
            for number in range(self._count, min(self._count + AT_ONCE, SIZE * SIZE))
        ]
        outputs = decoder.outputs_at(
            [(column / (SIZE - 1), row / (SIZE - 1), *others) for row, column in places]
        )
        self._cells[self._count : self._count + len(places)] = outputs[:, :STEPS]
        self._count += len(places)
        if self._count >= SIZE * SIZE:
            cells = np.round(self._cells * 255).astype(np.uint8)
            self._latent_maps[id(decoder)] = LatentMap(cells.reshape(SIZE, SIZE, STEPS))
            self._cells = None


@lru_cache(maxsize=4)
def _shades(latent_map: LatentMap, threshold: int) -> bytes:
    """Return the density 0..255, the densest cell brightest."""
    density = latent_map.density(threshold / SHADE_STEPS)
    return (density * (255 / max(float(density.max()), 1e-9))).astype(np.uint8).tobytes()


@lru_cache(maxsize=4)
def _overview(latent_map: LatentMap) -> tuple[int, ...]:
    side = SIZE // OVERVIEW
    expected = latent_map.onset.mean(-1).reshape(OVERVIEW, side, OVERVIEW, side).mean((1, 3))
    levels = np.round(expected * (9 / max(float(expected.max()), 1e-9)))
    return tuple(int(level) for level in levels.ravel())
