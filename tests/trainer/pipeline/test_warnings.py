"""What is said of loops and voices, and when nothing is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware.bundle.bundle import read_manifest
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.data.dataset import distinct
from trainer.model.train_step import Training
from trainer.pipeline.warnings import on_dataset, on_voices

PAPER = Training(l2=0.01, dropout=0.2)


@pytest.mark.parametrize(
    ("patterns", "count", "said"),
    [
        (rhythms(20), 20, []),
        (rhythms(20)[:4], 4, ["only 4 distinct patterns"]),
        (np.ones((30, 32), bool), 1, ["only 1 distinct pattern:"]),
    ],
)
def test_few_different_patterns_are_told(
    patterns: np.ndarray, count: int, said: list[str]
) -> None:
    dataset = dataset_of(patterns)
    assert distinct(dataset) == count
    told = list(on_dataset(dataset))
    assert [line[: len(start)] for line, start in zip(told, said, strict=True)] == said


@pytest.mark.parametrize(
    ("training", "found", "dead", "patterns", "said"),
    [
        (PAPER, 1, 2, 30, "try --l2 1e-05 --dropout 0.05"),
        (Training(), 1, 0, 30, "try another --seed"),
        (Training(steps=100), 1, 0, 30, "1 pattern on all its map"),
        (Training(steps=100), 1, 0, 30, "try more --epochs"),
        (Training(beta=0.1), 1, 0, 30, "try --beta 0.002"),
        (Training(), 3, 0, 4, "has collapsed: 3 patterns on all its map"),
        (Training(), 900, 1, 30, "one knob does nothing"),
        (Training(), 900, 0, 30, None),
        (Training(), 2, 0, 2, None),
        (Training(), 2, 1, 2, None),
        (Training(), 1, 2, 1, None),
    ],
)
def test_a_voice_is_spoken_of_only_if_it_is_worse_than_its_loops(
    training: Training,
    found: int,
    dead: int,
    patterns: int,
    said: str | None,
    bundle_folder: Path,
) -> None:
    metrics = {"distinct": float(found), "dead_latents": float(dead)}
    voice = replace(read_manifest(bundle_folder).voices[0], metrics=metrics)
    dataset = dataset_of(np.eye(60, 32, dtype=bool)[:patterns])
    told = list(on_voices([voice], [training], dataset))
    assert len(told) == (said is not None)
    assert all(said in line for line in told if said)
