"""The training step, compiled: many candidates, many minibatches, no Python between them.

Arrays carry a last axis that counts candidates and the loss is summed over it, so every
candidate gets the gradient it would get alone. So candidates lie in the lanes of a processor's
vectors, and products too small for matrix routines are plain sums of products of vectors. The
loop over minibatches is a TensorFlow `while_loop` compiled by XLA.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from firmware.bundle.decoder import load_runtime
from firmware.engine.pattern import STEPS

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
"""Adam as Keras has it."""

LOG_VARIANCE = (-12.0, 6.0)
"""The limits of a `vae`'s log variances, so that no gradient overflows."""


@dataclass(frozen=True, slots=True)
class Training:
    """Settings of one run: `steps` minibatches of `batch` patterns, for `candidates` at once.

    `decay` lets learning rate and dropout fade to nothing (a half cosine). `l2` weighs the
    kernels' squares, `dropout` is the share of units left out after each ReLU, `beta` weighs
    the divergence of a `vae`. `hold_back` is the share of patterns that is not trained on; each
    candidate keeps the weights that did best on them at a chunk's end, and when none has
    bettered itself for `patience` chunks the run ends.
    """

    latent_kind: str = "vae"
    candidates: int = 16
    steps: int = 6000
    batch: int = 28
    learning_rate: float = 1e-2
    decay: bool = True
    l2: float = 0.0
    dropout: float = 0.0
    beta: float = 0.002
    hold_back: float = 0.0
    patience: int = 8


def tensorflow() -> Any:
    """Load TensorFlow, after the TFLite runtime (`firmware.bundle.decoder` says why)."""
    load_runtime()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras is not needed, and to load it (and all it brings) is a third of the time.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    # Not used by what is compiled here, and it talks on standard error.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    # The arrays are small: what one thread gains by sharing its work the other cores lose.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    import tensorflow as tf  # noqa: PLC0415 - seconds; only training and export pay them

    return tf


def compiled_loop(
    tf: Any, training: Training, shapes: Sequence[tuple[int, ...]], depth: int
) -> Any:
    """Make the loop: (state, what was drawn, first step, data) -> state.

    The state is (weights, first and second moments), each (all weights, candidates). `shapes`
    are those of kernels, (inputs, outputs, candidates), and biases, (1, outputs, candidates).
    """
    sizes = [math.prod(shape[:-1]) for shape in shapes]

    def gradient(weights: Any, drawn: Sequence[Any], weighted_sum: Any) -> Any:
        parts = tf.split(weights, sizes)
        arrays = [tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]
        with tf.GradientTape() as tape:
            tape.watch(arrays)
            layers = list(zip(arrays[::2], arrays[1::2], strict=True))
            halves = layers[:depth], layers[depth:]
            loss = _loss(tf, training, halves, drawn, weighted_sum)
        gradients = tape.gradient(loss, arrays)
        return tf.concat([tf.reshape(g, (-1, weights.shape[1])) for g in gradients], axis=0)

    def run(state: Any, drawn: Any, start: Any, data: Any) -> Any:
        rows, rates, *noise = drawn
        count = rows.shape[0]
        weighted_sum = _weighted_sum(tf, tf.cast(start >= 0, tf.float32))

        def body(index: Any, state: Any) -> Any:
            batch = tf.gather(data, rows[index])
            now = [tf.expand_dims(a, -1) for a in (batch, *(part[index] for part in noise))]
            slope = gradient(state[0], now, weighted_sum)
            return index + 1, _adam(tf, state, slope, start + index, rates[index])

        loop_vars = (tf.constant(0), state)
        return tf.while_loop(lambda index, _: index < count, body, loop_vars)[1]

    return tf.function(run, jit_compile=True, autograph=False)


def _loss(
    tf: Any, training: Training, layers: Any, drawn: Sequence[Any], weighted_sum: Any
) -> Any:
    """Give a number whose gradient is that of the loss, summed over the candidates.

    The cross entropy itself is not needed here, and its logarithms are half of the work: its
    gradient by the logits is their sigmoid less the wanted value.
    """
    encoder, decoder = layers
    batch, normal, *dropout = drawn
    outputs, masks = decoder[-1][1].shape[1], iter(dropout)
    onset, values, weights = tf.split(batch, (STEPS, outputs, outputs), axis=1)
    encoded = _dense(tf, encoder, onset, masks, weighted_sum)
    latents, divergence = _latents(tf, training, encoded, normal, masks)
    logits = _dense(tf, decoder, latents, masks, weighted_sum)
    slope = tf.stop_gradient((tf.sigmoid(logits) - values) * weights / training.batch)
    loss = tf.reduce_sum(slope * logits) + training.beta * divergence
    if training.l2:
        kernels = [kernel for kernel, _ in (*encoder, *decoder)]
        loss += training.l2 * sum(tf.reduce_sum(kernel**2) for kernel in kernels)
    return loss


def _weighted_sum(tf: Any, one: Any) -> Any:
    """Make a layer's sum: (values (batch, inputs, candidates), kernel, bias) -> sums.

    XLA computes what is cheap again in every product that reads it. A division counts as
    expensive, so sums and slopes that are divided by `one`, a 1 that only the run knows, are
    stored.
    """

    def weighted_sum(values: Any, kernel: Any, bias: Any) -> Any:
        values = tf.expand_dims(values, 2)

        def gradient(slope: Any) -> Any:
            kept = slope / one
            slope = tf.expand_dims(kept, 1)
            return (
                tf.reduce_sum(slope * kernel, 2),
                tf.reduce_sum(slope * values, 0),
                tf.reduce_sum(kept, 0, keepdims=True),
            )

        return (tf.reduce_sum(values * kernel, 1) + bias) / one, gradient

    return tf.custom_gradient(weighted_sum)


def _dense(tf: Any, layers: Any, values: Any, masks: Iterator[Any], weighted_sum: Any) -> Any:
    for kernel, bias in layers[:-1]:
        values = tf.nn.relu(weighted_sum(values, kernel, bias)) * next(masks, 1.0)
    return weighted_sum(values, *layers[-1])


def _latents(
    tf: Any, training: Training, encoded: Any, normal: Any, masks: Iterator[Any]
) -> tuple[Any, Any]:
    """Give what the decoder sees, and the divergence summed over the candidates."""
    if training.latent_kind == "relu":
        return tf.nn.relu(encoded) * next(masks, 1.0), 0.0
    if training.latent_kind == "linear":
        return encoded, 0.0
    mean, log_variance = tf.split(encoded, 2, axis=1)
    log_variance = tf.clip_by_value(log_variance, *LOG_VARIANCE)
    divergence = 0.5 * (mean**2 + tf.exp(log_variance) - log_variance - 1)
    latents = mean + tf.exp(0.5 * log_variance) * normal
    return latents, tf.reduce_sum(divergence) / training.batch


def _adam(tf: Any, state: Any, slope: Any, step: Any, rate: Any) -> Any:
    """Give the next (weights, first moments, second moments)."""
    weights, first, second = state
    power = tf.cast(step, tf.float32) + 1
    rate = rate * tf.sqrt(1 - BETA_2**power) / (1 - BETA_1**power)
    first = BETA_1 * first + (1 - BETA_1) * slope
    second = BETA_2 * second + (1 - BETA_2) * slope**2
    return weights - rate * first / (tf.sqrt(second) + EPSILON), first, second
