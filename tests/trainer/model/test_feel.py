"""Feel that carries over, and feel that does not."""

import numpy as np
import pytest

from tests.trainer.rhythms import rhythms
from trainer.model.feel import best_share, feel, step_means
from trainer.model.feel_heads import learned_feel, with_feel
from trainer.model.network import Autoencoder, decode, latents_at

ONSET = rhythms(80)
RNG = np.random.default_rng(4)


def test_means_are_those_of_the_onsets_for_steps_with_many() -> None:
    values = np.where(ONSET, np.linspace(0, 1, 32), 0)
    means = step_means(np.tile(ONSET, (50, 1)), np.tile(values, (50, 1)))
    assert np.allclose(means, np.linspace(0, 1, 32), atol=0.05)


def test_a_step_without_onsets_has_the_mean_of_all() -> None:
    onset = np.zeros((2, 32), bool)
    onset[:, 0] = True
    assert step_means(onset, onset * 0.4).tolist() == pytest.approx([0.4] * 32)
    assert step_means(np.zeros((1, 32), bool), np.zeros((1, 32))).tolist() == [0] * 32


def test_noise_is_not_kept() -> None:
    noise = RNG.random(ONSET.shape) * ONSET
    assert best_share(ONSET, noise) == 0


def test_what_similar_loops_share_is_kept() -> None:
    pairs = np.repeat(rhythms(40), 2, axis=0)
    own = np.repeat(RNG.random((40, 1)), 2, axis=0) * pairs
    share = best_share(pairs, own)
    assert share > 0

    def error(kept: float) -> float:
        return float(((feel(pairs, pairs, own, kept) - own)[pairs] ** 2).mean())

    assert error(share) < error(0)


def test_heads_play_the_feel_of_the_map() -> None:
    values = np.where(ONSET, np.resize([0.9, 0.3], 32), 0)
    rng = np.random.default_rng(0)
    sizes = ((2, 24), (24, 32))
    decoder = tuple(
        (rng.normal(0, 1, size).astype(np.float32), rng.normal(0, 1, (1, size[1])))
        for size in sizes
    )
    model = Autoencoder("linear", (), decoder)
    places = rng.random((600, 2))
    model = with_feel(model, (learned_feel(ONSET, values),), places)
    played = decode(model, latents_at(rng.random((50, 2))))[:, 32:]
    assert model.heads == 2
    assert np.abs(played - np.resize([0.9, 0.3], 32)).mean() < 0.1
