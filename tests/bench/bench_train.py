"""Time a population of 64 candidates against one Keras `fit` of the same number of steps.

python tests/bench/bench_train.py [--steps N]

Both train model1's layers with the same optimiser, in one run. Keras is
timed warm, for a fifth of the steps, and multiplied up (so its loss is that of a fifth); our
compilation is counted, and shown.
"""

import argparse
import sys
import time
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tests.trainer.rhythms import dataset_of, rhythms
from trainer.compiled import Training, tensorflow
from trainer.models import STRUCTURES, Array, initial
from trainer.population import Targets, cross_entropy, fit
from trainer.targets import targets_of

PATTERNS, CANDIDATES, KERAS_SHARE = 168, 64, 5
TRAINING = Training(
    latent_kind="relu", candidates=CANDIDATES, steps=3000, learning_rate=1e-3, decay=False
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds by the wall clock, and of both cores' work."""

    wall_s: float
    cpu_s: float

    def __sub__(self, other: "Moment") -> "Moment":
        return Moment(self.wall_s - other.wall_s, self.cpu_s - other.cpu_s)


def now() -> Moment:
    """Read both clocks."""
    return Moment(time.perf_counter(), time.process_time())


def time_keras(onset: np.ndarray, steps: int) -> tuple[Moment, float]:
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


def time_population(data: Targets, steps: int) -> tuple[Moment, Moment, Array]:
    """Give the time of all, that of compiling alone, and the candidates' losses."""
    training = replace(TRAINING, steps=steps)
    rng = np.random.default_rng(0)
    stack = initial(STRUCTURES["model1"].layers(2, 1), "relu", CANDIDATES, rng)
    marks = [now()]
    model, _ = fit(stack, data, training, rng, lambda _: marks.append(now()))
    chunks = [after - before for before, after in pairwise(marks[1:])]
    first, usual = marks[1] - marks[0], min(chunks, key=lambda chunk: chunk.cpu_s)
    return marks[-1] - marks[0], first - usual, cross_entropy(model, data)


def main() -> None:
    """Run both and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=TRAINING.steps)
    steps = parser.parse_args().steps
    tensorflow()
    data = targets_of(dataset_of(rhythms(PATTERNS)), ("onset",))
    ours, compiling, losses = time_population(data, steps)
    part, keras_loss = time_keras(data.onset, steps // KERAS_SHARE)
    keras = Moment(part.wall_s * KERAS_SHARE, part.cpu_s * KERAS_SHARE)
    total = keras.wall_s / ours.wall_s
    spread = f"{np.median(losses):.3f} median, {losses.min():.3f} best"
    lines = [
        f"{steps} minibatches of {TRAINING.batch}     wall s   CPU s   loss",
        f"Keras fit, one model    {keras.wall_s:10.1f} {keras.cpu_s:7.1f}   {keras_loss:.3f}",
        f"population of {CANDIDATES}        {ours.wall_s:10.1f} {ours.cpu_s:7.1f}   {spread}",
        f"  of it, compiling      {compiling.wall_s:10.1f} {compiling.cpu_s:7.1f}",
        f"faster in total         {total:10.1f} {keras.cpu_s / ours.cpu_s:7.1f}",
        f"faster per candidate    {total * CANDIDATES:10.0f}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
