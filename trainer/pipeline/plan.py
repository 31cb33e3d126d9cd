"""From what a person asks for to voices that can be trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from firmware.errors import UsageError
from trainer.data.dataset import Dataset, merge
from trainer.data.voice_sets import VoiceSets, voice_sets
from trainer.model.checkpoint import Checkpoint
from trainer.model.paper import PaperConfig
from trainer.model.rhythm import Matrix, Onsets
from trainer.model.structures import (
    HEADS,
    HOLD_BACK,
    MAP,
    NAMES,
    PAPER_EPOCHS,
    PAPER_VOICES,
    QUANTISATIONS,
    VOICES,
)
from trainer.model.student import StudentConfig
from trainer.model.voice_config import VoiceConfig


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """The options of `trainer train`; None leaves the choice to the trainer."""

    voices: tuple[str, ...] | None = None
    paper: bool = False
    latent: str | None = None
    latents: int = 2
    groove: bool | None = None
    mapping: str | None = None
    quantisation: str | None = None
    candidates: int | None = None
    steps: int | None = None
    epochs: int | None = None
    l2: float | None = None
    dropout: float | None = None
    hold_back: float = HOLD_BACK


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The voices, the patterns they learn, and the bundle they continue, if any."""

    configs: tuple[VoiceConfig, ...]
    sets: VoiceSets
    earlier: Checkpoint | None = None
    hold_back: float = HOLD_BACK

    @property
    def dataset(self) -> Dataset:
        """Give the patterns of all voices."""
        return self.sets.dataset

    def earlier_places(self, voice: int, onset: Onsets) -> Matrix | None:
        """Give where loops (n, 32) lay on a voice's earlier map, NaN if they did not."""
        if self.earlier is None or voice >= len(self.earlier.voices):
            return None
        kept = self.earlier.voices[voice]
        if kept.structure != MAP:
            return None
        known = dict(
            zip(
                map(bytes, self.earlier.sets.of(voice).onset),
                kept.candidate.points.tolist(),
                strict=True,
            )
        )
        nowhere = [np.nan, np.nan]
        return np.array([known.get(bytes(row), nowhere) for row in onset])


def plan(
    options: TrainOptions,
    datasets: Dataset | Sequence[Dataset | None],
    earlier: Checkpoint | None = None,
) -> Plan:
    """Plan the voices; with an earlier bundle, also with its loops.

    `datasets` is what all voices learn, or what each one does; None adds nothing to a voice
    of the earlier bundle. Raises `UsageError` for structures that do not exist, and options
    that do not fit them.
    """
    names = names_of(options, earlier)
    given = [datasets] * len(names) if isinstance(datasets, Dataset) else datasets
    sets = voice_sets(_with_earlier(given, earlier))
    configs = tuple(
        _map(options, heads_of(sets.of(number), groove=options.groove))
        if name == MAP
        else _paper(options, name)
        for number, name in enumerate(names)
    )
    return Plan(configs, sets, earlier, options.hold_back)


def names_of(options: TrainOptions, earlier: Checkpoint | None) -> tuple[str, ...]:
    """Name the structures of the voices. Raises `UsageError`."""
    names = _usual(options, earlier) if options.voices is None else options.voices
    if not 1 <= len(names) <= len(VOICES) or not set(names) <= set(NAMES):
        raise UsageError(f"--voices takes one to three of {', '.join(NAMES)}")
    return names


def _with_earlier(given: Sequence[Dataset | None], earlier: Checkpoint | None) -> list[Dataset]:
    """Add what each voice has learned to what it is given; equal sets are made once."""
    made: dict[tuple[int, object], Dataset] = {}
    parts = []
    for voice, new in enumerate(given):
        old = None if earlier is None else earlier.sets.of(voice)
        key = id(new), None if earlier is None else earlier.sets.rows[voice]
        if key not in made:
            learned = [part for part in (old, new) if part is not None]
            made[key] = learned[0] if len(learned) == 1 else merge(learned)
        parts.append(made[key])
    return parts


def _usual(options: TrainOptions, earlier: Checkpoint | None) -> tuple[str, ...]:
    """Name the voices of a bundle where nobody did."""
    if earlier is not None:
        return tuple(voice.structure or MAP for voice in earlier.voices)
    return PAPER_VOICES if options.paper else VOICES


def heads_of(dataset: Dataset, *, groove: bool | None) -> tuple[str, ...]:
    """Name the heads worth learning: all, where `groove` says so or the dataset has feel.

    Feel is any onset that differs from the others in velocity or from the grid in time.
    """
    if groove is None:
        played = dataset.velocity[dataset.onset]
        groove = bool(played.size and np.ptp(played) > 0) or bool(dataset.offset.any())
    return HEADS if groove else HEADS[:1]


def _map(options: TrainOptions, heads: tuple[str, ...]) -> VoiceConfig:
    given = {
        "--latent": options.latent,
        "--latent-dims": options.latents if options.latents != 2 else None,
        "--epochs": options.epochs,
        "--l2": options.l2,
        "--dropout": options.dropout,
        "--mapping": options.mapping if options.mapping != "linear" else None,
    }
    for option, value in given.items():
        if value is not None:
            raise UsageError(f"{option} is for the paper's structures, not for a {MAP}")
    return VoiceConfig(
        heads=heads,
        quantisation=options.quantisation or QUANTISATIONS[0],
        candidates=options.candidates or 1,
        student=StudentConfig()
        if options.steps is None
        else StudentConfig(steps=options.steps),
    )


def _paper(options: TrainOptions, name: str) -> VoiceConfig:
    if options.groove or options.steps:
        option = "--groove" if options.groove else "--steps"
        raise UsageError(f"{option} is for a {MAP}; {name} is trained as in the paper")
    return VoiceConfig(
        structure=name,
        mapping=options.mapping or ("classic" if options.paper else "warped"),
        quantisation=options.quantisation or QUANTISATIONS[0],
        candidates=options.candidates or 1,
        paper=PaperConfig(
            structure=name,
            latents=options.latents,
            latent_kind=options.latent or "relu",
            epochs=options.epochs or PAPER_EPOCHS,
            l2=options.l2,
            dropout=options.dropout,
        ),
    )


def picks_of(text: str, voices: int, candidates: Sequence[int]) -> list[int]:
    """Read `--pick`: one number for all voices or one each, from 1; give them from 0.

    `candidates` says how many each voice has. Raises `UsageError`.
    """
    parts = [part.strip() for part in text.split(",")]
    numbers = [int(part) if part.isdecimal() else 0 for part in parts]
    if len(numbers) == 1:
        numbers *= voices
    if len(numbers) != voices:
        raise UsageError(f"--pick takes one number, or one for each of the {voices} voices")
    for number, most in zip(numbers, candidates, strict=True):
        if not 1 <= number <= most:
            raise UsageError(f"--pick takes numbers from 1 to {most}: so many are kept")
    return [number - 1 for number in numbers]
