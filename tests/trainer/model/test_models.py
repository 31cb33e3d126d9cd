"""The structures of the paper and the arithmetic of their weights."""

import numpy as np
import pytest

from trainer.model.models import (
    LATENT_KINDS,
    STRUCTURES,
    Array,
    forward,
    initial,
    latents_of,
    outputs_of,
    perturbed,
)


@pytest.mark.parametrize(
    ("name", "layers", "reach"),
    [
        ("prototype", (32, 16, 2, 16, 32), 10),
        ("model1", (32, 20, 8, 2, 8, 20, 32), 10),
        ("model2", (32, 20, 8, 2, 8, 20, 32), 10),
        ("model3", (32, 20, 10, 5, 2, 5, 10, 20, 32), 2),
    ],
)
def test_structures_are_those_of_the_paper(
    name: str, layers: tuple[int, ...], reach: float
) -> None:
    assert STRUCTURES[name].layers(latents=2, heads=1) == layers
    assert STRUCTURES[name].classic_range == reach


def test_only_model2_is_regularised_and_gently_unless_as_in_the_paper() -> None:
    settings = {
        name: (s.paper_l2, s.paper_dropout, s.l2, s.dropout) for name, s in STRUCTURES.items()
    }
    assert settings.pop("model2") == (0.01, 0.2, 1e-5, 0.05)
    assert set(settings.values()) == {(0, 0, 0, 0)}


@pytest.mark.parametrize("kind", LATENT_KINDS)
@pytest.mark.parametrize(("latents", "heads"), [(2, 1), (3, 3)])
def test_a_stack_and_its_candidates_compute_the_same(
    kind: str, latents: int, heads: int
) -> None:
    rng = np.random.default_rng(0)
    stack = initial(STRUCTURES["model3"].layers(latents, heads), kind, 4, rng)
    onset = rng.random((7, 32)) < 0.4
    encoded = latents_of(stack, onset)
    decoded = outputs_of(stack, encoded)
    assert encoded.shape == (4, 7, latents)
    assert decoded.shape == (4, 7, 32 * heads)
    assert (stack.latents, stack.heads) == (latents, heads)
    for index in range(4):
        one = stack.candidate(index)
        assert np.allclose(latents_of(one, onset), encoded[index], atol=1e-6)
        assert np.allclose(outputs_of(one, encoded[index]), decoded[index], atol=1e-6)


def test_kernels_start_within_glorots_limits_and_fill_them() -> None:
    model = initial((32, 20, 8, 2, 8, 20, 32), "linear", 50, np.random.default_rng(1))
    for kernel, bias in (*model.encoder, *model.decoder):
        limit = np.sqrt(6 / sum(kernel.shape[1:]))
        assert 0.95 * limit < np.abs(kernel).max() <= limit
        assert not bias.any()


def test_relu_stands_between_layers_and_not_after_the_last() -> None:
    def layer(weight: float) -> tuple[Array, Array]:
        return np.full((1, 1), weight, np.float32), np.zeros((1, 1), np.float32)

    values = np.array([[2.0], [-2.0]], np.float32)
    assert forward((layer(1), layer(-1)), values).ravel().tolist() == [-2, 0]


def test_relu_latents_are_never_negative() -> None:
    rng = np.random.default_rng(2)
    model = initial((32, 16, 2, 16, 32), "relu", 1, rng).candidate(0)
    latents = latents_of(model, rng.random((50, 32)) < 0.5)
    assert latents.min() >= 0
    assert latents.max() > 0


def test_copies_of_a_model_begin_with_itself() -> None:
    rng = np.random.default_rng(3)
    model = initial((32, 16, 2, 16, 32), "vae", 1, rng).candidate(0)
    stack = perturbed(model, 3, rng)
    for (kernel, _), (kernels, _) in zip(model.encoder, stack.encoder, strict=True):
        assert np.array_equal(kernels[0], kernel)
        assert not np.array_equal(kernels[1], kernel)
        assert np.abs(kernels[1] - kernel).max() < kernel.std()
