"""What options mean."""

from dataclasses import replace

import numpy as np
import pytest

from firmware.errors import UsageError
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.data.voice_sets import shared
from trainer.model.checkpoint import Candidate, Checkpoint, KeptVoice
from trainer.model.network import Autoencoder
from trainer.model.structures import HEADS
from trainer.pipeline.plan import TrainOptions, picks_of, plan

DATASET = dataset_of(rhythms(20))
PLAIN = dataset_of(rhythms(20), feel=False)
POINTS = np.random.default_rng(0).random((20, 2))
EARLIER = Checkpoint(
    (
        KeptVoice(
            "map",
            0,
            (Candidate(Autoencoder("linear", (), ()), np.zeros(1, np.float32), {}, POINTS),),
        ),
    ),
    shared(DATASET, 1),
)


def test_the_default_is_three_maps_with_feel() -> None:
    made = plan(TrainOptions(), DATASET)
    assert [config.structure for config in made.configs] == ["map"] * 3
    assert {(c.heads, c.mapping, c.quantisation, c.candidates) for c in made.configs} == {
        (HEADS, "linear", "int16x8", 1)
    }


def test_feel_is_learned_where_there_is_any() -> None:
    assert plan(TrainOptions(), PLAIN).configs[0].heads == ("onset",)
    assert plan(TrainOptions(groove=True), PLAIN).configs[0].heads == HEADS
    assert plan(TrainOptions(groove=False), DATASET).configs[0].heads == ("onset",)


def test_the_papers_models_are_trained_as_it_did() -> None:
    made = plan(TrainOptions(paper=True), DATASET)
    assert [config.structure for config in made.configs] == ["model1", "model2", "model3"]
    for config in made.configs:
        assert (config.mapping, config.heads) == ("classic", ("onset",))
        assert config.paper is not None
        assert (config.paper.epochs, config.paper.latent_kind) == (30, "relu")
        assert (config.paper.l2, config.paper.dropout) == (None, None)


def test_options_reach_the_training() -> None:
    options = TrainOptions(voices=("map", "model1"), candidates=4, quantisation="float32")
    first, second = plan(options, DATASET).configs
    assert (first.candidates, first.quantisation) == (4, "float32")
    assert (second.candidates, second.mapping) == (4, "warped")
    (short,) = plan(TrainOptions(voices=("map",), steps=7), DATASET).configs
    assert short.student.steps == 7


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (TrainOptions(voices=("nothing",)), "--voices takes"),
        (TrainOptions(voices=("map",) * 4), "--voices takes"),
        (TrainOptions(epochs=3), "--epochs is for"),
        (TrainOptions(l2=0.1), "--l2 is for"),
        (TrainOptions(latents=3), "--latent-dims is for"),
        (TrainOptions(mapping="classic"), "--mapping is for"),
        (TrainOptions(voices=("model1",), groove=True), "--groove is for"),
        (TrainOptions(voices=("model1",), steps=9), "--steps is for"),
    ],
)
def test_options_that_fit_no_voice_are_refused(options: TrainOptions, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        plan(options, DATASET)


def test_loops_of_an_earlier_bundle_keep_their_places() -> None:
    more = replace(dataset_of(rhythms(5, seed=9)), names=tuple("abcde"))
    made = plan(TrainOptions(), more, EARLIER)
    assert [config.structure for config in made.configs] == ["map"]
    assert len(made.dataset) == 25
    places = made.earlier_places(0, made.dataset.onset)
    assert places is not None
    assert np.allclose(places[:20], POINTS)
    assert np.isnan(places[20:]).all()
    assert made.earlier_places(1, made.dataset.onset) is None


def test_a_voice_learns_its_own_loops_and_its_own_heads() -> None:
    made = plan(TrainOptions(voices=("map", "map")), [DATASET, PLAIN])
    assert [config.heads for config in made.configs] == [HEADS, ("onset",)]
    assert len(made.dataset) == 40
    assert np.array_equal(made.sets.of(1).velocity, PLAIN.velocity)


def test_a_voice_without_new_loops_keeps_its_earlier_ones() -> None:
    point = EARLIER.voices[0]
    earlier = Checkpoint((point, point), shared(DATASET, 2))
    more = replace(dataset_of(rhythms(5, seed=9)), names=tuple("abcde"))
    made = plan(TrainOptions(), [None, more], earlier)
    assert [len(made.sets.of(voice)) for voice in (0, 1)] == [20, 25]


@pytest.mark.parametrize(
    ("text", "picks"), [("1", [0, 0]), ("2", [1, 1]), ("1,3", [0, 2]), (" 2 , 1 ", [1, 0])]
)
def test_picks_count_from_one(text: str, picks: list[int]) -> None:
    assert picks_of(text, 2, [2, 3]) == picks


@pytest.mark.parametrize("text", ["0", "3", "1,4", "1,1,1", "best", ""])
def test_picks_that_nobody_kept_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--pick takes"):
        picks_of(text, 2, [2, 3])
