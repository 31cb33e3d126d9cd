"""The finalist that is asked for is the one that is written."""

import hashlib
from pathlib import Path

import pytest

from firmware.bundle.bundle import read_bundle
from tests.trainer.stacks import candidate_of, history_of, stack_of
from trainer.__main__ import main
from trainer.data.dataset import read_dataset
from trainer.export.voices import Recipe, Trained
from trainer.model.checkpoint import read_kept
from trainer.model.train_step import Training
from trainer.pipeline.plan import Plan
from trainer.pipeline.train_bundle import train_voices

STACK = stack_of(3)


@pytest.fixture(scope="module")
def trained(dataset_file: Path) -> tuple[Trained, ...]:
    """Give two voices with three finalists each."""
    recipe = Recipe("prototype", Training(candidates=3))
    plan = Plan((recipe, recipe), read_dataset(dataset_file), (None, None))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.export.voices.fit", lambda *_, **__: (STACK, history_of(STACK)))
        return train_voices(plan, 0, lambda _share: None)


@pytest.mark.parametrize(("pick", "places"), [("3,2", [2, 1]), ("1", [0, 0])])
def test_the_picked_finalists_are_written(
    dataset_file: Path,
    tmp_path: Path,
    trained: tuple[Trained, ...],
    monkeypatch: pytest.MonkeyPatch,
    pick: str,
    places: list[int],
) -> None:
    monkeypatch.setattr("trainer.pipeline.train_bundle.train_voices", lambda *_, **__: trained)
    options = ["--voices", "prototype,prototype", "--candidates", "3", "--no-groove"]
    goal = tmp_path / "kit"
    command = ["train", str(dataset_file), "-o", str(goal), *options, "--pick", pick]
    assert main(command) == 0
    bundle, kept = read_bundle(goal), read_kept(goal)
    for number, place in enumerate(places):
        one = trained[number].finalists
        hashes = [hashlib.sha256(voice.file).hexdigest() for voice in one]
        assert len(set(hashes)) == 3
        assert bundle.manifest.voices[number].sha256 == hashes[place]
        assert bundle.models[number] == one[place].file
        assert bundle.manifest.voices[number].metrics == one[place].description.metrics
        models = [candidate_of(voice.model, STACK) for voice in one]
        assert candidate_of(kept.models[number], STACK) == models[place]
    page = (goal / "report.html").read_text("utf-8")
    for place in range(3):
        assert (f"--pick {place + 1}, taken" in page) == (place in places)
