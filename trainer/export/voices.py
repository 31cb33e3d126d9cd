"""From a trained model to one voice: its file, and what the file itself computes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.decoder import Decoder, TfliteDecoder, load_runtime
from firmware.bundle.latent_map import LatentMap, render_map
from firmware.bundle.manifest import Axis, CheckPoint, VoiceModel
from firmware.engine.pattern import STEPS
from trainer.data.dataset import Dataset
from trainer.export.decoder_file import decoder_file
from trainer.export.equalise import equalised
from trainer.export.quantise import rounded
from trainer.model.checkpoint import Candidate
from trainer.model.feel import step_means
from trainer.model.latent import (
    Knots,
    classic,
    dead_latents,
    linear,
    to_latents,
    to_positions,
    trained_range,
    warped,
)
from trainer.model.map_training import OFFSET_ZERO
from trainer.model.measures import GRID, THRESHOLD, Figures, f1_score, map_figures
from trainer.model.network import Array, Autoencoder, decode, encode
from trainer.model.rhythm import Matrix
from trainer.model.sampling import square_grid, with_corners
from trainer.model.structures import PAPER
from trainer.model.voice_config import VoiceConfig

FLIP_GRID = 128
FLIP_THRESHOLDS = (0.3, 0.5, 0.7)
ROUNDING_POINTS = 2048
SCALING_POINTS = 256
CHECK_POINTS = 32
TOLERANCE = 0.005
TRAINING_POINTS_MAX = 5000
FIGURE_SEED = 0
"""Figures that sample places sample the same ones in every bundle."""

AXES = (Axis("density", "sparse", "dense"), Axis("syncopation", "straight", "syncopated"))
"""What X and Y of a map mean, and what their ends are."""


@dataclass(frozen=True, slots=True, eq=False)
class ExportedVoice:
    """A candidate's file, its description, its map, and its loops' latents (n, k)."""

    candidate: Candidate
    file: bytes
    description: VoiceModel
    latent_map: LatentMap
    latents: Array


def export_voice(
    config: VoiceConfig, candidate: Candidate, dataset: Dataset, file: str
) -> ExportedVoice:
    """Export a model and describe its file by what the file itself computes."""
    model = candidate.model
    latents = encode(model, dataset.onset)
    knots = knots_of(config, latents)
    data = _file(config, model, knots)
    points = candidate.points if config.is_map else to_positions(latents, knots)[:, :2]
    draft = _draft(
        config, model, knots=knots, latents=latents, points=points, file=file, data=data
    )
    decoder = TfliteDecoder(draft, data, load_runtime())
    drawn = render_map(decoder.outputs, model.latents, GRID)
    rest = np.full((len(points), model.latents - 2), 0.5)
    given = run(decoder, np.concatenate([points, rest], 1))
    figures = {
        **_reconstruction(given, dataset),
        "dead_latents": float(dead_latents(latents)),
        **map_figures(
            drawn.sounding(THRESHOLD), dataset.onset, np.random.default_rng(FIGURE_SEED)
        ),
        **flips(decoder, model),
    }
    description = replace(draft, metrics=round_all(figures), check_points=check_points(decoder))
    return ExportedVoice(candidate, data, description, drawn, latents)


def float_figures(config: VoiceConfig, model: Autoencoder, dataset: Dataset) -> Figures:
    """Measure the map of a model that was not exported, to rank it."""
    latents = encode(model, dataset.onset)
    knots = knots_of(config, latents)
    positions = square_grid(GRID, model.latents)
    drawn = decode(model, to_latents(positions, knots))[:, :STEPS] > THRESHOLD
    given = decode(model, to_latents(to_positions(latents, knots), knots))
    square = drawn.reshape(GRID, GRID, STEPS)
    return {
        "f1": f1_score(given[:, :STEPS] > THRESHOLD, dataset.onset),
        **map_figures(square, dataset.onset, np.random.default_rng(FIGURE_SEED)),
    }


def knots_of(config: VoiceConfig, latents: Array) -> Knots:
    """Give the way from knobs to latents that the configuration asks for."""
    if config.mapping == "classic":
        return classic(PAPER[config.structure].classic_range, latents.shape[1])
    return linear(latents.shape[1]) if config.mapping == "linear" else warped(latents)


def round_all(figures: Mapping[str, float]) -> Figures:
    """Round figures to what a manifest holds of them."""
    return {name: round(value, 6) for name, value in figures.items()}


def run(decoder: Decoder, positions: NDArray[np.float64]) -> Array:
    """Run a file at many knob positions (n, latents): (n, 32 * heads)."""
    return np.array([decoder.outputs(position) for position in positions.tolist()])


def flips(decoder: Decoder, model: Autoencoder) -> Figures:
    """Give the percentage of thresholded steps in which a file differs from its float model."""
    positions = square_grid(FLIP_GRID, model.latents)
    played = run(decoder, positions)[:, :STEPS]
    meant = decode(model, to_latents(positions, decoder.voice.warp))[:, :STEPS]
    return {
        f"flips_{threshold:.1f}": 100
        * float(((played > threshold) != (meant > threshold)).mean())
        for threshold in FLIP_THRESHOLDS
    }


def check_points(decoder: Decoder) -> tuple[CheckPoint, ...]:
    """Note what a file computes at corners and inner points, for every loader to compare."""
    positions = np.round(with_corners(CHECK_POINTS, decoder.voice.latents), 6)
    outputs = np.round(run(decoder, positions).astype(float), 6)
    return tuple(
        CheckPoint(tuple(position), tuple(expected))
        for position, expected in zip(positions.tolist(), outputs.tolist(), strict=True)
    )


def _file(config: VoiceConfig, model: Autoencoder, knots: Knots) -> bytes:
    layers = model.decoder
    if config.quantisation != "float32":
        points = to_latents(with_corners(ROUNDING_POINTS, model.latents), knots)
        layers = rounded(equalised(layers, points), points)
    samples = to_latents(with_corners(SCALING_POINTS, model.latents), knots)
    return decoder_file(layers, config.quantisation, samples)


def _reconstruction(given: Array, dataset: Dataset) -> Figures:
    """Measure how the loops come back at their points, their feel beside the step's mean."""
    onset = dataset.onset
    figures = {"f1": f1_score(given[:, :STEPS] > THRESHOLD, onset)}
    heads = given.reshape(len(given), -1, STEPS).transpose(1, 0, 2)[1:].astype(float)
    truth = ("velocity", dataset.velocity), ("offset", dataset.offset + OFFSET_ZERO)
    for (name, wanted), head in zip(truth, heads, strict=False):
        values: Matrix = np.where(onset, wanted, 0).astype(float)
        for suffix, guess in (("", head), ("_mean", step_means(onset, values))):
            squares = ((guess - values) ** 2)[onset]
            error = float(np.sqrt(squares.mean())) if squares.size else 0.0
            figures[f"{name}_rmse{suffix}"] = error
    return figures


def _draft(
    config: VoiceConfig,
    model: Autoencoder,
    *,
    knots: Knots,
    latents: Array,
    points: NDArray[np.float64],
    file: str,
    data: bytes,
) -> VoiceModel:
    listed = np.round(points[:TRAINING_POINTS_MAX], 4).tolist()
    return VoiceModel(
        name=config.structure,
        layers=model.sizes,
        latent_kind=model.latent_kind,
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        quantisation=config.quantisation,
        outputs=config.heads,
        latent_range=trained_range(latents),
        mapping=config.mapping,
        warp=knots,
        training_points=tuple((float(x), float(y)) for x, y in listed),
        metrics={},
        tolerance=TOLERANCE,
        check_points=(),
        axes=AXES if config.is_map else (),
    )
