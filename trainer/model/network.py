"""Dense layers with ReLU between them: their weights, what they compute, and its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS

Array = NDArray[np.float32]
Layer = tuple[Array, Array]
"""A dense layer: kernel (inputs, outputs) and bias (1, outputs)."""

LATENT_SPAN = 4.0
"""Latents run from -2 to 2 over a knob's travel."""


@dataclass(frozen=True, slots=True, eq=False)
class Autoencoder:
    """Trained weights: 32 steps to latents, latents to `STEPS` outputs per head.

    `latent_kind` is `linear`, `relu` as in the paper, or, in earlier bundles, `vae`: the
    encoder gives means, then log variances.
    """

    latent_kind: str
    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]

    @property
    def latents(self) -> int:
        """Count the latents."""
        return int(self.decoder[0][0].shape[0])

    @property
    def heads(self) -> int:
        """Count the heads of `STEPS` outputs."""
        return int(self.decoder[-1][0].shape[1]) // STEPS

    @property
    def sizes(self) -> tuple[int, ...]:
        """Give the sizes of all layers, input and output included."""
        layers = (*self.encoder, *self.decoder)
        return (*(len(kernel) for kernel, _ in layers), STEPS * self.heads)


def latents_at(positions: NDArray[Any]) -> Array:
    """Give the latents (n, k) at knob positions (n, k), 0..1."""
    latents: Array = ((positions - 0.5) * LATENT_SPAN).astype(np.float32)
    return latents


def positions_of(latents: NDArray[Any]) -> NDArray[np.float64]:
    """Give the knob positions (n, k) of latents (n, k), not limited to 0..1."""
    return np.asarray(latents, float) / LATENT_SPAN + 0.5


def forward(layers: Sequence[Layer], values: NDArray[Any]) -> Array:
    """Run dense layers with ReLU between them; the last is left linear."""
    for kernel, bias in layers[:-1]:
        values = np.maximum(values @ kernel + bias, 0)
    kernel, bias = layers[-1]
    result: Array = values @ kernel + bias
    return result


def sigmoid(logits: NDArray[Any]) -> Array:
    """Give probabilities of logits, without overflow."""
    result: Array = np.float32(0.5) * np.tanh(np.float32(0.5) * logits) + np.float32(0.5)
    return result


def encode(model: Autoencoder, onset: NDArray[Any]) -> Array:
    """Encode patterns (n, 32) to latents (n, k)."""
    latents = forward(model.encoder, onset.astype(np.float32))[:, : model.latents]
    return np.maximum(latents, 0) if model.latent_kind == "relu" else latents


def decode(model: Autoencoder, latents: NDArray[Any]) -> Array:
    """Decode latents (n, k) to all heads (n, 32 * heads), 0..1."""
    return sigmoid(forward(model.decoder, latents))


class Stack:
    """Dense layers whose weights lie one after the other in a vector, for training.

    `weights` and `slopes` (the gradient) are vectors of `weights_in(sizes)` numbers that
    somebody else owns; this class reads the one and writes the other.
    """

    def __init__(self, sizes: Sequence[int], weights: Array, slopes: Array) -> None:
        self._layers = _views(sizes, weights)
        self._slopes = _views(sizes, slopes)

    @property
    def layers(self) -> list[Layer]:
        """Give the layers; writing into them writes into the vector."""
        return self._layers

    def run(self, values: Array) -> list[Array]:
        """Give the input of every layer and the output of the last, for rows (n, inputs)."""
        passed = [values]
        for kernel, bias in self._layers[:-1]:
            values = values @ kernel
            values += bias
            passed.append(np.maximum(values, 0, out=values))
        kernel, bias = self._layers[-1]
        passed.append(values @ kernel + bias)
        return passed

    def backpropagate(self, passed: Sequence[Array], slope: Array) -> Array:
        """Write the gradient of the weights; give that of the first layer's sums.

        `passed` is what `run` gave, `slope` (n, outputs) the gradient of its output.
        """
        for index in range(len(self._layers) - 1, -1, -1):
            kernel_slope, bias_slope = self._slopes[index]
            np.matmul(passed[index].T, slope, out=kernel_slope)
            np.add.reduce(slope, axis=0, keepdims=True, out=bias_slope)
            if index:
                slope = slope @ self._layers[index][0].T
                slope *= passed[index] > 0
        return slope


def weights_in(sizes: Sequence[int]) -> int:
    """Count the weights and biases of dense layers of the given sizes."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))


def glorot(layers: Sequence[Layer], rng: np.random.Generator) -> None:
    """Fill kernels with uniform numbers (Glorot & Bengio 2010) and biases with 0."""
    for kernel, bias in layers:
        limit = np.sqrt(6 / sum(kernel.shape))
        kernel[:] = (rng.random(kernel.shape) * 2 - 1) * limit
        bias[:] = 0


def _views(sizes: Sequence[int], vector: Array) -> list[Layer]:
    views, start = [], 0
    for inputs, outputs in pairwise(sizes):
        end = start + inputs * outputs
        kernel = vector[start:end].reshape(inputs, outputs)
        views.append((kernel, vector[end : end + outputs].reshape(1, outputs)))
        start = end + outputs
    return views
