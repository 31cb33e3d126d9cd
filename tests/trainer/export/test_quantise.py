"""Rounding that keeps the map."""

from itertools import pairwise

import numpy as np
import pytest

from trainer.export.quantise import LEVELS, rounded
from trainer.model.latent import to_latents
from trainer.model.network import Array, Layer, forward, sigmoid
from trainer.model.sampling import with_corners
from trainer.model.structures import PAPER

SIZES = {name: (2, *structure.hidden[::-1], 32) for name, structure in PAPER.items()} | {
    "map": (2, 64, 72, 32)
}
KNOTS = ((-4.0, 4.0), (-3.0, 5.0))


def decoder_of(structure: str, seed: int) -> tuple[Layer, ...]:
    rng = np.random.default_rng(seed)
    sizes = SIZES[structure]
    return tuple(
        (
            (rng.uniform(-2, 2, (a, b)) * np.sqrt(6 / (a + b))).astype(np.float32),
            rng.normal(0, 0.5, (1, b)).astype(np.float32),
        )
        for a, b in pairwise(sizes)
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


@pytest.mark.parametrize("structure", sorted(SIZES))
def test_kernels_lie_on_the_levels_of_their_units(structure: str) -> None:
    latents = to_latents(with_corners(500, 2), KNOTS)
    for kernel, bias in rounded(decoder_of(structure, 0), latents):
        level = np.abs(kernel).max(0) / LEVELS
        assert np.allclose(kernel / level, np.round(kernel / level), atol=1e-3)
        assert np.isfinite(bias).all()


@pytest.mark.parametrize("structure", sorted(SIZES))
@pytest.mark.parametrize("seed", range(3))
def test_fewer_steps_flip_than_by_rounding_each_weight_alone(structure: str, seed: int) -> None:
    decoder = decoder_of(structure, seed)
    elsewhere = points(3000, seed)
    wanted = sigmoid(forward(decoder, elsewhere)) > 0.5
    ours = rounded(decoder, to_latents(with_corners(4000, 2), KNOTS))
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
