"""Three voices to one bundle: manifest, pictures, report, proof under every runtime."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from firmware.bundle.bundle import write_bundle
from firmware.bundle.manifest import Manifest, stored_file
from trainer.data.dataset import Dataset
from trainer.export.check_runtime import check_under_all_runtimes
from trainer.export.voices import Trained, Voice, train_voice
from trainer.model import checkpoint
from trainer.model.baselines import baselines
from trainer.model.fit import Progress
from trainer.model.train_step import tensorflow
from trainer.pipeline import warnings
from trainer.pipeline.plan import Plan
from trainer.report.pictures import map_picture
from trainer.report.report import report
from trainer.report.views import views_of_voices


@dataclass(frozen=True, slots=True)
class Label:
    """What the manifest says that training does not: name, date (UTC, ISO 8601), seed."""

    name: str
    created: str
    seed: int


def train_voices(plan: Plan, seed: int, progress: Progress) -> tuple[Trained, ...]:
    """Train the voices of a plan. Each has its own random stream, whatever the others do.

    An interrupt, or what one fails of, ends them all at their next chunk.
    """
    tensorflow()
    ended = threading.Event()

    def told(share: float) -> None:
        if ended.is_set():
            raise KeyboardInterrupt
        progress(share)

    def one(index: int) -> Trained:
        rng = np.random.default_rng([seed, index])
        file = f"voice{index + 1}.tflite"
        return train_voice(
            plan.recipes[index],
            plan.dataset,
            file,
            rng=rng,
            progress=told,
            start=plan.starts[index],
        )

    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(one, index) for index in range(len(plan.recipes))]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            ended.set()
        for future in done:
            future.result()  # the first to fail says why
        return tuple(future.result() for future in futures)


def write_kit(
    folder: Path,
    label: Label,
    dataset: Dataset,
    trained: Sequence[Trained],
    picks: Sequence[int],
) -> tuple[Manifest, tuple[str, ...]]:
    """Write the bundle of the picked finalists (from 0); give its manifest and the runtimes.

    It is written elsewhere first and loaded under every installed runtime. Raises
    `BundleError` if one of them computes other values.
    """
    voices = [one.finalists[pick] for one, pick in zip(trained, picks, strict=True)]
    draft = _manifest(label, dataset, voices)
    rng = np.random.default_rng(label.seed)
    trainings = [one.recipe.training for one in trained]
    notes = list(warnings.on_voices(draft.voices, trainings, dataset))
    extras = {
        "map.png": map_picture(views_of_voices(voices)),
        "report.html": report(draft, voices, trained, baselines(dataset.onset, rng), notes),
    }
    stored = tuple(stored_file(name, data) for name, data in extras.items())
    manifest = replace(draft, extras=stored)
    models = [voice.model for voice in voices]
    contents = {
        **{voice.description.file: voice.file for voice in voices},
        **extras,
        checkpoint.FILE: checkpoint.pack(
            models, trainings, [one.history for one in trained], dataset
        ),
    }
    with tempfile.TemporaryDirectory() as trial:
        write_bundle(Path(trial) / "bundle", manifest, contents)
        runtimes = check_under_all_runtimes(Path(trial) / "bundle")
    write_bundle(folder, manifest, contents)
    return manifest, runtimes


def _manifest(label: Label, dataset: Dataset, voices: Sequence[Voice]) -> Manifest:
    return Manifest(
        name=label.name,
        created=label.created,
        trainer_version=version("exnihilo"),
        seed=label.seed,
        loops=dataset.loops,
        patterns=len(dataset),
        voices=tuple(voice.description for voice in voices),
    )
