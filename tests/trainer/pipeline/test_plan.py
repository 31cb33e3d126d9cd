"""From wishes to recipes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware.bundle.bundle import read_manifest
from firmware.errors import UsageError
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.model.checkpoint import read_kept
from trainer.model.targets import heads_of, targets_of
from trainer.pipeline.plan import RESUMED_RATE, Wishes, picks_of, plan, plan_on

DATASET = dataset_of(rhythms(56))


def test_the_default_is_the_ensemble_with_the_gentle_model2() -> None:
    recipes = plan(Wishes(), DATASET).recipes
    assert [recipe.structure for recipe in recipes] == ["model1", "model2", "model3"]
    assert {recipe.training.latent_kind for recipe in recipes} == {"vae"}
    assert {recipe.mapping for recipe in recipes} == {"warped"}
    assert (recipes[1].training.l2, recipes[1].training.dropout) == (1e-5, 0.05)


def test_the_paper_is_one_plain_run_of_relus_over_fixed_ranges() -> None:
    recipe = plan(Wishes(voices=("model2",), paper=True), DATASET).recipes[0]
    training = recipe.training
    assert (training.latent_kind, training.candidates, training.decay) == ("relu", 1, False)
    assert (training.l2, training.dropout, training.learning_rate) == (0.01, 0.2, 1e-3)
    assert (recipe.mapping, recipe.heads) == ("classic", ("onset",))


def test_what_a_person_says_wins() -> None:
    wishes = Wishes(voices=("model1",), paper=True, l2=0.0, candidates=5, mapping="warped")
    recipe = plan(wishes, DATASET).recipes[0]
    assert (recipe.training.l2, recipe.training.candidates) == (0.0, 5)
    assert recipe.mapping == "warped"


def test_training_goes_on_with_what_shaped_a_voice(kit: Path) -> None:
    manifest = replace(
        read_manifest(kit),
        voices=tuple(replace(v, quantisation="float32") for v in read_manifest(kit).voices),
    )
    kept = read_kept(kit)
    shaped = tuple(
        replace(t, l2=1e-4, dropout=0.1, beta=0.01, learning_rate=1.0, hold_back=0.5)
        for t in kept.trainings
    )
    earlier = manifest, replace(kept, trainings=shaped)
    resumed = plan_on(Wishes(beta=0.02), earlier, DATASET, np.random.default_rng(0))
    for recipe, voice in zip(resumed.recipes, manifest.voices, strict=True):
        training = recipe.training
        assert (recipe.structure, recipe.heads) == (voice.name, voice.outputs)
        assert recipe.quantisation == "float32"
        assert (training.l2, training.dropout, training.beta) == (1e-4, 0.1, 0.02)
        assert (training.learning_rate, training.hold_back) == (RESUMED_RATE, 0.0)
        assert training.latent_kind == voice.latent_kind


def test_epochs_are_passes_over_the_patterns() -> None:
    recipe = plan(Wishes(epochs=10), DATASET).recipes[0]
    assert recipe.training.steps * recipe.training.batch == 10 * len(DATASET)


@pytest.mark.parametrize(
    ("feel", "groove", "heads"),
    [(True, None, 3), (False, None, 1), (True, False, 1), (False, True, 3)],
)
def test_feel_is_learned_where_there_is_any(
    feel: bool, groove: bool | None, heads: int
) -> None:
    assert len(heads_of(dataset_of(rhythms(5), feel=feel), groove=groove)) == heads


def test_velocity_and_offset_count_only_where_there_is_an_onset() -> None:
    targets = targets_of(DATASET, ("onset", "velocity", "offset"))
    assert targets.values.shape == targets.weights.shape == (56, 96)
    silent = ~DATASET.onset
    assert not targets.weights[:, 32:64][silent].any()
    assert np.all(targets.weights[:, 64:][DATASET.onset] > 0)
    assert np.allclose(
        targets.values[:, 64:][DATASET.onset], DATASET.offset[DATASET.onset] + 0.5
    )
    assert targets.weights[0, :32].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "picks"), [("1", [0, 0, 0]), ("3", [2, 2, 2]), ("1,3,2", [0, 2, 1])]
)
def test_picks(text: str, picks: list[int]) -> None:
    assert picks_of(text, 3, [3, 3, 3]) == picks


@pytest.mark.parametrize("text", ["0", "4", "1,2", "a", "", "1,2,3,1"])
def test_picks_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="--pick"):
        picks_of(text, 3, [3, 3, 3])
