"""Train many candidates of one structure at once, in one compiled loop.

Weights carry a leading axis that counts candidates and the loss is summed over it, so every
candidate gets the gradient it would get alone. The loop over minibatches is a TensorFlow
`while_loop` compiled by XLA: no Python between two steps. All randomness is drawn outside it,
by NumPy, and shared by the candidates, which differ by their initial weights.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.decoder import load_runtime
from trainer.models import Array, Autoencoder, Layer, forward, latents_of

CHUNK_STEPS = 250
"""Minibatches per call of the compiled loop; between calls progress is told and kept."""

HISTORY_PATTERNS = 512
"""How many patterns at the most the course of the loss is told of."""

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
"""Adam as Keras has it."""

LOG_VARIANCE = (-12.0, 6.0)


@dataclass(frozen=True, slots=True)
class Training:
    """Settings of one run: `steps` minibatches of `batch` patterns.

    `decay` lets learning rate and dropout fade to nothing (a half cosine). `beta` weighs the
    divergence of a `vae`. `hold_back` is the share of patterns that is not trained on; each
    candidate keeps the weights that did best on them, and when none has bettered itself for
    `patience` chunks the run ends.
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


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What is learned, one row per pattern: inputs (n, 32), outputs (n, 32 * heads) in 0..1.

    `weights`, of the outputs' shape, say how much each counts in the loss.
    """

    onset: Array
    values: Array
    weights: Array

    def rows(self, index: NDArray[np.intp]) -> Targets:
        """Take some patterns."""
        return Targets(self.onset[index], self.values[index], self.weights[index])


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Loss (chunks, candidates) in training, and on the held-back patterns if there are any."""

    loss: Array
    held_back_loss: Array


Progress = Callable[[float], None]
"""Called with the share of a run, 0..1, that has been done since the last call."""


def _unseen(_share: float) -> None:
    """Show nobody the progress."""


def fit(
    start: Autoencoder,
    targets: Targets,
    training: Training,
    rng: np.random.Generator,
    progress: Progress = _unseen,
) -> tuple[Autoencoder, History]:
    """Train a stack of candidates from `start`."""
    order = rng.permutation(len(targets.onset))
    held_count = int(len(order) * training.hold_back)
    held, kept = targets.rows(order[:held_count]), targets.rows(order[held_count:])
    best, since = start, 0
    best_loss: NDArray[Any] = np.array(np.inf)
    losses, held_losses = [], []
    sample = kept.rows(np.arange(min(len(kept.onset), HISTORY_PATTERNS)))
    for model, share in train(start, kept, training, rng):
        progress(share)
        losses.append(cross_entropy(model, sample))
        if not held_count:
            best = model
            continue
        held_losses.append(cross_entropy(model, held))
        better = held_losses[-1] < best_loss
        best, best_loss = _best(best, model, better), np.minimum(held_losses[-1], best_loss)
        since = 0 if better.any() else since + 1
        if since >= training.patience:
            break
    return best, History(np.array(losses), np.array(held_losses))


def _best(old: Autoencoder, new: Autoencoder, better: NDArray[np.bool_]) -> Autoencoder:
    chosen = [
        np.where(better[:, None, None], new_array, old_array)
        for old_array, new_array in zip(flat(old), flat(new), strict=True)
    ]
    return unflat(new.latent_kind, chosen, len(new.encoder))


def cross_entropy(model: Autoencoder, targets: Targets) -> Array:
    """Give the loss of each candidate without noise, divergence or penalties."""
    logits = forward(model.decoder, latents_of(model, targets.onset))
    error = np.logaddexp(0, logits) - targets.values * logits
    result: Array = (error * targets.weights).sum(-1).mean(-1)
    return result


def train(
    start: Autoencoder, targets: Targets, training: Training, rng: np.random.Generator
) -> Iterator[tuple[Autoencoder, float]]:
    """Yield, per chunk, the candidates and the share of the run done."""
    tf = tensorflow()
    chunks = -(-training.steps // CHUNK_STEPS)
    steps = chunks * CHUNK_STEPS
    rows = minibatches(len(targets.onset), training.batch, steps, rng)
    fade = _fade(training, steps)
    data = [tf.constant(a) for a in (targets.onset, targets.values, targets.weights)]
    shapes = [array.shape for array in flat(start)]
    weights = tf.constant(_joined(start))
    state = (weights, tf.zeros_like(weights), tf.zeros_like(weights))
    loop = _compiled(tf, training, shapes, len(start.encoder))
    for first in range(0, steps, CHUNK_STEPS):
        part = slice(first, first + CHUNK_STEPS)
        noise = _noise(start, training, float(fade[first]), rng)
        rates = training.learning_rate * fade[part]
        drawn = [tf.constant(array) for array in (rows[part], rates, *noise)]
        state = loop(state, drawn, tf.constant(first), data)
        yield _parted(state[0].numpy(), start), CHUNK_STEPS / steps


def _joined(model: Autoencoder) -> Array:
    """Lay a stack's weights side by side: (candidates, all weights)."""
    arrays = flat(model)
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


def _parted(weights: Array, like: Autoencoder) -> Autoencoder:
    """Undo `_joined`."""
    arrays = flat(like)
    ends = np.cumsum([math.prod(array.shape[1:]) for array in arrays])[:-1]
    parts = np.split(weights, ends, axis=1)
    shaped = [part.reshape(array.shape) for part, array in zip(parts, arrays, strict=True)]
    return unflat(like.latent_kind, shaped, len(like.encoder))


def tensorflow() -> Any:
    """Load TensorFlow, after the TFLite runtime (`firmware.decoder` says why)."""
    load_runtime()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras is not needed, and to load it (and all it brings) is a third of the time.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    import tensorflow as tf  # noqa: PLC0415 - seconds; only training and export pay them

    return tf


def minibatches(
    patterns: int, batch: int, steps: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Give row numbers (steps, batch): one shuffled pass after another, no row left out."""
    passes = -(-steps * batch // patterns)
    rows = np.concatenate([rng.permutation(patterns) for _ in range(passes)])
    drawn: NDArray[np.int32] = rows[: steps * batch].reshape(steps, batch).astype(np.int32)
    return drawn


def flat(model: Autoencoder) -> list[Array]:
    """List all arrays, kernel before bias, encoder before decoder."""
    return [array for layer in (*model.encoder, *model.decoder) for array in layer]


def unflat(latent_kind: str, arrays: list[Array], depth: int) -> Autoencoder:
    """Undo `flat` for an encoder of `depth` layers."""
    layers: list[Layer] = list(zip(arrays[::2], arrays[1::2], strict=True))
    return Autoencoder(latent_kind, tuple(layers[:depth]), tuple(layers[depth:]))


def _fade(training: Training, steps: int) -> Array:
    shape = 0.5 * (1 + np.cos(np.pi * np.arange(steps) / steps))
    return (shape if training.decay else np.ones(steps)).astype(np.float32)


def _noise(
    start: Autoencoder,
    training: Training,
    fade: float,
    rng: np.random.Generator,
) -> list[Array]:
    """Draw one chunk's normals for a `vae`, and the dropout masks that follow each ReLU."""
    shape = (CHUNK_STEPS, training.batch)
    normal = rng.standard_normal((*shape, start.latents), np.float32)
    if not training.dropout:
        return [normal]
    encoder = start.encoder if training.latent_kind == "relu" else start.encoder[:-1]
    sizes = [kernel.shape[-1] for kernel, _ in (*encoder, *start.decoder[:-1])]
    kept = 1 - training.dropout * fade
    masks = [(rng.random((*shape, size), np.float32) < kept) / kept for size in sizes]
    return [normal, *(mask.astype(np.float32) for mask in masks)]


def _compiled(
    tf: Any, training: Training, shapes: Sequence[tuple[int, ...]], depth: int
) -> Any:
    """Make the loop: (state, what was drawn, first step, data) -> state.

    The state is (weights, first and second moments), each (candidates, all weights).
    """
    sizes = [math.prod(shape[1:]) for shape in shapes]

    def gradient(weights: Any, batch: Any, draws: Any) -> Any:
        parts = tf.split(weights, sizes, axis=1)
        arrays = [tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]
        with tf.GradientTape() as tape:
            tape.watch(arrays)
            layers = list(zip(arrays[::2], arrays[1::2], strict=True))
            loss = _loss(tf, training, (layers[:depth], layers[depth:]), batch, draws)
        gradients = tape.gradient(loss, arrays, unconnected_gradients="zero")
        return tf.concat([tf.reshape(g, (shapes[0][0], -1)) for g in gradients], axis=1)

    def run(state: Any, drawn: Any, start: Any, data: Any) -> Any:
        rows, rates, *noise = drawn
        count = rows.shape[0]

        def body(index: Any, state: Any) -> Any:
            batch = [tf.gather(array, rows[index]) for array in data]
            slope = gradient(state[0], batch, [part[index] for part in noise])
            return index + 1, _adam(tf, state, slope, start + index, rates[index])

        loop_vars = (tf.constant(0), state)
        return tf.while_loop(lambda index, _: index < count, body, loop_vars)[1]

    return tf.function(run, jit_compile=True, autograph=False)


def _loss(tf: Any, training: Training, layers: Any, batch: Any, draws: Any) -> Any:
    """Give a number whose gradient is that of the loss, summed over the candidates.

    The cross entropy itself is not needed here, and its logarithms are half of the work: its
    gradient by the logits is their sigmoid less the wanted value.
    """
    encoder, decoder = layers
    onset, values, weights = batch
    normal, masks = draws[0], iter(draws[1:])
    encoded = _dense(tf, encoder, onset[None], masks)
    latents, divergence = _latents(tf, training, encoded, normal, masks)
    logits = _dense(tf, decoder, latents, masks)
    slope = tf.stop_gradient((tf.sigmoid(logits) - values) * weights / training.batch)
    loss = tf.reduce_sum(slope * logits) + training.beta * divergence
    if training.l2:
        kernels = [kernel for kernel, _ in (*encoder, *decoder)]
        loss += training.l2 * sum(tf.reduce_sum(kernel**2) for kernel in kernels)
    return loss


def _dense(tf: Any, layers: Any, values: Any, masks: Iterator[Any]) -> Any:
    for kernel, bias in layers[:-1]:
        values = tf.nn.relu(values @ kernel + bias) * next(masks, 1.0)
    kernel, bias = layers[-1]
    return values @ kernel + bias


def _latents(
    tf: Any, training: Training, encoded: Any, normal: Any, masks: Iterator[Any]
) -> tuple[Any, Any]:
    """Give what the decoder sees, and the divergence summed over the candidates."""
    if training.latent_kind == "relu":
        return tf.nn.relu(encoded) * next(masks, 1.0), 0.0
    if training.latent_kind == "linear":
        return encoded, 0.0
    mean, log_variance = tf.split(encoded, 2, axis=-1)
    log_variance = tf.clip_by_value(log_variance, *LOG_VARIANCE)
    divergence = 0.5 * (mean**2 + tf.exp(log_variance) - log_variance - 1)
    latents = mean + tf.exp(0.5 * log_variance) * normal
    return latents, tf.reduce_sum(divergence) / encoded.shape[1]


def _adam(tf: Any, state: Any, slope: Any, step: Any, rate: Any) -> Any:
    """Give the next (weights, first moments, second moments)."""
    weights, first, second = state
    power = tf.cast(step, tf.float32) + 1
    rate = rate * tf.sqrt(1 - BETA_2**power) / (1 - BETA_1**power)
    first = BETA_1 * first + (1 - BETA_1) * slope
    second = BETA_2 * second + (1 - BETA_2) * slope**2
    return weights - rate * first / (tf.sqrt(second) + EPSILON), first, second
