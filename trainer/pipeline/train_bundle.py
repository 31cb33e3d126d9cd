"""Voices to one bundle: export, manifest, pictures, report, proof under every runtime."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from firmware.bundle.bundle import read_manifest, write_bundle
from firmware.bundle.manifest import Manifest, TrainingSet, VoiceModel, stored_file
from firmware.errors import UserError
from trainer.data.dataset import Dataset
from trainer.data.progress import OnProgress, Progress, ignore_progress
from trainer.data.voice_sets import VoiceSets
from trainer.export.check_runtime import check_under_all_runtimes
from trainer.export.voices import ExportedVoice, export_voice
from trainer.model import checkpoint
from trainer.model.baselines import baselines
from trainer.model.checkpoint import Checkpoint
from trainer.model.layout import lay_out
from trainer.model.map_training import map_loops
from trainer.model.measures import THRESHOLD, Figures, overlap
from trainer.model.voice_config import VoiceConfig
from trainer.pipeline import warnings
from trainer.report.pictures import map_picture
from trainer.report.report import report
from trainer.report.views import views_of_voices


@dataclass(frozen=True, slots=True)
class Label:
    """What the manifest says that training does not: name, date (UTC, ISO 8601), seed.

    training_sets: one per voice, None where it is not known.
    """

    name: str
    created: str
    seed: int
    training_sets: tuple[TrainingSet | None, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the loops of a voice came from: names, and revisions of projects by name."""

    names: tuple[str, ...]
    project_revisions: tuple[tuple[str, int], ...] = ()


def training_sets(sets: VoiceSets, sources: Sequence[Sources]) -> tuple[TrainingSet, ...]:
    """Describe what each voice is trained on."""
    return tuple(
        TrainingSet(
            one.names, sets.of(voice).loops, len(sets.of(voice)), dict(one.project_revisions)
        )
        for voice, one in enumerate(sources)
    )


def write_kit(
    folder: Path,
    label: Label,
    configs: Sequence[VoiceConfig],
    trained: Checkpoint,
    held_back: Sequence[Figures],
    *,
    on_progress: OnProgress = ignore_progress,
) -> tuple[Manifest, tuple[str, ...]]:
    """Write the bundle of the chosen candidates; give its manifest and the runtimes.

    `held_back` are the figures of loops held back, per voice. The bundle is written elsewhere
    first and loaded under every installed runtime. The phase is "writing", and its last event
    comes before the folder changes. Raises `BundleError` if a runtime computes other values.
    """
    voices = _exported(label, configs, trained, held_back, on_progress)
    draft = _manifest(label, trained.dataset, voices)
    extras = _extras(draft, voices, trained)
    stored = tuple(stored_file(name, data) for name, data in extras.items())
    manifest = replace(draft, extras=stored)
    contents = {
        **{voice.description.file: voice.file for voice in voices},
        **extras,
        checkpoint.FILE: checkpoint.pack(trained),
    }
    with tempfile.TemporaryDirectory() as trial:
        write_bundle(Path(trial) / "bundle", manifest, contents)
        runtimes = check_under_all_runtimes(Path(trial) / "bundle")
    on_progress(Progress("writing", 1, label.name))
    write_bundle(folder, manifest, contents)
    return manifest, runtimes


def pick_candidates(folder: Path, picks: Sequence[int]) -> tuple[Manifest, tuple[str, ...]]:
    """Write a bundle anew with other candidates (from 0) of those that are kept beside it.

    Raises `UserError` if none are kept.
    """
    manifest = read_manifest(folder)
    kept = checkpoint.checkpoint_of(folder, manifest)
    if kept is None or not all(voice.structure for voice in kept.voices):
        raise UserError(f"{folder}: no candidates are kept beside this kit; train it again")
    voices = tuple(
        replace(voice, chosen=pick) for voice, pick in zip(kept.voices, picks, strict=True)
    )
    configs = [_config(voice) for voice in manifest.voices]
    figures = [
        {name: value for name, value in voice.metrics.items() if name in HELD_BACK}
        for voice in manifest.voices
    ]
    sets = tuple(voice.training_set for voice in manifest.voices)
    label = Label(manifest.name, manifest.created, manifest.seed, sets)
    return write_kit(folder, label, configs, replace(kept, voices=voices), figures)


HELD_BACK = (
    *("held_coverage", "held_coverage_loops", "held_steps_off", "c2st", "c2st_floor"),
    *("held_velocity_rmse", "held_velocity_rmse_mean"),
    *("held_offset_rmse", "held_offset_rmse_mean"),
)
"""Figures that come from loops held back."""


def _config(voice: VoiceModel) -> VoiceConfig:
    """Give how a voice of a bundle was exported."""
    return VoiceConfig(
        structure=voice.name,
        heads=voice.outputs,
        mapping=voice.mapping,
        quantisation=voice.quantisation,
    )


def _exported(
    label: Label,
    configs: Sequence[VoiceConfig],
    trained: Checkpoint,
    held_back: Sequence[Figures],
    on_progress: OnProgress,
) -> list[ExportedVoice]:
    """Export the chosen candidates and complete their descriptions."""
    voices = []
    for number, (config, kept) in enumerate(zip(configs, trained.voices, strict=True)):
        file = f"voice{number + 1}.tflite"
        on_progress(Progress("writing", number / len(configs), file))
        voices.append(export_voice(config, kept.candidate, trained.sets.of(number), file))
    drawn = [voice.latent_map.sounding(THRESHOLD) for voice in voices]
    completed = []
    for number, voice in enumerate(voices):
        figures = dict(voice.description.metrics)
        if configs[number].is_map:
            held = len(map_loops(trained.sets.of(number)).onset)
            figures |= {**held_back[number], "prototypes": float(held)}
        others = [overlap(drawn[number], one) for i, one in enumerate(drawn) if i != number]
        if others:
            figures["overlap"] = round(float(np.mean(others)), 6)
        description = replace(
            voice.description, metrics=figures, training_set=label.training_sets[number]
        )
        completed.append(replace(voice, description=description))
    return completed


def _extras(
    manifest: Manifest, voices: Sequence[ExportedVoice], trained: Checkpoint
) -> dict[str, bytes]:
    views = views_of_voices(voices)
    notes = list(warnings.on_voices(manifest.voices, trained.sets))
    return {
        "map.png": map_picture(views),
        "report.html": report(
            manifest,
            [voice.file for voice in voices],
            views,
            trained,
            _baselines(trained.sets, manifest),
            notes=notes,
        ),
    }


def _baselines(sets: VoiceSets, manifest: Manifest) -> dict[str, Figures]:
    """Measure what needs no model, on each set of loops."""
    groups = sets.groups()
    measured: dict[str, Figures] = {}
    for voices in groups:
        onset = map_loops(sets.of(voices[0])).onset
        found = baselines(onset, lay_out(onset), np.random.default_rng(manifest.seed))
        several = f" ({_numbers(voices)})" if len(groups) > 1 else ""
        measured |= {f"{name}{several}": figures for name, figures in found.items()}
    return measured


def _numbers(voices: Sequence[int]) -> str:
    return ", ".join(f"voice {number + 1}" for number in voices)


def _manifest(label: Label, dataset: Dataset, voices: Sequence[ExportedVoice]) -> Manifest:
    return Manifest(
        name=label.name,
        created=label.created,
        trainer_version=version("exnihilo"),
        seed=label.seed,
        loops=dataset.loops,
        patterns=len(dataset),
        voices=tuple(voice.description for voice in voices),
    )
