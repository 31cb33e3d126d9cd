"""What a person should know of their loops and of a trained voice, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firmware.bundle.manifest import VoiceModel
from trainer.data.dataset import Dataset, distinct
from trainer.data.voice_sets import VoiceSets
from trainer.model.prototypes import MOST
from trainer.model.structures import MAP

FEW = 5
"""Distinct patterns below which a map has little to show, or has collapsed."""

SOME = 20
"""Distinct patterns below which most moves of a knob change nothing."""

GENTLE = "--l2 1e-5 --dropout 0.05"
"""Weight decay and dropout that collapse nothing."""


def on_dataset(dataset: Dataset) -> Iterator[str]:
    """Say before training what there is too little or too much of."""
    count = distinct(dataset)
    many = f"{count} distinct pattern{'' if count == 1 else 's'}"
    if count < FEW:
        yield f"only {many}: the map will show little more; add loops (100 make a good one)"
    elif count < SOME:
        yield f"{many}: every loop gets a large area of the map; more loops give more between"
    elif count > MOST:
        yield f"{many}: the map holds {MOST} of them, each of the others close to one of these"


def on_sets(sets: VoiceSets) -> Iterator[str]:
    """Say the same of each set, and whose it is where voices have their own."""
    groups = sets.groups()
    for voices in groups:
        whose = f"voice {', '.join(str(number + 1) for number in voices)}: "
        for line in on_dataset(sets.of(voices[0])):
            yield f"{whose if len(groups) > 1 else ''}{line}"


def on_voices(voices: Iterable[VoiceModel], sets: VoiceSets) -> Iterator[str]:
    """Say which voices' maps have collapsed and whose knobs do nothing."""
    for number, voice in enumerate(voices):
        patterns = distinct(sets.of(number))
        if voice.metrics["distinct"] < min(FEW, patterns):
            count = int(voice.metrics["distinct"])
            many = f"{count} pattern{'' if count == 1 else 's'}"
            remedy = "another --seed" if voice.name == MAP else f"{GENTLE}, or more --epochs"
            yield f"{voice.name} has collapsed: {many} on all its map; try {remedy}"
        elif voice.metrics["dead_latents"] and patterns >= FEW:
            yield f"{voice.name} has a dead latent: one knob does nothing; try another --seed"
