"""Rounding that keeps the map."""

import numpy as np
import pytest

from trainer.export.quantise import LEVELS, rounded
from trainer.model.latent import cloud, to_latents
from trainer.model.models import STRUCTURES, Array, Layer, forward, initial, sigmoid

KNOTS = ((-4.0, 4.0), (-3.0, 5.0))


def decoder_of(structure: str, seed: int) -> tuple[Layer, ...]:
    rng = np.random.default_rng(seed)
    model = initial(STRUCTURES[structure].layers(2, 1), "linear", 1, rng).candidate(0)
    return tuple(
        (kernel * 2, rng.normal(0, 0.5, bias.shape).astype(np.float32))
        for kernel, bias in model.decoder
    )


def points(count: int, seed: int) -> Array:
    positions = np.random.default_rng(seed).random((count, 2))
    return to_latents(positions, KNOTS)


def naive(decoder: tuple[Layer, ...]) -> tuple[Layer, ...]:
    layers = []
    for kernel, bias in decoder:
        level = np.abs(kernel).max(0) / LEVELS
        layers.append((np.round(kernel / level) * level, bias))
    return tuple(layers)


@pytest.mark.parametrize("structure", sorted(STRUCTURES))
def test_kernels_lie_on_the_levels_of_their_units(structure: str) -> None:
    latents = to_latents(cloud(500, 2), KNOTS)
    for kernel, bias in rounded(decoder_of(structure, 0), latents):
        level = np.abs(kernel).max(0) / LEVELS
        assert np.allclose(kernel / level, np.round(kernel / level), atol=1e-3)
        assert np.isfinite(bias).all()


@pytest.mark.parametrize("structure", sorted(STRUCTURES))
@pytest.mark.parametrize("seed", range(3))
def test_fewer_steps_flip_than_by_rounding_each_weight_alone(structure: str, seed: int) -> None:
    decoder = decoder_of(structure, seed)
    elsewhere = points(3000, seed)
    wanted = sigmoid(forward(decoder, elsewhere)) > 0.5
    ours = rounded(decoder, to_latents(cloud(1000, 2), KNOTS))
    flips = [
        float(((sigmoid(forward(layers, elsewhere)) > 0.5) != wanted).mean())
        for layers in (ours, naive(decoder))
    ]
    assert flips[0] < 0.7 * flips[1]


def test_a_decoder_of_nothing_stays_finite() -> None:
    nothing = tuple((kernel * 0, bias * 0) for kernel, bias in decoder_of("model1", 0))
    for kernel, bias in rounded(nothing, points(100, 0)):
        assert np.isfinite(kernel).all()
        assert np.allclose(bias, 0, atol=1e-3)
