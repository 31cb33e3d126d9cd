"""What the maps do for loops they were not trained on: measured on a share of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from firmware.engine.pattern import STEPS
from trainer.data.dataset import Dataset, distinct, select
from trainer.data.progress import OnProgress, Progress
from trainer.export.voices import round_all
from trainer.model.map_training import (
    OFFSET_ZERO,
    feels_of,
    lay_out_voices,
    map_loops,
    train_map,
)
from trainer.model.measures import (
    GRID,
    THRESHOLD,
    Figures,
    error_beside_mean,
    held_out_figures,
)
from trainer.model.network import decode, latents_at
from trainer.model.rhythm import Matrix, hamming
from trainer.model.sampling import square_grid
from trainer.model.voice_config import VoiceConfig
from trainer.pipeline.plan import Plan

LEAST = 10
"""Patterns that must be held back for a figure to mean something."""

SHORTER = 2
"""The map that is only measured is trained for a part of the steps."""


def split(dataset: Dataset, share: float, rng: np.random.Generator) -> tuple[Dataset, Dataset]:
    """Part a dataset into what is trained on and a share that is held back.

    Rows of the same pattern stay together, or what is held back would be known.
    """
    _, pattern = np.unique(dataset.onset, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    count = int(pattern.max()) + 1 if len(pattern) else 0
    held = np.isin(pattern, rng.permutation(count)[: round(count * share)])
    rows = [np.flatnonzero(part).tolist() for part in (~held, held)]
    return select(dataset, rows[0]), select(dataset, rows[1])


def measured_maps(plan: Plan) -> list[list[int]]:
    """Give the voices whose maps are measured, those of the same loops together."""
    groups = [
        [voice for voice in voices if plan.configs[voice].is_map]
        for voices in plan.sets.groups()
    ]
    return [
        maps
        for maps in groups
        if maps and round(distinct(plan.sets.of(maps[0])) * plan.hold_back) >= LEAST
    ]


def held_back_figures(plan: Plan, seed: int, on_progress: OnProgress) -> tuple[Figures, ...]:
    """Measure each voice's map on loops held back; {} for one that is not measured.

    Maps of the same loops share their figures.
    """
    figures: list[Figures] = [{} for _ in plan.configs]
    measured = measured_maps(plan)
    for done, maps in enumerate(measured):
        item = f"voice {maps[0] + 1}"

        def on_part(share: float, done: int = done, item: str = item) -> None:
            on_progress(Progress("measuring", (done + share) / len(measured), item))

        config, dataset = plan.configs[maps[0]], plan.sets.of(maps[0])
        found = measure_held_back(dataset, plan.hold_back, config, seed, on_part)
        for voice in maps:
            figures[voice] = found
    return tuple(figures)


def measure_held_back(
    dataset: Dataset,
    share: float,
    voice: VoiceConfig,
    seed: int,
    on_share: Callable[[float], None],
) -> Figures:
    """Train a map on a part of the loops and measure it on the rest."""
    rng = np.random.default_rng([seed, STEPS])
    known, unseen = split(dataset, share, rng)
    loops = map_loops(known)
    (layout,) = lay_out_voices(loops, [None])
    config = replace(voice.student, steps=-(-voice.student.steps // SHORTER))
    for stage in train_map(loops, layout, feels_of(known, voice.heads), config, rng):
        on_share(stage.share)
        model = stage.model
    outputs = decode(model, latents_at(square_grid(GRID)))
    sounding = outputs[:, :STEPS] > THRESHOLD
    square = sounding.reshape(GRID, GRID, STEPS)
    figures = held_out_figures(square, known.onset, unseen.onset, rng)
    nearest = hamming(unseen.onset, sounding)
    figures["held_steps_off"] = float(nearest.min(1).mean())
    played = outputs[nearest.argmin(1)].reshape(len(unseen), -1, STEPS).astype(float)
    for index, name in enumerate(voice.heads[1:], 1):
        known_values, values = (_values(part, name) for part in (known, unseen))
        errors = error_beside_mean(
            played[:, index], unseen.onset, values, (known.onset, known_values)
        )
        figures[f"held_{name}_rmse"], figures[f"held_{name}_rmse_mean"] = errors
    return round_all(figures)


def _values(dataset: Dataset, head: str) -> Matrix:
    """Give what a head should be at each onset, 0 elsewhere."""
    values = dataset.velocity if head == "velocity" else dataset.offset + OFFSET_ZERO
    result: Matrix = np.where(dataset.onset, values, 0).astype(float)
    return result
