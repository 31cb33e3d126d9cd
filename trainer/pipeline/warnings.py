"""What a person should know of their loops and of a trained voice, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firmware.bundle.manifest import VoiceModel
from trainer.data.dataset import Dataset, distinct
from trainer.model.models import STRUCTURES
from trainer.model.train_step import Training

FEW = 5
"""Distinct patterns below which a map has little to show, or has collapsed."""

GENTLE = STRUCTURES["model2"]
"""Weight decay and dropout that collapse nothing."""


def on_dataset(dataset: Dataset) -> Iterator[str]:
    """Tell before training what there is too little of."""
    count = distinct(dataset)
    if count < FEW:
        many = f"{count} distinct pattern{'' if count == 1 else 's'}"
        yield f"only {many}: the map will show little more; add loops (100 make a good one)"


def on_voices(
    voices: Iterable[VoiceModel], trainings: Iterable[Training], dataset: Dataset
) -> Iterator[str]:
    """Tell of voices whose map has collapsed or whose knob does nothing."""
    patterns = distinct(dataset)
    for voice, training in zip(voices, trainings, strict=True):
        if voice.metrics["distinct"] < min(FEW, patterns):
            count = int(voice.metrics["distinct"])
            many = f"{count} pattern{'' if count == 1 else 's'}"
            yield (
                f"{voice.name} has collapsed: {many} on all its map "
                f"(weight decay {training.l2:g}, dropout {training.dropout:g}, "
                f"beta {training.beta:g}, {training.steps} minibatches); "
                f"try {_remedy(training)}"
            )
        elif voice.metrics["dead_latents"] and patterns >= FEW:
            yield f"{voice.name} has a dead latent: one knob does nothing; try another --seed"


def _remedy(training: Training) -> str:
    if training.l2 > GENTLE.l2 or training.dropout > GENTLE.dropout:
        return f"--l2 {GENTLE.l2:g} --dropout {GENTLE.dropout:g}"
    if training.latent_kind == "vae" and training.beta > Training().beta:
        return f"--beta {Training().beta:g}"
    return "more --epochs" if training.steps < Training().steps else "another --seed"
