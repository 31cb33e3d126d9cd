"""The paper's four autoencoders: their structures, their weights, and the arithmetic of both.

Weights are plain arrays, so that one description serves the trainer, the exporter and the
tests. A leading axis, where there is one, counts candidates that are trained together.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS

HEADS = ("onset", "velocity", "offset")
LATENT_KINDS = ("vae", "linear", "relu")
LATENTS_MAX = 4
QUANTISATIONS = ("int16x8", "weight-only", "float32")
"""How a decoder is stored, the default first. Full int8 is not offered: the runtimes differ by
up to 0.3 on it, so that no check point could hold."""
SHAKE = 0.1
"""How far copies of a trained model are shaken, of the spread of its weights."""

Array = NDArray[np.float32]
Layer = tuple[Array, Array]
"""A dense layer: kernel (..., inputs, outputs) and bias (..., 1, outputs)."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Hidden layers of the encoder, mirrored in the decoder, and how the paper trained them.

    `classic_range` is the range of X and Y in section 6.2: -range..range.
    """

    hidden: tuple[int, ...]
    classic_range: float = 10.0
    paper_l2: float = 0.0
    paper_dropout: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0

    def layers(self, latents: int, heads: int) -> tuple[int, ...]:
        """Give the sizes of the whole autoencoder, input and output included."""
        return (STEPS, *self.hidden, latents, *reversed(self.hidden), STEPS * heads)


STRUCTURES = {
    "prototype": Structure((16,)),
    "model1": Structure((20, 8)),
    "model2": Structure((20, 8), 10.0, 0.01, 0.2, 1e-5, 0.05),
    "model3": Structure((20, 10, 5), 2.0),
}
"""Sections 3.3 and 6.2 of the paper. Its weight decay collapses model2 to one pattern, hence
the gentler values beside it."""
ENSEMBLE = ("model1", "model2", "model3")
"""Played at once, in section 6 of the paper; no bundle has more voices."""


@dataclass(frozen=True, slots=True, eq=False)
class Autoencoder:
    """Trained weights. The encoder of a `vae` gives means, then log variances."""

    latent_kind: str
    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]

    @property
    def latents(self) -> int:
        """How many latents there are."""
        return int(self.decoder[0][0].shape[-2])

    @property
    def heads(self) -> int:
        """How many heads of `STEPS` outputs there are."""
        return int(self.decoder[-1][0].shape[-1]) // STEPS

    def candidate(self, index: int) -> Autoencoder:
        """Take one candidate out of a stack."""
        encoder, decoder = (
            tuple((kernel[index], bias[index]) for kernel, bias in layers)
            for layers in (self.encoder, self.decoder)
        )
        return Autoencoder(self.latent_kind, encoder, decoder)


def initial(
    layers: tuple[int, ...], latent_kind: str, candidates: int, rng: np.random.Generator
) -> Autoencoder:
    """Draw Glorot-uniform kernels and zero biases, as Keras does, for a stack of candidates."""
    middle = len(layers) // 2
    sizes = list(layers[: middle + 1])
    if latent_kind == "vae":
        sizes[-1] *= 2
    pairs = [*pairwise(sizes), *pairwise(layers[middle:])]
    drawn = tuple(_glorot(inputs, outputs, candidates, rng) for inputs, outputs in pairs)
    return Autoencoder(latent_kind, drawn[:middle], drawn[middle:])


def perturbed(model: Autoencoder, candidates: int, rng: np.random.Generator) -> Autoencoder:
    """Make a stack of one trained model and slightly shaken copies of it."""

    def shaken(array: Array) -> Array:
        amounts = np.where(np.arange(candidates) > 0, SHAKE, 0)[:, None, None]
        noise = rng.standard_normal((candidates, *array.shape)) * array.std() * amounts
        result: Array = (array + noise).astype(np.float32)
        return result

    encoder, decoder = (
        tuple((shaken(kernel), shaken(bias)) for kernel, bias in layers)
        for layers in (model.encoder, model.decoder)
    )
    return Autoencoder(model.latent_kind, encoder, decoder)


def _glorot(inputs: int, outputs: int, candidates: int, rng: np.random.Generator) -> Layer:
    limit = np.sqrt(6 / (inputs + outputs))
    kernel = rng.uniform(-limit, limit, (candidates, inputs, outputs))
    return kernel.astype(np.float32), np.zeros((candidates, 1, outputs), np.float32)


def forward(layers: tuple[Layer, ...], values: NDArray[Any]) -> Array:
    """Run dense layers with ReLU between them; the last is left linear."""
    for kernel, bias in layers[:-1]:
        values = np.maximum(values @ kernel + bias, 0)
    kernel, bias = layers[-1]
    result: Array = values @ kernel + bias
    return result


def latents_of(model: Autoencoder, onset: NDArray[Any]) -> Array:
    """Encode onsets (n, 32) to latents (..., n, latents); the means for a `vae`."""
    values = forward(model.encoder, onset.astype(np.float32))[..., : model.latents]
    return np.maximum(values, 0) if model.latent_kind == "relu" else values


def sigmoid(values: Array) -> Array:
    """Squash to 0..1 without overflow."""
    result: Array = np.float32(0.5) * np.tanh(np.float32(0.5) * values) + np.float32(0.5)
    return result


def outputs_of(model: Autoencoder, latents: NDArray[Any]) -> Array:
    """Decode latents (..., n, latents) to all heads (..., n, 32 * heads), 0..1."""
    return sigmoid(forward(model.decoder, latents))
