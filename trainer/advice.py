"""What a person should know of their loops and of a trained voice, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainer.compiled import Training
from trainer.dataset import Dataset
from trainer.models import STRUCTURES

FEW = 5
"""Distinct patterns below which a map has little to show, or has collapsed."""

GENTLE = STRUCTURES["model2"]
"""Weight decay and dropout that collapse nothing."""


def distinct(dataset: Dataset) -> int:
    """Count the different patterns of a dataset."""
    return len({row.tobytes() for row in dataset.onset})


def on_dataset(dataset: Dataset) -> Iterator[str]:
    """Tell before training what there is too little of."""
    count = distinct(dataset)
    if count < FEW:
        many = f"{count} distinct pattern{'' if count == 1 else 's'}"
        yield f"only {many}: the map will show little more; add loops (100 make a good one)"


def on_voice(
    name: str, training: Training, metrics: Mapping[str, float], patterns: int
) -> Iterator[str]:
    """Tell of a voice whose map has collapsed or whose knob does nothing.

    `patterns` says how many distinct ones it was trained on.
    """
    if metrics["distinct"] < min(FEW, patterns):
        gentle = training.l2 <= GENTLE.l2 and training.dropout <= GENTLE.dropout
        remedy = f"--l2 {GENTLE.l2:g} --dropout {GENTLE.dropout:g}"
        yield (
            f"{name} has collapsed: {metrics['distinct']:.0f} on all its map "
            f"(weight decay {training.l2:g}, dropout {training.dropout:g}); "
            f"try {'another --seed' if gentle else remedy}"
        )
    elif metrics["dead_latents"] and patterns > 1:
        yield f"{name} has a dead latent: one knob does nothing; try another --seed"
