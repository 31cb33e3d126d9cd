"""From a dataset to one voice: train candidates, rank their maps, export the best, measure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.decoder import Decoder, TfliteDecoder, load_runtime
from firmware.bundle.latent_map import LatentMap, render_map
from firmware.bundle.manifest import CheckPoint, VoiceModel
from firmware.engine.pattern import STEPS
from trainer.data.dataset import Dataset
from trainer.export.equalise import equalised
from trainer.export.export import export_decoder
from trainer.export.quantise import rounded
from trainer.model.fit import History, Progress, fit
from trainer.model.latent import (
    Knots,
    by_spread,
    classic,
    cloud,
    dead_latents,
    grid,
    to_latents,
    to_positions,
    trained_range,
    warped,
)
from trainer.model.maps import GRID, THRESHOLD, Codes, codes_of, f1_score, map_metrics, ranking
from trainer.model.models import STRUCTURES, Array, Autoencoder, initial, latents_of, outputs_of
from trainer.model.targets import targets_of
from trainer.model.train_step import Training

FINALISTS = 3
FLIP_GRID = 128
FLIP_THRESHOLDS = (0.3, 0.5, 0.7)
ROUNDING_POINTS = 2048
SCALING_POINTS = 256
CHECK_POINTS = 32
TOLERANCE = 0.005
TRAINING_POINTS_MAX = 5000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one voice is made."""

    structure: str
    training: Training
    latents: int = 2
    heads: tuple[str, ...] = ("onset",)
    mapping: str = "warped"
    quantisation: str = "int16x8"

    @property
    def finalists(self) -> int:
        """How many candidates are exported and shown."""
        return min(FINALISTS, self.training.candidates)

    @property
    def layers(self) -> tuple[int, ...]:
        """The sizes of the whole autoencoder."""
        return STRUCTURES[self.structure].layers(self.latents, len(self.heads))


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """An exported candidate: its weights, its file, what is said of it, its map.

    `latents` (n, k) are those of the loops, wherever the knobs reach.
    """

    model: Autoencoder
    latents: Array
    file: bytes
    description: VoiceModel
    atlas: LatentMap


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """All that became of one recipe: the finalists, best first, and the training history."""

    recipe: Recipe
    finalists: tuple[Voice, ...]
    history: History


def train_voice(
    recipe: Recipe,
    dataset: Dataset,
    file: str,
    *,
    rng: np.random.Generator,
    progress: Progress,
    start: Autoencoder | None = None,
) -> Trained:
    """Train the candidates of a recipe and export the `FINALISTS` best.

    Candidates are ranked by the map of their float weights, finalists by that of their files.
    `start` continues earlier weights instead of fresh ones, and keeps their axes.
    """
    fresh = start is None
    stack = start or initial(
        recipe.layers, recipe.training.latent_kind, recipe.training.candidates, rng
    )
    targets = targets_of(dataset, recipe.heads)
    stack, history = fit(stack, targets, recipe.training, rng, progress)
    models = [stack.candidate(index) for index in range(recipe.training.candidates)]
    if fresh:
        models = [by_spread(model, latents_of(model, dataset.onset)) for model in models]
    metrics = [float_metrics(recipe, model, dataset) for model in models]
    best = ranking(metrics)[: recipe.finalists]
    voices = [_voice(recipe, models[index], dataset, file) for index in best]
    order = ranking([voice.description.metrics for voice in voices])
    finalists = tuple(voices[index] for index in order)
    return Trained(recipe, finalists, history)


def knots_of(recipe: Recipe, latents: Array) -> Knots:
    """Give the way from knobs to latents that the recipe asks for."""
    if recipe.mapping == "classic":
        return classic(STRUCTURES[recipe.structure].classic_range, recipe.latents)
    return warped(latents)


def float_metrics(recipe: Recipe, model: Autoencoder, dataset: Dataset) -> dict[str, float]:
    """Measure the map of a model's float weights, and what of the loops the knobs reach."""
    latents = latents_of(model, dataset.onset)
    knots = knots_of(recipe, latents)

    def played(positions: NDArray[np.float64]) -> Array:
        return outputs_of(model, to_latents(positions, knots))

    drawn = played(grid(GRID, recipe.latents))[:, :STEPS] > THRESHOLD
    heard = played(to_positions(latents, knots))
    return _metrics(codes_of(drawn).reshape(GRID, GRID), heard, latents, dataset)


def _metrics(codes: Codes, heard: Array, latents: Array, dataset: Dataset) -> dict[str, float]:
    """Measure a map, and what became of the training patterns."""
    metrics = {
        "f1": f1_score(heard[:, :STEPS] > THRESHOLD, dataset.onset),
        "dead_latents": float(dead_latents(latents)),
        **map_metrics(codes, codes_of(dataset.onset)),
    }
    if heard.shape[1] > STEPS:
        played = heard[:, STEPS:].reshape(len(heard), -1, STEPS)
        truth = (dataset.velocity, dataset.offset + np.float32(0.5))
        for name, given, wanted in zip(
            ("velocity_rmse", "offset_rmse"), played.transpose(1, 0, 2), truth, strict=False
        ):
            squares = ((given - wanted) ** 2)[dataset.onset]
            metrics[name] = float(np.sqrt(squares.mean())) if squares.size else 0.0
    return metrics


def _voice(recipe: Recipe, model: Autoencoder, dataset: Dataset, file: str) -> Voice:
    """Export a model and describe its file by what the file itself computes."""
    latents = latents_of(model, dataset.onset)
    knots = knots_of(recipe, latents)
    layers = model.decoder
    if recipe.quantisation != "float32":
        points = to_latents(cloud(ROUNDING_POINTS, recipe.latents), knots)
        layers = rounded(equalised(layers, points), points)
    samples = to_latents(cloud(SCALING_POINTS, recipe.latents), knots)
    data = export_decoder(layers, recipe.quantisation, samples)
    draft = _draft(recipe, latents, knots, file, data)
    decoder = TfliteDecoder(draft, data, load_runtime())
    atlas = render_map(decoder.outputs, recipe.latents, GRID)
    heard = run(decoder, to_positions(latents, knots))
    drawn = codes_of(atlas.sounding(THRESHOLD))
    metrics = _metrics(drawn, heard, latents, dataset) | flips(decoder, model)
    description = replace(
        draft,
        metrics={name: round(value, 6) for name, value in metrics.items()},
        check_points=check_points(decoder),
    )
    return Voice(model, latents, data, description, atlas)


def _draft(recipe: Recipe, latents: Array, knots: Knots, file: str, data: bytes) -> VoiceModel:
    points = np.round(to_positions(latents, knots)[:TRAINING_POINTS_MAX, :2], 4)
    return VoiceModel(
        name=recipe.structure,
        layers=recipe.layers,
        latent_kind=recipe.training.latent_kind,
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        quantisation=recipe.quantisation,
        outputs=recipe.heads,
        latent_range=trained_range(latents),
        mapping=recipe.mapping,
        warp=knots,
        training_points=tuple((float(x), float(y)) for x, y in points),
        metrics={},
        tolerance=TOLERANCE,
        check_points=(),
    )


def run(decoder: Decoder, positions: NDArray[np.float64]) -> Array:
    """Run a file at many knob positions (n, latents): (n, 32 * heads)."""
    return np.array([decoder.outputs(position) for position in positions.tolist()])


def flips(decoder: Decoder, model: Autoencoder) -> dict[str, float]:
    """Give the percentage of thresholded steps in which a file differs from its float model."""
    positions = grid(FLIP_GRID, model.latents)
    played = run(decoder, positions)[:, :STEPS]
    meant = outputs_of(model, to_latents(positions, decoder.voice.warp))[:, :STEPS]
    return {
        f"flips_{threshold:.1f}": 100
        * float(((played > threshold) != (meant > threshold)).mean())
        for threshold in FLIP_THRESHOLDS
    }


def check_points(decoder: Decoder) -> tuple[CheckPoint, ...]:
    """Note what a file computes at corners and inner points, for every loader to compare."""
    positions = np.round(cloud(CHECK_POINTS, decoder.voice.latents), 6)
    outputs = np.round(run(decoder, positions).astype(float), 6)
    return tuple(
        CheckPoint(tuple(position), tuple(expected))
        for position, expected in zip(positions.tolist(), outputs.tolist(), strict=True)
    )
