"""Search for a pattern's position: by the encoder, or by the map where that is nearer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import Decoder, load_decoders
from firmware.bundle.latent_map import LatentMap, render_map
from firmware.engine.pattern import STEPS
from firmware.errors import UsageError
from trainer.model.checkpoint import checkpoint_of
from trainer.model.latent import to_positions
from trainer.model.measures import THRESHOLD
from trainer.model.network import Autoencoder, encode

SOUNDING, SILENT = "xX1", "-.0"


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """Knob positions 0..1, and by how many steps the pattern there differs."""

    position: tuple[float, ...]
    distance: int


def parse_steps(text: str) -> NDArray[np.bool_]:
    """Read a pattern such as `x--x--x-`, 32 steps or a part of them that is repeated.

    Raises `UsageError`.
    """
    plain = text.replace(" ", "").replace("|", "")
    if not plain or STEPS % len(plain) or not set(plain) <= set(SOUNDING + SILENT):
        raise UsageError(
            f"'{text}' is not a pattern: write x and -, with a length that divides 32"
        )
    return np.array([step in SOUNDING for step in plain * (STEPS // len(plain))])


def find_in_bundle(folder: Path, steps: NDArray[np.bool_]) -> list[PatternMatch]:
    """Find a pattern on the map of every voice. Raises `BundleError` and `UserError`."""
    bundle = read_bundle(folder)
    decoders = load_decoders(bundle)
    kept = checkpoint_of(folder, bundle.manifest)
    models = (
        [voice.candidate.model for voice in kept.voices] if kept else [None] * len(decoders)
    )
    return [
        find_in_voice(steps, decoder, render_map(decoder.outputs, decoder.voice.latents), model)
        for decoder, model in zip(decoders, models, strict=True)
    ]


def find_in_voice(
    steps: NDArray[np.bool_], decoder: Decoder, atlas: LatentMap, model: Autoencoder | None
) -> PatternMatch:
    """Find the position that plays the pattern nearest to `steps` (32)."""
    nearest = atlas.nearest(steps.tolist(), THRESHOLD)
    rest = (0.5,) * (decoder.voice.latents - 2)
    found = PatternMatch((nearest.x, nearest.y, *rest), nearest.distance)
    if model is None:
        return found
    latents = encode(model, steps[None])
    position = tuple(map(float, to_positions(latents, decoder.voice.warp)[0]))
    pattern = decoder.outputs(position)[:STEPS] > THRESHOLD
    distance = int((pattern != steps).sum())
    return PatternMatch(position, distance) if distance <= found.distance else found
