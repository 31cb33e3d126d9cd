"""A map as it is trained by default, on the demo loops: what is promised of it."""

import numpy as np
import pytest

from tests.bench.experiments import WHOLE, demo_dataset
from trainer.data.progress import ignore_progress
from trainer.export.voices import ExportedVoice, export_voice
from trainer.model.map_training import lay_out_voices, map_loops
from trainer.model.measures import GRID
from trainer.model.rhythm import hamming
from trainer.model.sampling import square_grid
from trainer.pipeline.plan import TrainOptions, plan
from trainer.pipeline.training import train_voices

DATASET = demo_dataset(WHOLE)
LIMITS = {
    "jump": 0.05,
    "still": 0.4,
    "style": 0.13,
    **{f"flips_{threshold}": 0.3 for threshold in (0.3, 0.5, 0.7)},
}
LEAST = {"f1": 0.95, "r2_density": 0.86, "r2_syncopation": 0.72, "parents": 0.96}


def exported(seed: int) -> ExportedVoice:
    made = plan(TrainOptions(voices=("map",)), DATASET)
    (voice,) = train_voices(made, seed, ignore_progress)
    return export_voice(made.configs[0], voice.candidate, DATASET, "voice1.tflite")


@pytest.fixture(scope="module")
def voice() -> ExportedVoice:
    return exported(0)


def test_the_figures_hold(voice: ExportedVoice) -> None:
    figures = voice.description.metrics
    assert {name: figures[name] for name, most in LIMITS.items() if figures[name] > most} == {}
    assert {name: figures[name] for name, least in LEAST.items() if figures[name] < least} == {}
    assert figures["dense_share"] <= figures["dense_share_loops"] + 0.01
    assert len(voice.file) <= 25_000


def test_another_seed_places_every_loop_alike(voice: ExportedVoice) -> None:
    loops = map_loops(DATASET)
    (layout,) = lay_out_voices(loops, [None])
    other = exported(1)
    assert other.file != voice.file
    first, second = (best_places(one, loops.onset) for one in (voice, other))
    assert np.linalg.norm(first - second, axis=1).max() <= 0.05
    assert np.median(np.linalg.norm(first - layout.places, axis=1)) < 0.02


def best_places(voice: ExportedVoice, loops: np.ndarray) -> np.ndarray:
    """Give where the file plays each loop best, the mean of equals."""
    distance = hamming(loops, voice.latent_map.sounding(0.5).reshape(GRID**2, -1))
    places = square_grid(GRID)
    return np.array([places[row == row.min()].mean(0) for row in distance])
