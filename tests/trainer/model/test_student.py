"""The student learns the map it is taught, the same way every time."""

from dataclasses import replace

import numpy as np
import pytest

from firmware.engine.pattern import STEPS
from tests.trainer.rhythms import rhythms
from trainer.model.layout import lay_out
from trainer.model.measures import f1_score
from trainer.model.network import (
    Autoencoder,
    Stack,
    decode,
    encode,
    forward,
    glorot,
    latents_at,
    positions_of,
    sigmoid,
    weights_in,
)
from trainer.model.rhythm import Matrix
from trainer.model.student import (
    MARGIN,
    Lesson,
    StudentConfig,
    learned_places,
    spread_creases,
    train,
)
from trainer.model.teacher import blend

LOOPS = np.unique(rhythms(24), axis=0)
LAYOUT = lay_out(LOOPS)
SHORT = StudentConfig(steps=1500, report_steps=300)


def lesson() -> Lesson:
    places = learned_places()
    return Lesson(LOOPS.astype(np.float32), LAYOUT, places, blend(places, LOOPS, LAYOUT))


def trained(seed: int = 0, config: StudentConfig = SHORT) -> Autoencoder:
    stages = list(train(lesson(), config, np.random.default_rng(seed)))
    assert stages[-1].share == 1
    return stages[-1].model


@pytest.fixture(scope="module")
def model() -> Autoencoder:
    return trained()


def test_loops_come_back_from_their_places_and_through_the_encoder(model: Autoencoder) -> None:
    from_places = decode(model, latents_at(LAYOUT.places)) > 0.5
    through = decode(model, encode(model, LOOPS)) > 0.5
    assert f1_score(from_places, LOOPS) > 0.93
    assert f1_score(through, LOOPS) > 0.95


def test_the_encoder_takes_loops_to_their_places(model: Autoencoder) -> None:
    apart = np.linalg.norm(positions_of(encode(model, LOOPS)) - LAYOUT.places, axis=1)
    assert apart.mean() < 0.02


def test_places_play_the_blend(model: Autoencoder) -> None:
    places = np.random.default_rng(9).random((500, 2))
    wanted = blend(places, LOOPS, LAYOUT) > 0.5
    assert f1_score(decode(model, latents_at(places)) > 0.5, wanted) > 0.9


def test_the_same_seed_gives_the_same_weights(model: Autoencoder) -> None:
    again, other = trained(), trained(1)
    assert np.array_equal(again.decoder[0][0], model.decoder[0][0])
    assert not np.array_equal(other.decoder[0][0], model.decoder[0][0])


def test_two_seeds_train_nearly_the_same_map_unless_nothing_is_shared(
    model: Autoencoder,
) -> None:
    alike, apart = (
        float(np.abs(trained(2, config).decoder[1][0] - model.decoder[1][0]).mean())
        for config in (SHORT, replace(SHORT, shared=0.0))
    )
    assert alike < 0.1 * apart


def test_stages_are_models_on_the_way() -> None:
    stages = list(train(lesson(), SHORT, np.random.default_rng(0)))
    assert [stage.share for stage in stages] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])
    assert stages[-1].error < stages[0].error
    assert not np.array_equal(stages[0].model.decoder[0][0], stages[1].model.decoder[0][0])


def test_an_odd_number_of_steps_ends_with_all_of_them() -> None:
    config = StudentConfig(steps=5, report_steps=3)
    shares = [stage.share for stage in train(lesson(), config, np.random.default_rng(0))]
    assert shares == [0.6, 1]


def test_learned_places_cover_the_map_and_its_margin() -> None:
    places = learned_places()
    assert places.min() < 0
    assert places.max() > 1
    assert places.min() >= -MARGIN
    counts = np.histogram2d(*places.T, bins=8, range=[[0, 1], [0, 1]])[0]
    assert counts.min() > 0.9 * counts.mean()


def test_units_bend_all_over_the_map() -> None:
    layer = np.zeros((2, 64), np.float32), np.zeros((1, 64), np.float32)
    spread_creases(layer, np.full(3, 0.5))
    sums = forward([layer], latents_at(np.random.default_rng(0).random((2000, 2))))
    on = (sums > 0).mean(0)
    assert ((on > 0.02) & (on < 0.98)).mean() > 0.9
    assert np.allclose(np.linalg.norm(layer[0], axis=0), 1, atol=1e-6)


def test_the_gradient_is_that_of_finite_differences() -> None:
    sizes, rng = (3, 5, 4), np.random.default_rng(0)
    weights = np.zeros(weights_in(sizes), np.float32)
    slopes = np.zeros_like(weights)
    stack = Stack(sizes, weights, slopes)
    glorot(stack.layers, rng)
    inputs = rng.random((7, 3)).astype(np.float32)
    wanted = rng.random((7, 4)).astype(np.float32)

    def loss() -> float:
        output: Matrix = np.clip(sigmoid(stack.run(inputs)[-1]).astype(float), 1e-6, 1 - 1e-6)
        return float(-(wanted * np.log(output) + (1 - wanted) * np.log(1 - output)).sum())

    passed = stack.run(inputs)
    stack.backpropagate(passed, sigmoid(passed[-1]) - wanted)
    for index in range(0, len(weights), 3):
        kept = weights[index]
        weights[index] = kept + 1e-2
        above = loss()
        weights[index] = kept - 1e-2
        assert slopes[index] == pytest.approx((above - loss()) / 2e-2, abs=0.01)
        weights[index] = kept


def test_a_model_knows_its_sizes(model: Autoencoder) -> None:
    assert model.sizes == (STEPS, 64, 64, 2, 64, 72, STEPS)
    assert (model.latents, model.heads) == (2, 1)
