"""Time a population of 64 candidates against one Keras `fit` of the same number of steps.

python tests/bench/bench_train.py [--steps N] [--rounds N]

Both train model1's layers with the same optimiser, by turns; each round gives a ratio, and the
median is reported. Keras is timed warm, for a fifth of the steps, and multiplied up (so its
loss is that of a fifth); our compilation is counted in every round, and shown.
"""

import argparse
import sys
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np

from tests.trainer.rhythms import dataset_of, rhythms
from trainer.model.fit import CHUNK_STEPS, Targets, cross_entropy, fit
from trainer.model.models import STRUCTURES, Array, initial
from trainer.model.targets import targets_of
from trainer.model.train_step import Training, tensorflow

PATTERNS, CANDIDATES, KERAS_SHARE = 168, 64, 5
TRAINING = Training(
    latent_kind="relu", candidates=CANDIDATES, steps=3000, learning_rate=1e-3, decay=False
)


def now() -> Array:
    """Give the seconds by the wall clock, and of both cores' work."""
    return np.array([time.perf_counter(), time.process_time()])


def time_keras(onset: np.ndarray, steps: int) -> tuple[Array, float]:
    """Give the time of a warm `fit` of so many steps on the patterns, and its loss."""
    import keras

    hidden = STRUCTURES["model1"].hidden
    sizes = [(size, "relu") for size in (*hidden, 2, *reversed(hidden))]
    layers = [keras.layers.Dense(size, kind) for size, kind in [*sizes, (32, "sigmoid")]]
    network = keras.Sequential([keras.Input((32,)), *layers])
    network.compile(keras.optimizers.Adam(TRAINING.learning_rate), "binary_crossentropy")
    network.fit(onset, onset, TRAINING.batch, epochs=2, verbose=0)
    epochs = steps * TRAINING.batch // len(onset)
    start = now()
    network.fit(onset, onset, TRAINING.batch, epochs=epochs, verbose=0)
    return now() - start, float(network.evaluate(onset, onset, verbose=0))


def time_population(data: Targets, steps: int) -> tuple[Array, Array, Array]:
    """Give the time of all, that of compiling alone, and the candidates' losses."""
    training = replace(TRAINING, steps=steps)
    rng = np.random.default_rng(0)
    stack = initial(STRUCTURES["model1"].layers(2, 1), "relu", CANDIDATES, rng)
    marks = [now()]
    model, _ = fit(stack, data, training, rng, lambda _: marks.append(now()))
    chunks = [after - before for before, after in pairwise(marks[1:])]
    compiling = marks[1] - marks[0] - np.median(chunks, axis=0)
    return marks[-1] - marks[0], compiling, cross_entropy(model, data)


def main() -> None:
    """Run both by turns and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=TRAINING.steps)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.steps < 2 * CHUNK_STEPS:
        parser.error(f"--steps: {2 * CHUNK_STEPS} or more, to tell compiling from training")
    tensorflow()
    data = targets_of(dataset_of(rhythms(PATTERNS)), ("onset",))
    times, totals = [], []
    for _ in range(arguments.rounds):
        ours, compiling, losses = time_population(data, arguments.steps)
        part, keras_loss = time_keras(data.onset, arguments.steps // KERAS_SHARE)
        times.append([part * KERAS_SHARE, ours, compiling])
        totals.append(part[0] * KERAS_SHARE / ours[0])
    keras, ours, compiling = np.median(times, axis=0)
    total, reach = np.median(totals), f"{min(totals):.1f} to {max(totals):.1f}"
    spread = f"{np.median(losses):.3f} median, {losses.min():.3f} best"
    lines = [
        f"{arguments.steps} minibatches of {TRAINING.batch}     wall s   CPU s   loss",
        f"Keras fit, one model    {keras[0]:10.1f} {keras[1]:7.1f}   {keras_loss:.3f}",
        f"population of {CANDIDATES}        {ours[0]:10.1f} {ours[1]:7.1f}   {spread}",
        f"  of it, compiling      {compiling[0]:10.1f} {compiling[1]:7.1f}",
        f"faster in total         {total:10.1f}   rounds from {reach}",
        f"faster per candidate    {total * CANDIDATES:10.0f}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
