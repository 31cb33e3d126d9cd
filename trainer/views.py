"""What is shown of a voice, whether it was just trained or read from a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware.atlas import Atlas, draw_atlas
from firmware.bundle import read_bundle
from firmware.decoder import load_decoders
from firmware.manifest import Manifest, VoiceModel
from trainer.latent import to_latents
from trainer.models import Array
from trainer.voices import Trained, Voice


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A voice's description, its map, and where its loops lie in the latents (n, 2)."""

    title: str
    voice: VoiceModel
    atlas: Atlas
    latents: Array


def view_of(title: str, voice: VoiceModel, atlas: Atlas) -> View:
    """Make a view; the latents are read back from the points on the map."""
    points = np.array(voice.training_points, float).reshape(-1, 2)
    return View(title, voice, atlas, to_latents(points, voice.warp[:2]))


def views_of_voices(voices: Sequence[Voice]) -> list[View]:
    """View the voices of a bundle that is about to be written."""
    return [
        view_of(f"voice {number}: {voice.description.name}", voice.description, voice.atlas)
        for number, voice in enumerate(voices, 1)
    ]


def views_of_finalists(trained: Trained, taken: Voice) -> list[View]:
    """View the finalists of one voice, best first, and say which one was taken."""
    return [
        view_of(
            f"--pick {number}{', taken' * (voice is taken)}", voice.description, voice.atlas
        )
        for number, voice in enumerate(trained.finalists, 1)
    ]


def views_of_bundle(folder: Path) -> tuple[Manifest, list[View]]:
    """Read a bundle, run its decoders and view them. Raises `BundleError`."""
    bundle = read_bundle(folder)
    views = [
        view_of(
            f"voice {number}: {decoder.voice.name}",
            decoder.voice,
            draw_atlas(decoder.outputs, decoder.voice.latents),
        )
        for number, decoder in enumerate(load_decoders(bundle), 1)
    ]
    return bundle.manifest, views
