"""Louder and softer hidden units: the same decoder, and less lost in rounding it."""

import numpy as np
import pytest

from tests.trainer.export.test_quantise import KNOTS, SIZES, decoder_of, points
from trainer.export.equalise import equalised
from trainer.export.quantise import rounded
from trainer.model.latent import to_latents
from trainer.model.network import Layer, forward, sigmoid
from trainer.model.sampling import with_corners

EVEN = to_latents(with_corners(1000, 2), KNOTS)


def unevened(decoder: tuple[Layer, ...], seed: int) -> tuple[Layer, ...]:
    """Make the same decoder with units of any loudness."""
    rng = np.random.default_rng(seed)
    layers = list(decoder)
    for place in range(len(layers) - 1):
        (kernel, bias), (behind, behind_bias) = layers[place : place + 2]
        loudness = np.exp(rng.uniform(-2, 2, kernel.shape[1])).astype(np.float32)
        layers[place] = (kernel * loudness, bias * loudness)
        layers[place + 1] = (behind / loudness[:, None], behind_bias)
    return tuple(layers)


@pytest.mark.parametrize("structure", sorted(SIZES))
def test_the_same_is_computed(structure: str) -> None:
    decoder, elsewhere = unevened(decoder_of(structure, 1), 1), points(500, 1)
    wanted = forward(decoder, elsewhere)
    assert forward(equalised(decoder, EVEN), elsewhere) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("structure", sorted(SIZES))
def test_fewer_steps_flip_however_loud_the_units_were(structure: str) -> None:
    flips = np.zeros(2)
    for seed in range(3):
        decoder, elsewhere = unevened(decoder_of(structure, seed), seed), points(3000, seed)
        wanted = sigmoid(forward(decoder, elsewhere)) > 0.5
        for index, layers in enumerate((equalised(decoder, EVEN), decoder)):
            played = sigmoid(forward(rounded(layers, EVEN), elsewhere)) > 0.5
            flips[index] += (played != wanted).mean()
    assert flips[0] < 0.7 * flips[1]


def test_units_that_never_sound_and_weights_of_nothing_stay_finite() -> None:
    (kernel, bias), *others = decoder_of("model1", 0)
    silent = ((kernel, bias - 1000), *others)
    nothing = tuple((kernel * 0, bias * 0) for kernel, bias in silent)
    for decoder in (silent, nothing):
        for array in (array for layer in equalised(decoder, EVEN) for array in layer):
            assert array.dtype == np.float32
            assert np.isfinite(array).all()
