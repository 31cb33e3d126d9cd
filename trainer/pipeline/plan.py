"""From what a person asks for to recipes: one per voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from firmware.bundle.manifest import Manifest
from firmware.errors import UsageError
from trainer.data.dataset import Dataset, merge
from trainer.export.voices import Recipe
from trainer.model.checkpoint import Kept
from trainer.model.models import ENSEMBLE, QUANTISATIONS, STRUCTURES, Autoencoder, perturbed
from trainer.model.targets import heads_of
from trainer.model.train_step import Training

Earlier = tuple[Manifest, Kept]

PAPER_EPOCHS = 1000
RESUMED_RATE = 3e-3
"""The learning rate of training that goes on: gentle, so that the map stays where it was."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of `trainer train`; None is: whatever is best."""

    voices: tuple[str, ...] = ENSEMBLE
    paper: bool = False
    latent: str | None = None
    latents: int = 2
    groove: bool | None = None
    mapping: str | None = None
    quantisation: str | None = None
    candidates: int | None = None
    epochs: int | None = None
    l2: float | None = None
    dropout: float | None = None
    beta: float | None = None
    hold_back: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained, on which patterns, from which weights."""

    recipes: tuple[Recipe, ...]
    dataset: Dataset
    starts: tuple[Autoencoder | None, ...]


def plan(wishes: Wishes, dataset: Dataset) -> Plan:
    """Plan fresh voices. Raises `UsageError` for structures that do not exist."""
    if not 1 <= len(wishes.voices) <= len(ENSEMBLE) or not set(wishes.voices) <= set(
        STRUCTURES
    ):
        raise UsageError(f"--voices takes one to three of {', '.join(STRUCTURES)}")
    groove = False if wishes.paper and wishes.groove is None else wishes.groove
    heads = heads_of(dataset, groove=groove)
    recipes = tuple(
        Recipe(
            structure=name,
            training=_as_wished(_fresh(wishes, name, len(dataset)), wishes, len(dataset)),
            latents=wishes.latents,
            heads=heads,
            mapping=wishes.mapping or ("classic" if wishes.paper else "warped"),
            quantisation=wishes.quantisation or QUANTISATIONS[0],
        )
        for name in wishes.voices
    )
    return Plan(recipes, dataset, (None,) * len(recipes))


def plan_on(wishes: Wishes, earlier: Earlier, more: Dataset, rng: np.random.Generator) -> Plan:
    """Plan to train a bundle's voices on, with its own loops and more."""
    manifest, kept = earlier
    dataset = merge([kept.dataset, more])
    recipes = [
        Recipe(
            structure=voice.name,
            training=_as_wished(_resumed(training), wishes, len(dataset)),
            latents=voice.latents,
            heads=voice.outputs,
            mapping=wishes.mapping or voice.mapping,
            quantisation=wishes.quantisation or voice.quantisation,
        )
        for voice, training in zip(manifest.voices, kept.trainings, strict=True)
    ]
    starts = [
        perturbed(model, recipe.training.candidates, rng)
        for model, recipe in zip(kept.models, recipes, strict=True)
    ]
    return Plan(tuple(recipes), dataset, tuple(starts))


def _fresh(wishes: Wishes, name: str, patterns: int) -> Training:
    """Give how a structure is trained from the start, unless asked otherwise."""
    structure = STRUCTURES[name]
    if not wishes.paper:
        return Training(l2=structure.l2, dropout=structure.dropout)
    return Training(
        latent_kind="relu",
        candidates=1,
        batch=32,
        steps=_steps(PAPER_EPOCHS, patterns, 32),
        learning_rate=1e-3,
        decay=False,
        l2=structure.paper_l2,
        dropout=structure.paper_dropout,
    )


def _resumed(earlier: Training) -> Training:
    """Give how a voice is trained on: with what shaped it, gently."""
    kept = {name: getattr(earlier, name) for name in ("latent_kind", "l2", "dropout", "beta")}
    return Training(**kept, learning_rate=RESUMED_RATE)


def _as_wished(training: Training, wishes: Wishes, patterns: int) -> Training:
    wanted: dict[str, Any] = {
        "latent_kind": wishes.latent,
        "candidates": wishes.candidates,
        "steps": wishes.epochs and _steps(wishes.epochs, patterns, training.batch),
        "l2": wishes.l2,
        "dropout": wishes.dropout,
        "beta": wishes.beta,
    }
    given = {key: value for key, value in wanted.items() if value is not None}
    return replace(training, hold_back=wishes.hold_back, **given)


def _steps(epochs: int, patterns: int, batch: int) -> int:
    """Give the minibatches that so many passes over the patterns take."""
    return -(-epochs * patterns // batch)


def picks_of(text: str, voices: int, finalists: Sequence[int]) -> list[int]:
    """Read `--pick`: one number for all voices or one each, from 1; give them from 0.

    `finalists` says how many each voice has. Raises `UsageError`.
    """
    parts = [part.strip() for part in text.split(",")]
    numbers = [int(part) if part.isdecimal() else 0 for part in parts]
    if len(numbers) == 1:
        numbers *= voices
    if len(numbers) != voices:
        raise UsageError(f"--pick takes one number, or one for each of the {voices} voices")
    for number, most in zip(numbers, finalists, strict=True):
        if not 1 <= number <= most:
            raise UsageError(f"--pick takes numbers from 1 to {most}: so many are kept")
    return [number - 1 for number in numbers]
