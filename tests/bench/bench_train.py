"""Time a population of 64 candidates against one Keras `fit` of the same number of steps.

python tests/bench/bench_train.py [--steps N]

Both train model1's layers on the same minibatches with the same optimiser, in one run. Keras is
timed for a share of the steps and multiplied up; its own start-up is not counted, while our
compilation is counted and shown.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tests.trainer.rhythms import dataset_of, rhythms
from trainer.compiled import Training, tensorflow
from trainer.models import STRUCTURES, initial
from trainer.population import CHUNK_STEPS, cross_entropy, fit, minibatches
from trainer.targets import targets_of

PATTERNS, CANDIDATES, KERAS_SHARE = 168, 64, 5
TRAINING = Training(
    latent_kind="relu", candidates=CANDIDATES, steps=3000, learning_rate=1e-3, decay=False
)


def timed(work: Callable[[], object]) -> float:
    """Give the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def time_keras(onset: np.ndarray, steps: int) -> tuple[float, float]:
    """Give the seconds for so many steps of a warm `fit`, and the loss after them."""
    import keras

    hidden = STRUCTURES["model1"].hidden
    sizes = [(size, "relu") for size in (*hidden, 2, *reversed(hidden))]
    layers = [keras.layers.Dense(size, kind) for size, kind in [*sizes, (32, "sigmoid")]]
    network = keras.Sequential([keras.Input((32,)), *layers])
    network.compile(keras.optimizers.Adam(TRAINING.learning_rate), "binary_crossentropy")
    rows = minibatches(len(onset), TRAINING.batch, steps, np.random.default_rng(0)).ravel()
    inputs = onset[rows]
    network.fit(
        inputs[: 5 * TRAINING.batch], inputs[: 5 * TRAINING.batch], TRAINING.batch, verbose=0
    )
    seconds = timed(
        lambda: network.fit(inputs, inputs, TRAINING.batch, shuffle=False, verbose=0)
    )
    return seconds, float(network.evaluate(onset, onset, verbose=0))


def main() -> None:
    """Run both and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=TRAINING.steps)
    steps = parser.parse_args().steps
    tensorflow()
    training = replace(TRAINING, steps=steps)
    data = targets_of(dataset_of(rhythms(PATTERNS)), ("onset",))
    rng = np.random.default_rng(0)
    stack = initial(STRUCTURES["model1"].layers(2, 1), "relu", CANDIDATES, rng)

    marks = [time.perf_counter()]
    model, _ = fit(stack, data, training, rng, lambda _: marks.append(time.perf_counter()))
    spans = np.diff(marks)
    run_s = float(np.median(spans[1:])) * len(spans)
    compile_s = float(spans.sum()) - run_s
    ours_s = float(spans.sum())
    keras_s, keras_loss = time_keras(data.onset, steps // KERAS_SHARE)
    keras_s *= KERAS_SHARE
    loss = cross_entropy(model, data)
    print(f"{steps} minibatches of {training.batch}, chunks of {CHUNK_STEPS}")
    print(
        f"Keras fit, one model        {keras_s:7.1f} s   loss {keras_loss:.3f} (a fifth of it)"
    )
    print(
        f"population, {CANDIDATES} candidates   {ours_s:7.1f} s   compiling {compile_s:.1f} s"
    )
    print(
        f"                            median loss {np.median(loss):.3f}, best {loss.min():.3f}"
    )
    print(f"faster in total             {keras_s / ours_s:7.1f} x")
    print(f"faster per candidate        {keras_s / ours_s * CANDIDATES:7.0f} x")


if __name__ == "__main__":
    main()
