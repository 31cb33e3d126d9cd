"""Whether a file is a loop: a small network over features of the whole file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from trainer.audio.audio_file import Samples
from trainer.audio.loop_features import loop_features

WEIGHTS = "loop_check.npz"
LEAST = 0.25
"""Probability of a loop below which a file is left out."""

_CLIP = 4.0
KINDS = ("loop", "one-shot", "noise", "speech", "no steady pulse")


@dataclass(frozen=True, slots=True, eq=False)
class LoopNetwork:
    """A perceptron with one hidden layer (tanh), from loop_features() to KINDS.

    mean, spread: float32 (features,); weights[i]: float32 (inputs, outputs); biases[i]:
    float32 (outputs,).
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    weights: tuple[NDArray[np.float32], NDArray[np.float32]]
    biases: tuple[NDArray[np.float32], NDArray[np.float32]]

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability of each kind, float64 (..., kinds)."""
        inputs = np.clip((features - self.mean) / self.spread, -_CLIP, _CLIP)
        hidden = np.tanh(inputs @ self.weights[0] + self.biases[0])
        logits = (hidden @ self.weights[1] + self.biases[1]).astype(float)
        shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


@cache
def shipped_network() -> LoopNetwork:
    """Return the weights in the package, fitted by tests/bench/fit_loop_check.py."""
    with (
        files(__package__).joinpath(WEIGHTS).open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    return LoopNetwork(
        arrays["mean"],
        arrays["spread"],
        (arrays["weights0"], arrays["weights1"]),
        (arrays["biases0"], arrays["biases1"]),
    )


def not_a_loop(samples: Samples) -> str:
    """Return what a file is instead of a loop (one of KINDS), or an empty string."""
    shares = shipped_network().probabilities(loop_features(samples))
    return "" if shares[0] >= LEAST else KINDS[1 + int(np.argmax(shares[1:]))]
