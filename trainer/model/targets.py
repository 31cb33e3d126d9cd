"""What a decoder is to learn from a dataset, head by head."""

from __future__ import annotations

import numpy as np

from firmware.engine.pattern import STEPS
from trainer.data.dataset import Dataset
from trainer.model.fit import Targets
from trainer.model.models import HEADS

GROOVE_WEIGHT = 0.25
"""What the velocity and the micro-timing of one pattern count beside its onsets."""


def heads_of(dataset: Dataset, *, groove: bool | None) -> tuple[str, ...]:
    """Name the heads worth learning: all, where `groove` says so or the dataset has feel.

    Feel is any onset that differs from the others in velocity or from the grid in time.
    """
    if groove is None:
        played = dataset.velocity[dataset.onset]
        groove = bool(played.size and np.ptp(played) > 0) or bool(dataset.offset.any())
    return HEADS if groove else HEADS[:1]


def targets_of(dataset: Dataset, heads: tuple[str, ...]) -> Targets:
    """Make the targets: onsets at every step, velocity and offset where there is an onset.

    The onset head's loss is the mean over the steps, as Keras computes it. The offset head
    learns the offset plus one half.
    """
    onset = dataset.onset.astype(np.float32)
    per_pattern = max(1.0, float(onset.sum()) / len(onset))
    values, weights = [onset], [np.full_like(onset, 1 / STEPS)]
    for head in heads[1:]:
        values.append(dataset.velocity if head == "velocity" else dataset.offset + 0.5)
        weights.append(onset * np.float32(GROOVE_WEIGHT / per_pattern))
    return Targets(
        onset,
        np.concatenate(values, 1).astype(np.float32),
        np.concatenate(weights, 1).astype(np.float32),
    )
