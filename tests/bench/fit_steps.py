"""Fit the network that decides each step (trainer/audio/steps.npz) on rendered loops.

    python -m tests.bench.fit_steps judge GROOVES MDB --soundfont FluidR3_GM.sf2
    python -m tests.bench.fit_steps fit GROOVES MDB --soundfont FluidR3_GM.sf2 -o FILE.npz

Fits on human performances (performances.py), synthesised loops (renderings.py) and sampled
ones (sampled.py), drawn in parts. Judged beside the shipped weights on what held_out.py keeps
out of fitting, with the 95 % interval of the difference; `fit` writes the weights too. With
--beside they are averaged with earlier ones: the shipped weights are two parts beside those
of version 0.1.0.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from tests.bench.held_out import kit_loops, real_loops, soundfont_loops
from tests.bench.performances import FITTED, performance, read_grooves
from tests.bench.renderings import KINDS, Rendering, rendering
from tests.bench.sampled import Sounds, sampled
from tests.bench.scoring import Pair, figures, interval
from tests.bench.strangers import SHOTS
from trainer.audio.audio_file import SAMPLE_RATE
from trainer.audio.features import StepFeatures, step_features
from trainer.audio.loudness import LOUDNESS_FEATURES
from trainer.audio.onset_strength import onset_strength
from trainer.audio.step_classifier import Network, classify_steps, read_network, shipped_network
from trainer.audio.synth import normalised
from trainer.audio.transcribe import fit_to_length

HUMAN, PLAYED, SYNTHESISED, PARTS = 250, 18, 40, 2
"""Loops of each part: performances; sampled ones per half and kind; synthesised per kind."""

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


def material(part: int, grooves: Path, soundfont: Path) -> list[Example]:
    """Return one part of what is fitted on; parts are drawn anew."""
    rng, recordings = np.random.default_rng(part), read_grooves(grooves, "train")
    found = [example(performance(rng, recordings, FITTED)) for _ in range(HUMAN)]
    for half in (0, 1):
        sounds, seed = Sounds(soundfont, SHOTS, half), 1000 + 100_000 * part + 777 * half
        found += [example(o) for kind in KINDS for o in sampled(kind, PLAYED, seed, sounds)]
    first = 1000 * part
    found += [
        example(rendering(first + at, kind)) for kind in KINDS for at in range(SYNTHESISED)
    ]
    return found


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
    return side_by_side(mean, spread, hits, velocity, _SAY_OF_HITS)


def side_by_side(mean: Array, spread: Array, one: Layers, other: Layers, say: Array) -> Network:
    """Join two networks; `say` is what the first says of each output, the other the rest."""
    missing = len(other[0][0]) - len(one[0][0])
    first = [np.pad(one[0][0], ((0, missing), (0, 0))), other[0][0]]
    inner = [block_diag(each[0], twin[0]) for each, twin in zip(one, other, strict=True)]
    last = [one[-1][0] * say, other[-1][0] * (1 - say)]
    weights = [np.concatenate(first, axis=1), *inner[1:-1], np.concatenate(last)]
    biases = [np.concatenate(pair) for pair in _biases(one[:-1], other[:-1])]
    biases.append(one[-1][1] * say + other[-1][1] * (1 - say))
    return Network(mean, spread, tuple(weights), tuple(biases))


def averaged(one: Network, other: Network) -> Network:
    """Return a network whose outputs are the mean of two, as clipped by the first.

    The other's standardisation is expressed in that of the first.
    """
    weights, bias = other.weights[0], other.biases[0]
    bias = bias + ((one.mean - other.mean) / other.spread) @ weights
    first = (weights * (one.spread / other.spread)[:, None], bias)
    layers = [first, *zip(other.weights[1:], other.biases[1:], strict=True)]
    own = list(zip(one.weights, one.biases, strict=True))
    return side_by_side(one.mean, one.spread, own, layers, np.full(3, 0.5, np.float32))


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


def pairs(network: Network, examples: Sequence[Example]) -> list[Pair]:
    """Return what a network detects in loops beside what was played."""
    return [
        Pair(
            one.truth.kind,
            one.truth.grid(),
            classify_steps(one.features, one.step_s, network),
            one.step_s * 1000,
        )
        for one in examples
    ]


def write(network: Network, path: Path) -> None:
    """Write the network as the package reads it, weights in half precision."""
    arrays = {"mean": network.mean, "spread": network.spread}
    for at, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        arrays |= {f"weights{at}": weights.astype(np.float16), f"biases{at}": biases}
    np.savez_compressed(path, **arrays)


def held_out(grooves: Path, real: Path) -> dict[str, list[Example]]:
    """Describe the loops that are kept out of fitting."""
    loops = {
        "kits": kit_loops(grooves),
        "soundfont": soundfont_loops(),
        "real drums": real_loops(real),
    }
    return {name: [example(one) for one in part] for name, part in loops.items()}


def compare(network: Network, judged: Mapping[str, Sequence[Example]]) -> None:
    """Print the figures of a network beside the shipped one's."""
    for name, part in judged.items():
        new, old = pairs(network, part), pairs(shipped_network(), part)
        low, high = interval(new, old)
        print(f"{name}: F1 less that of the shipped weights {low:+.4f}..{high:+.4f}")  # noqa: T201
        before = figures(old)
        for figure, value in figures(new).items():
            print(f"  {figure:18s} {value:.3f}  shipped {before[figure]:.3f}")  # noqa: T201


def main() -> None:
    """Fit and compare with the shipped weights; write with `fit`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["judge", "fit"])
    parser.add_argument("grooves", type=Path)
    parser.add_argument("real", type=Path, help="the folder `MDB Drums`")
    parser.add_argument("--soundfont", type=Path, required=True)
    parser.add_argument("--parts", type=int, default=PARTS)
    parser.add_argument("--beside", type=Path, help="earlier weights, to be averaged with")
    parser.add_argument("-o", "--output", type=Path, default=Path("steps.npz"))
    options = parser.parse_args()
    jobs = [(part, options.grooves, options.soundfont) for part in range(options.parts)]
    with Pool() as pool:
        parts = pool.starmap(material, jobs, 1)
    network = fit([one for part in parts for one in part])
    if options.beside:
        network = averaged(read_network(options.beside), network)
    compare(network, held_out(options.grooves, options.real))
    if options.task == "fit":
        write(network, options.output)


if __name__ == "__main__":
    main()
