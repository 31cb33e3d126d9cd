"""The last corrections of a trained map."""

import numpy as np
import pytest

from tests.trainer.rhythms import rhythms
from trainer.model.layout import lay_out
from trainer.model.map_training import DENSITY_KEPT, SHIFT_MAX, with_density
from trainer.model.network import Autoencoder, decode, latents_at
from trainer.model.student import Lesson, StudentConfig, learned_places, train
from trainer.model.teacher import blend

LOOPS = np.unique(rhythms(40), axis=0)
PLACES = learned_places()


@pytest.fixture(scope="module")
def model() -> Autoencoder:
    layout = lay_out(LOOPS)
    lesson = Lesson(LOOPS.astype(np.float32), layout, PLACES, blend(PLACES, LOOPS, layout))
    (*_, last) = train(lesson, StudentConfig(steps=500), np.random.default_rng(0))
    return last.model


def share(model: Autoencoder) -> float:
    return float((decode(model, latents_at(PLACES)) > 0.5).mean())


def test_half_of_the_onsets_that_a_map_lacks_are_given_back(model: Autoencoder) -> None:
    wanted = LOOPS.copy()
    wanted[:4] = True
    lacking = float(wanted.mean()) - share(model)
    assert lacking > 0.01
    given = share(with_density(model, wanted, PLACES)) - share(model)
    assert given == pytest.approx(DENSITY_KEPT * lacking, abs=1e-3)


def test_a_map_that_lacks_none_stays(model: Autoencoder) -> None:
    kept = with_density(model, LOOPS & False, PLACES)
    assert np.array_equal(kept.decoder[-1][1], model.decoder[-1][1])


def test_logits_move_by_so_much_at_most(model: Autoencoder) -> None:
    moved = with_density(model, LOOPS | True, PLACES)
    assert np.allclose(moved.decoder[-1][1] - model.decoder[-1][1], SHIFT_MAX)
