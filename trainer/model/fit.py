"""Train many candidates of one structure at once.

All randomness is drawn here, by NumPy, and shared by the candidates, which differ by their
initial weights. The arithmetic of a chunk of minibatches is `compiled.py`'s.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.model.models import Array, Autoencoder, Layer, forward, latents_of
from trainer.model.train_step import Training, compiled_loop, tensorflow

CHUNK_STEPS = 250
"""Minibatches per call of the compiled loop; between calls progress is told and kept."""

TEAM = 8
"""Candidates that one core trains at once: the float32 lanes of a vector of 256 bits."""

HISTORY_PATTERNS = 512
"""How many patterns at the most the course of the loss is told of."""


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
    """Train the candidates of `start`, however many there are."""
    order = rng.permutation(len(targets.onset))
    held_count = held_back(len(order), training.hold_back)
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


def held_back(patterns: int, share: float) -> int:
    """Give how many of the patterns are not trained on: one at least, but never all."""
    return min(max(1, round(patterns * share)), patterns - 1) if share else 0


def _best(old: Autoencoder, new: Autoencoder, better: NDArray[np.bool_]) -> Autoencoder:
    chosen = [
        np.where(better[:, None, None], new_array, old_array)
        for old_array, new_array in zip(flat(old), flat(new), strict=True)
    ]
    return unflat(new.latent_kind, chosen, len(new.encoder))


def cross_entropy(model: Autoencoder, targets: Targets) -> Array:
    """Give the loss of each candidate without noise, divergence or penalties."""
    logits = forward(model.decoder, latents_of(model, targets.onset))
    # As np.logaddexp(0, logits), five times as fast.
    softplus = np.maximum(logits, 0) + np.log(1 + np.exp(-np.abs(logits)))
    error = softplus - targets.values * logits
    result: Array = (error * targets.weights).sum(-1).mean(-1)
    return result


def train(
    start: Autoencoder, targets: Targets, training: Training, rng: np.random.Generator
) -> Iterator[tuple[Autoencoder, float]]:
    """Yield, per chunk, the candidates and the share of the run done."""
    tf = tensorflow()
    chunks = -(-training.steps // CHUNK_STEPS)
    rows = minibatches(len(targets.onset), training.batch, CHUNK_STEPS, rng)
    data = tf.constant(np.hstack([targets.onset, targets.values, targets.weights]))
    teams = _teams(_joined(start))
    shapes = [(*array.shape[1:], TEAM) for array in flat(start)]
    states: list[Any] = [(team, np.zeros_like(team), np.zeros_like(team)) for team in teams]
    loop = compiled_loop(tf, training, shapes, len(start.encoder))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for first in range(0, chunks * CHUNK_STEPS, CHUNK_STEPS):
            chance = next(rows), *_noise(start, training, _fade(training, first), rng)
            drawn = [tf.constant(array) for array in chance]
            if not first:
                # Traced once here, since threads that begin together would each do it.
                loop.get_concrete_function(states[0], drawn, tf.constant(first), data)
            further = partial(loop, drawn=drawn, start=tf.constant(first), data=data)
            states = list(pool.map(further, states))
            # Laid out by candidate, or each product of theirs would take five times as long.
            weights = np.ascontiguousarray(np.concatenate([s[0] for s in states], axis=1).T)
            yield _parted(weights[: len(flat(start)[0])], start), 1 / chunks


def _teams(weights: Array) -> list[Array]:
    """Part (candidates, all weights) into teams (all weights, `TEAM`), the last filled up.

    The number of cores does not count, so that it cannot change what comes out.
    """
    teams = -(-len(weights) // TEAM)
    filled = np.resize(weights, (teams * TEAM, weights.shape[1]))
    return [np.ascontiguousarray(team.T) for team in np.split(filled, teams)]


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


def minibatches(
    patterns: int, batch: int, steps: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int32]]:
    """Yield row numbers (steps, batch), without end: one shuffled pass after another."""
    left = np.empty(0, np.int32)
    while True:
        passes = max(0, -(-(steps * batch - len(left)) // patterns))
        shuffled = (rng.permutation(patterns).astype(np.int32) for _ in range(passes))
        left = np.concatenate([left, *shuffled])
        drawn, left = np.split(left, [steps * batch])
        yield drawn.reshape(steps, batch)


def flat(model: Autoencoder) -> list[Array]:
    """List all arrays, kernel before bias, encoder before decoder."""
    return [array for layer in (*model.encoder, *model.decoder) for array in layer]


def unflat(latent_kind: str, arrays: list[Array], depth: int) -> Autoencoder:
    """Undo `flat` for an encoder of `depth` layers."""
    layers: list[Layer] = list(zip(arrays[::2], arrays[1::2], strict=True))
    return Autoencoder(latent_kind, tuple(layers[:depth]), tuple(layers[depth:]))


def _fade(training: Training, first: int) -> Array:
    """Give a chunk's shares of learning rate and dropout; none to steps that only fill it."""
    along = np.minimum(np.arange(first, first + CHUNK_STEPS) / training.steps, 1)
    share = 0.5 * (1 + np.cos(np.pi * along)) if training.decay else along < 1
    return share.astype(np.float32)


def _noise(
    start: Autoencoder, training: Training, fade: Array, rng: np.random.Generator
) -> list[Array]:
    """Give one chunk's learning rates, a `vae`'s normals, and the dropout after each ReLU."""
    shape = (CHUNK_STEPS, training.batch)
    drawn = [
        training.learning_rate * fade,
        rng.standard_normal((*shape, start.latents), np.float32),
    ]
    if not training.dropout:
        return drawn
    encoder = start.encoder if training.latent_kind == "relu" else start.encoder[:-1]
    sizes = [kernel.shape[-1] for kernel, _ in (*encoder, *start.decoder[:-1])]
    kept = 1 - training.dropout * fade[:, None, None]
    masks = [(rng.random((*shape, size), np.float32) < kept) / kept for size in sizes]
    return [*drawn, *(mask.astype(np.float32) for mask in masks)]
