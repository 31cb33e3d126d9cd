"""Training as the books have it: one candidate, one minibatch after another, in float64.

Slow and plain. It draws what `trainer.model.fit` draws, in the same order, and shares nothing
else with it but the weights' layout.
"""

from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from trainer.model.fit import Targets, flat, minibatches
from trainer.model.models import Autoencoder
from trainer.model.train_step import LOG_VARIANCE, Training, tensorflow

Weights = list[NDArray[np.float64]]
Draw = tuple[NDArray[np.float64], list[NDArray[np.float64]]]
"""What chance gives a step: a normal per latent, and the dropout after each ReLU."""


def trained(
    start: Autoencoder, data: Targets, training: Training, rng: np.random.Generator, chunk: int
) -> list[Weights]:
    """Train each candidate alone; `chunk` steps are drawn for at once."""
    draws = draw(start, len(data.onset), training, rng, chunk)
    steps = [
        (data.rows(rows), chance, fade(training, step))
        for step, (rows, chance) in zip(range(training.steps), draws, strict=False)
    ]
    candidates = range(len(flat(start)[0]))
    return [adam(start.candidate(one), training, steps) for one in candidates]


def fade(training: Training, step: int) -> float:
    """Give the share of learning rate and dropout that a step has."""
    return 0.5 * (1 + np.cos(np.pi * step / training.steps)) if training.decay else 1.0


def draw(
    start: Autoencoder, patterns: int, training: Training, rng: np.random.Generator, chunk: int
) -> Iterator[tuple[NDArray[np.int32], Draw]]:
    """Draw a chunk's rows, then its normals, then its masks, layer by layer."""
    sizes = [kernel.shape[-1] for kernel, _ in start.encoder[:-1]]
    sizes += [start.latents] if training.latent_kind == "relu" else []
    sizes += [kernel.shape[-1] for kernel, _ in start.decoder[:-1]]
    passes = minibatches(patterns, training.batch, chunk, rng)
    for first in count(0, chunk):
        rows = next(passes)
        shape = (chunk, training.batch)
        normals = rng.standard_normal((*shape, start.latents), np.float32)
        chances = [rng.random((*shape, size), np.float32) for size in sizes if training.dropout]
        for index in range(chunk):
            kept = 1 - training.dropout * np.float32(fade(training, first + index))
            masks = [(chance[index] < kept) / kept for chance in chances]
            yield rows[index], (normals[index].astype(float), masks)


def adam(
    start: Autoencoder, training: Training, steps: Sequence[tuple[Targets, Draw, float]]
) -> Weights:
    """Follow the gradient as Kingma and Ba 2015 do, algorithm 1."""
    weights = [array.astype(float) for array in flat(start)]
    first = [np.zeros_like(array) for array in weights]
    second = [np.zeros_like(array) for array in weights]
    for step, (batch, chance, share) in enumerate(steps, 1):
        rate = training.learning_rate * share
        rate *= np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        for index, slope in enumerate(gradient(start, weights, training, batch, chance)):
            first[index] = 0.9 * first[index] + 0.1 * slope
            second[index] = 0.999 * second[index] + 0.001 * slope**2
            weights[index] = weights[index] - rate * first[index] / (
                np.sqrt(second[index]) + 1e-7
            )
    return weights


def gradient(
    start: Autoencoder, weights: Weights, training: Training, batch: Targets, chance: Draw
) -> Weights:
    """Differentiate cross entropy, divergence and weight decay, each written out."""
    tf = tensorflow()
    given = [tf.constant(array) for array in weights]
    with tf.GradientTape() as tape:
        tape.watch(given)
        layers = list(zip(given[::2], given[1::2], strict=True))
        encoder, decoder = layers[: len(start.encoder)], layers[len(start.encoder) :]
        normal, masks = chance[0], iter(chance[1])
        encoded = dense(tf, encoder, batch.onset.astype(float), masks)
        divergence = 0.0
        if start.latent_kind == "relu":
            latents = tf.nn.relu(encoded) * next(masks, 1.0)
        elif start.latent_kind == "vae":
            mean, log_variance = tf.split(encoded, 2, axis=1)
            log_variance = tf.clip_by_value(log_variance, *LOG_VARIANCE)
            terms = 0.5 * (mean**2 + tf.exp(log_variance) - log_variance - 1)
            divergence = tf.reduce_mean(tf.reduce_sum(terms, 1))
            latents = mean + tf.exp(log_variance / 2) * normal
        else:
            latents = encoded
        logits = dense(tf, decoder, latents, masks)
        entropy = tf.nn.sigmoid_cross_entropy_with_logits(batch.values.astype(float), logits)
        loss = tf.reduce_mean(tf.reduce_sum(entropy * batch.weights.astype(float), 1))
        loss += training.beta * divergence
        loss += training.l2 * sum(tf.reduce_sum(kernel**2) for kernel, _ in layers)
    assert next(masks, None) is None
    return [slope.numpy() for slope in tape.gradient(loss, given)]


def dense(tf, layers, values, masks):
    for kernel, bias in layers[:-1]:
        values = tf.nn.relu(values @ kernel + bias) * next(masks, 1.0)
    kernel, bias = layers[-1]
    return values @ kernel + bias
