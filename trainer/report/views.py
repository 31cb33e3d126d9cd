"""The view of a voice, freshly trained or read from a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
from firmware.bundle.latent_map import LatentMap, render_map
from firmware.bundle.manifest import Manifest, VoiceModel
from trainer.export.voices import ExportedVoice
from trainer.model.checkpoint import checkpoint_of
from trainer.model.latent import to_latents
from trainer.model.network import Array, encode


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A voice's description, its map, and where its loops lie in the latents (n, 2)."""

    title: str
    voice: VoiceModel
    atlas: LatentMap
    latents: Array


def views_of_voices(voices: Sequence[ExportedVoice]) -> list[View]:
    """View the voices of a bundle that is about to be written."""
    return [
        View(
            f"voice {number}: {voice.description.name}",
            voice.description,
            voice.latent_map,
            voice.latents[:, :2],
        )
        for number, voice in enumerate(voices, 1)
    ]


def views_of_bundle(folder: Path) -> tuple[Manifest, list[View]]:
    """Read a bundle, run its decoders and view them. Raises `BundleError` and `UserError`.

    Without what the trainer keeps beside it, loops beyond the knobs' reach are shown at its
    end.
    """
    bundle = read_bundle(folder)
    kept = checkpoint_of(folder, bundle.manifest)
    views = []
    for number, decoder in enumerate(load_decoders(bundle), 1):
        voice = decoder.voice
        latents = (
            encode(kept.voices[number - 1].candidate.model, kept.sets.of(number - 1).onset)[
                :, :2
            ]
            if kept
            else to_latents(np.array(voice.training_points).reshape(-1, 2), voice.warp[:2])
        )
        atlas = render_map(decoder.outputs, voice.latents)
        views.append(View(f"voice {number}: {voice.name}", voice, atlas, latents))
    return bundle.manifest, views
