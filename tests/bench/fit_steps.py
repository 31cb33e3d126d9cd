"""Fit the network that decides each step (trainer/steps.npz) on rendered loops.

    python -m tests.bench.fit_steps judge --soundfont FluidR3_GM.sf2 --one-shots DIR
    python -m tests.bench.fit_steps fit --soundfont FluidR3_GM.sf2 --one-shots DIR -o FILE.npz

`judge` fits on synthesised loops and half of the sampled sounds and prints how well that
does on the other half; `fit` fits on everything. Nothing else is ever fitted on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from tests.bench.renderings import KINDS, Rendering, rendering
from tests.bench.sampled import Sounds, sampled
from tests.bench.scoring import Pair, figures
from trainer.audio.audio_file import SAMPLE_RATE
from trainer.audio.features import StepFeatures, step_features
from trainer.audio.loudness import LOUDNESS_FEATURES
from trainer.audio.onset_strength import onset_strength
from trainer.audio.step_classifier import Network, classify_steps
from trainer.audio.synth import normalised
from trainer.audio.transcribe import fit_to_length

HIDDEN = (64, 32)
EPOCHS, BATCH, RATE, DROPOUT, DECAY = 20, 256, 2e-3, 0.2, 1e-4
_CORRECTION_S, _FURTHEST = 0.01, 5.0
_HITS, _VELOCITY = (1.0, 0.3, 1.0), (0.0, 0.0, 1.0)
"""What counts in fitting each half: the losses in onset, time and velocity."""

_SAY_OF_HITS = np.array([1, 1, 0.5], np.float32)
"""How much the first half says of each output; the other half says the rest. Of velocity they
know different things, and err less together."""

Array = NDArray[np.float32]
Layers = list[tuple[Array, Array]]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A loop's features beside its truth."""

    truth: Rendering
    features: StepFeatures

    @property
    def step_s(self) -> float:
        """Length of a sixteenth in seconds."""
        return 15 / self.truth.bpm


def example(truth: Rendering) -> Example:
    """Describe a loop as the encoder would."""
    steps, step_s = truth.onset.size, 15 / truth.bpm
    size = round(steps * step_s * SAMPLE_RATE)
    samples = normalised(fit_to_length(truth.samples, size), 1.0)
    features = step_features(samples, onset_strength(samples, 0, size), steps, step_s)
    # The sound is no longer needed, and thousands of loops would fill the memory.
    return Example(replace(truth, samples=samples[:0]), features)


def _synthesised(job: tuple[int, str]) -> Example:
    return example(rendering(*job))


def synthesised(count: int, pool: Pool) -> list[Example]:
    """Return `count` loops of each kind from the project's own synthesiser."""
    return pool.map(_synthesised, [(at, kind) for kind in KINDS for at in range(count)], 8)


def played(count: int, seed: int, sounds: Sounds, pool: Pool) -> list[Example]:
    """Return `count` loops of each kind, played on sampled sounds."""
    examples: list[Example] = []
    for kind in KINDS:
        examples += pool.map(example, sampled(kind, count, seed, sounds), 8)
    return examples


def targets(examples: Sequence[Example]) -> tuple[Array, Array]:
    """Return (steps, features), and (steps, 3): onset, time correction, velocity."""
    table = np.concatenate([one.features.table for one in examples])
    truths = []
    for one in examples:
        late = (one.truth.offset_s - one.features.offset_s) / _CORRECTION_S
        loud = one.truth.velocity / one.truth.velocity.max()
        late = np.clip(late, -_FURTHEST, _FURTHEST)
        truths.append(np.stack([one.truth.onset, late, loud], axis=1))
    return table, np.concatenate(truths).astype(np.float32)


def fit(examples: Sequence[Example], seed: int = 0) -> Network:
    """Fit a network of two halves that know nothing of each other.

    One learns onset, time and velocity; it does without what loudness() says. The other learns
    velocity alone, from the steps that have a note.
    """
    rng = np.random.default_rng(seed)
    table, wanted = targets(examples)
    mean, spread = table.mean(axis=0), table.std(axis=0) + np.float32(0.01)
    table = np.clip((table - mean) / spread, -5, 5).astype(np.float32)
    hits = _fitted(rng, table[:, :-LOUDNESS_FEATURES], wanted, _HITS, EPOCHS)
    notes = wanted[:, 0] > 0
    velocity = _fitted(rng, table[notes], wanted[notes], _VELOCITY, 2 * EPOCHS)
    return side_by_side(mean, spread, hits, velocity)


def side_by_side(mean: Array, spread: Array, hits: Layers, velocity: Layers) -> Network:
    """Join the two halves: the third output is the mean of what they say."""
    missing = len(velocity[0][0]) - len(hits[0][0])
    first = [np.pad(hits[0][0], ((0, missing), (0, 0))), velocity[0][0]]
    inner = [block_diag(one[0], other[0]) for one, other in zip(hits, velocity, strict=True)]
    last = [hits[-1][0] * _SAY_OF_HITS, velocity[-1][0] * (1 - _SAY_OF_HITS)]
    weights = [np.concatenate(first, axis=1), *inner[1:-1], np.concatenate(last)]
    biases = [np.concatenate(pair) for pair in _biases(hits[:-1], velocity[:-1])]
    biases.append(hits[-1][1] * _SAY_OF_HITS + velocity[-1][1] * (1 - _SAY_OF_HITS))
    return Network(mean, spread, tuple(weights), tuple(biases))


def _biases(hits: Layers, velocity: Layers) -> Iterable[tuple[Array, Array]]:
    return ((one[1], other[1]) for one, other in zip(hits, velocity, strict=True))


def _fitted(
    rng: np.random.Generator,
    table: Array,
    wanted: Array,
    counts: tuple[float, float, float],
    epochs: int,
) -> Layers:
    """Fit layers: cross-entropy on onsets; where there is one, Huber on time and velocity.

    Adam with a cosine schedule, dropout on inputs and hidden units, weight decay.
    """
    layers = [_layer(rng, a, b) for a, b in pairwise((table.shape[1], *HIDDEN, 3))]
    parameters = [part for layer in layers for part in layer]
    adam = _Adam(parameters, epochs * (len(table) // BATCH))
    for _ in range(epochs):
        order = rng.permutation(len(table))
        for at in range(0, len(table) - BATCH + 1, BATCH):
            rows = order[at : at + BATCH]
            adam.step(_gradients(rng, layers, table[rows], wanted[rows], counts))
    return layers


def _layer(rng: np.random.Generator, inputs: int, outputs: int) -> tuple[Array, Array]:
    scale = np.sqrt(2 / inputs) * (0.1 if outputs == 3 else 1)
    weights = rng.standard_normal((inputs, outputs)) * scale
    return weights.astype(np.float32), np.zeros(outputs, np.float32)


def _gradients(
    rng: np.random.Generator,
    layers: Layers,
    table: Array,
    wanted: Array,
    counts: tuple[float, float, float],
) -> list[Array]:
    inputs = [table * (rng.random(table.shape) > 0.05)]
    masks = []
    for weights, biases in layers[:-1]:
        hidden = np.maximum(inputs[-1] @ weights + biases, 0)
        masks.append((rng.random(hidden.shape) > DROPOUT) / np.float32(1 - DROPOUT))
        inputs.append(hidden * masks[-1])
    out = inputs[-1] @ layers[-1][0] + layers[-1][1]
    present = wanted[:, :1]
    slope = np.empty_like(out)
    slope[:, 0] = 1 / (1 + np.exp(-out[:, 0])) - wanted[:, 0]
    slope[:, 1:] = present * np.clip(out[:, 1:] - wanted[:, 1:], -1, 1)
    slope *= np.array(counts, np.float32) / len(table)
    found: list[Array] = []
    for at in range(len(layers) - 1, -1, -1):
        weights = layers[at][0]
        found = [inputs[at].T @ slope + DECAY * weights, slope.sum(axis=0), *found]
        if at:
            slope = (slope @ weights.T) * (inputs[at] > 0) * masks[at - 1]
    return found


class _Adam:
    """Adam (Kingma and Ba 2015) with a warm start and a cosine fall, in place."""

    def __init__(self, parameters: list[Array], steps: int) -> None:
        self._parameters, self._steps, self._now = parameters, steps, 0
        self._first = [np.zeros_like(part) for part in parameters]
        self._second = [np.zeros_like(part) for part in parameters]

    def step(self, gradients: Iterable[Array]) -> None:
        """Move every parameter a little against its gradient."""
        self._now += 1
        fall = 0.5 * (1 + np.cos(np.pi * self._now / self._steps))
        rate = RATE * min(1, self._now / 200) * fall
        rows = zip(self._parameters, self._first, self._second, gradients, strict=True)
        for part, first, second, slope in rows:
            np.add(first, 0.1 * (slope - first), out=first)
            np.add(second, 0.001 * (slope**2 - second), out=second)
            mean = first / (1 - 0.9**self._now)
            size = np.sqrt(second / (1 - 0.999**self._now)) + 1e-8
            np.subtract(part, rate * mean / size, out=part)


def judge(network: Network, examples: Sequence[Example]) -> dict[str, float]:
    """Return the figures of a network on loops."""
    return figures(
        Pair(
            one.truth.kind,
            one.truth.grid(),
            classify_steps(one.features, one.step_s, network),
            one.step_s * 1000,
        )
        for one in examples
    )


def write(network: Network, path: Path) -> None:
    """Write the network as the package reads it, weights in half precision."""
    arrays = {"mean": network.mean, "spread": network.spread}
    for at, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        arrays |= {f"weights{at}": weights.astype(np.float16), f"biases{at}": biases}
    np.savez_compressed(path, **arrays)


def main() -> None:
    """Fit and judge, or fit on everything and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["judge", "fit"])
    parser.add_argument("--soundfont", type=Path, required=True)
    parser.add_argument("--one-shots", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100, help="loops of each kind and source")
    parser.add_argument("-o", "--output", type=Path, default=Path("steps.npz"))
    options = parser.parse_args()
    halves = [Sounds(options.soundfont, options.one_shots, half) for half in (0, 1)]
    with Pool() as pool:
        examples = synthesised(options.count, pool)
        examples += played(options.count, 1000, halves[0], pool)
        if options.task == "fit":
            examples += played(options.count, 5000, halves[1], pool)
            write(fit(examples), options.output)
            return
        held_out = played(options.count // 3, 9000, halves[1], pool)
    for name, value in judge(fit(examples), held_out).items():
        print(f"{name:18s} {value:.3f}")  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
