"""Patterns to train on that need no audio."""

import numpy as np

from firmware.engine.pattern import STEPS
from trainer.data.dataset import Dataset


def dataset_of(onset: np.ndarray, *, feel: bool = True, seed: int = 0) -> Dataset:
    """Make a dataset of patterns, with accents on the beat and late offbeats if `feel`."""
    rng = np.random.default_rng(seed)
    beat = np.resize([1.0, 0.5, 0.7, 0.5], STEPS)
    late = np.resize([0.0, 0.15], STEPS)
    accents = np.clip(beat + rng.normal(0, 0.05, onset.shape), 0.1, 1)
    return Dataset(
        onset=onset,
        velocity=np.where(onset, accents if feel else 1, 0).astype(np.float32),
        offset=np.where(onset, late if feel else 0, 0).astype(np.float32),
        names=tuple(f"loop{row}.wav" for row in range(len(onset))),
        bpm=np.full(len(onset), 120, np.float32),
        loops=len(onset),
    )


def rhythms(count: int, seed: int = 0) -> np.ndarray:
    """Draw patterns by metrical weight, in which neighbours share a theme."""
    rng = np.random.default_rng(seed)
    weight = np.resize([0.9, 0.15, 0.5, 0.25], STEPS)
    themes = rng.random((max(1, count // 2), STEPS)) < weight
    patterns = themes[np.arange(count) % len(themes)].copy()
    patterns ^= rng.random(patterns.shape) < 0.06
    patterns[:, 0] |= ~patterns.any(1)
    return patterns
