"""The autoencoder of a map, trained in numpy: loops go to their places, places to the blend.

The decoder learns from two sources. Most of a batch are places anywhere on the map, with what
the teacher plays there. The rest are loops: the encoder takes them to latents, which are pulled
towards the loop's place, and the decoder has to give the loop back from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from trainer.model.adam import Adam, learning_rate
from trainer.model.layout import Layout
from trainer.model.network import (
    LATENT_SPAN,
    Array,
    Autoencoder,
    Layer,
    Stack,
    glorot,
    latents_at,
    sigmoid,
    weights_in,
)
from trainer.model.rhythm import Matrix
from trainer.model.sampling import spread

STEPS_DEFAULT = 10_000

POOL = 8000
"""Places on the map that are learned."""

SHARED_SEED = 1

MARGIN = 0.02
"""How far beyond the unit square they lie at most, so that its edge is no edge."""


@dataclass(frozen=True, slots=True)
class StudentConfig:
    """Sizes and schedule.

    `loop_share` of each batch are loops; `jitter` is how far, in cells, they are moved at most;
    `position_weight` weighs the squared error of a loop's latents. A report follows every
    `report_steps` steps. `shared` is the share of the steps that does not depend on the random
    stream: maps of two streams then have every loop at nearly the same place.
    """

    encoder: tuple[int, ...] = (64, 64)
    decoder: tuple[int, ...] = (64, 72)
    steps: int = STEPS_DEFAULT
    batch: int = 128
    learning_rate: float = 1.5e-2
    loop_share: float = 0.25
    jitter: float = 0.15
    position_weight: float = 200.0
    report_steps: int = 250
    shared: float = 0.98


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a student learns.

    Loops (n, 32) at their places, and onset probabilities (m, 32) at places (m, 2).
    """

    loops: Array
    layout: Layout
    places: Matrix
    targets: Array


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """How far a training is, 0..1, the mean squared error since the last stage, the model."""

    share: float
    error: float
    model: Autoencoder


def train(lesson: Lesson, config: StudentConfig, rng: np.random.Generator) -> Iterator[Stage]:
    """Train a student; the last stage, share 1, is the result. Stop by not asking for more.

    `rng` draws what is not shared; see `StudentConfig`.
    """
    student = _Student(lesson, config, rng)
    error = 0.0
    for step in range(1, config.steps + 1):
        error += student.step((step - 1) / config.steps)
        if step % config.report_steps == 0 or step == config.steps:
            steps = (step - 1) % config.report_steps + 1
            yield Stage(step / config.steps, error / steps, student.model())
            error = 0.0


def learned_places() -> Matrix:
    """Give `POOL` places that cover the map and its margin evenly."""
    return spread(POOL, 2) * (1 + 2 * MARGIN) - MARGIN


class _Student:
    """Weights under training and the random stream that draws the batches."""

    def __init__(self, lesson: Lesson, config: StudentConfig, rng: np.random.Generator) -> None:
        self._lesson, self._config = lesson, config
        sizes = (STEPS, *config.encoder, 2), (2, *config.decoder, STEPS)
        middle, end = weights_in(sizes[0]), sum(map(weights_in, sizes))
        self._weights, self._slopes = np.zeros(end, np.float32), np.zeros(end, np.float32)
        parts = slice(0, middle), slice(middle, end)
        self._encoder, self._decoder = (
            Stack(size, self._weights[part], self._slopes[part])
            for size, part in zip(sizes, parts, strict=True)
        )
        self._adam = Adam(end)
        first = np.random.default_rng(SHARED_SEED) if config.shared else rng
        glorot([*self._encoder.layers, *self._decoder.layers], first)
        spread_creases(self._decoder.layers[0], first.random(3))
        self._latents = latents_at(lesson.layout.places)
        self._places = latents_at(lesson.places)
        self._loop_rows = round(config.batch * config.loop_share)
        alike, own = (_draws(lesson, config, self._loop_rows, one) for one in (first, rng))
        self._draws = chain(islice(alike, round(config.shared * config.steps)), own)

    def step(self, share: float) -> float:
        """Learn one batch; give its mean squared error."""
        config, rows, draw = self._config, self._loop_rows, next(self._draws)
        patterns = self._lesson.loops[draw.loop]
        encoded = self._encoder.run(patterns)
        latents = np.concatenate([encoded[-1] + draw.jitter, self._places[draw.place]])
        decoded = self._decoder.run(latents)
        slope = sigmoid(decoded[-1])
        slope -= np.concatenate([patterns, self._lesson.targets[draw.place]])
        error = float(np.vdot(slope, slope)) / slope.size
        slope /= np.float32(config.batch)
        sums = self._decoder.backpropagate(decoded, slope)[:rows]
        astray = encoded[-1] - self._latents[draw.loop]
        astray *= np.float32(config.position_weight / config.batch)
        astray += sums @ self._decoder.layers[0][0].T
        self._encoder.backpropagate(encoded, astray)
        self._adam.step(self._weights, self._slopes, learning_rate(config.learning_rate, share))
        return error

    def model(self) -> Autoencoder:
        """Copy the weights as they are."""
        encoder, decoder = (
            tuple((kernel.copy(), bias.copy()) for kernel, bias in stack.layers)
            for stack in (self._encoder, self._decoder)
        )
        return Autoencoder("linear", encoder, decoder)


@dataclass(frozen=True, slots=True, eq=False)
class _Draw:
    """The rows of a batch: loops, how far their latents are moved, and places."""

    loop: NDArray[np.intp]
    jitter: Array
    place: NDArray[np.intp]


def _draws(
    lesson: Lesson, config: StudentConfig, rows: int, rng: np.random.Generator
) -> Iterator[_Draw]:
    """Draw batches for ever, many at once, since a call takes as long as a hundred draws."""
    reach = np.float32(config.jitter * lesson.layout.cell * LATENT_SPAN)
    while True:
        shape = config.report_steps, rows
        loops = rng.integers(0, len(lesson.loops), shape)
        jitters = (rng.random((*shape, 2), np.float32) * 2 - 1) * reach
        other = config.report_steps, config.batch - rows
        places = rng.integers(0, len(lesson.places), other)
        yield from map(_Draw, loops, jitters, places)


def spread_creases(layer: Layer, shift: Matrix) -> None:
    """Let each unit of a decoder's first layer bend elsewhere on the map, in its own direction.

    With biases of 0 all of them would bend in the middle of the map. `shift` (3) moves the
    directions and the points, 0..1.
    """
    kernel, bias = layer
    angle, *point = spread(kernel.shape[1], 3, shift).T
    kernel[:] = np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)
    bias[:] = -(kernel * (np.array(point) - 0.5)).sum(0, keepdims=True) * LATENT_SPAN
