"""What a person asks for reaches the training, afresh or on from a bundle."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.bundle.bundle import read_manifest
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.model.checkpoint import read_kept
from trainer.model.train_step import Training
from trainer.pipeline.plan import RESUMED_RATE, Wishes, plan, plan_on

DATASET = dataset_of(rhythms(12, seed=5))
MORE = replace(DATASET, names=tuple(f"more{row}.wav" for row in range(len(DATASET))))

Trainings = Callable[[Wishes], list[Training]]


@pytest.fixture(params=["afresh", "as the paper", "on"])
def trainings(request: pytest.FixtureRequest, kit: Path) -> Trainings:
    """Plan from wishes; give how each voice is trained."""

    def planned(wishes: Wishes) -> list[Training]:
        if request.param == "on":
            earlier = read_manifest(kit), read_kept(kit)
            made = plan_on(wishes, earlier, MORE, np.random.default_rng(0))
        else:
            paper = request.param == "as the paper"
            made = plan(replace(wishes, paper=paper, voices=("model1", "model2")), DATASET)
        return [recipe.training for recipe in made.recipes]

    return planned


@pytest.mark.parametrize(
    ("name", "value"),
    [("hold_back", 0.25), ("beta", 0.017), ("l2", 0.003), ("dropout", 0.11), ("candidates", 7)],
)
def test_a_setting_reaches_every_voice_and_changes_no_other(
    trainings: Trainings, name: str, value: float
) -> None:
    setting: dict[str, Any] = {name: value}
    plain, asked = trainings(Wishes()), trainings(Wishes(**setting))
    assert len(asked) == 2
    assert all(getattr(training, name) != value for training in plain)
    assert asked == [replace(training, **setting) for training in plain]


@pytest.mark.parametrize("name", ["beta", "l2", "dropout"])
def test_nothing_can_be_asked_for_too(trainings: Trainings, name: str) -> None:
    setting: dict[str, Any] = {name: 0.0}
    assert {getattr(training, name) for training in trainings(Wishes(**setting))} == {0.0}


def test_training_that_goes_on_is_gentle(kit: Path) -> None:
    earlier = read_manifest(kit), read_kept(kit)
    made = plan_on(Wishes(), earlier, MORE, np.random.default_rng(0))
    assert [recipe.training.learning_rate for recipe in made.recipes] == [RESUMED_RATE] * 2
    for recipe in plan(Wishes(), DATASET).recipes:
        assert recipe.training.learning_rate / 2 >= RESUMED_RATE
