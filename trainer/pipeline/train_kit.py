"""From a plan to a kit: the one sequence that every front end runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from firmware.bundle.manifest import Manifest
from trainer.data.progress import OnProgress, ignore_progress
from trainer.model.checkpoint import Checkpoint
from trainer.pipeline.plan import Plan
from trainer.pipeline.side_process import measuring
from trainer.pipeline.train_bundle import Label, write_kit
from trainer.pipeline.training import train_voices


def train_kit(
    folder: Path,
    label: Label,
    plan: Plan,
    picks: Sequence[int],
    on_progress: OnProgress = ignore_progress,
) -> tuple[Manifest, tuple[str, ...]]:
    """Train a plan's voices, measure them, write the kit; give its manifest and runtimes.

    `picks` are the chosen candidates, one per voice, from 0, in order of rank. Phases are
    "layout" and "training" (their events are `training.Draft`), "measuring" and "writing".
    An exception that `on_progress` raises ends the work and leaves the folder as it was.
    """
    with measuring(plan, label.seed) as held_back_figures:
        voices = train_voices(plan, label.seed, on_progress)
        held_back = held_back_figures(on_progress)
    chosen = tuple(
        replace(voice, chosen=pick) for voice, pick in zip(voices, picks, strict=True)
    )
    trained = Checkpoint(chosen, plan.sets)
    return write_kit(folder, label, plan.configs, trained, held_back, on_progress=on_progress)
