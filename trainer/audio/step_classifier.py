"""Which sixteenths have an onset: a small perceptron over the features of each step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from trainer.audio.features import StepFeatures
from trainer.audio.grid import Grid

WEIGHTS = "steps.npz"
_TIME_S = 0.01
_ONSET_PROBABILITY = 0.42  # best on sounds held out from fitting, from 0.42 to 0.5
_LOUDNESS = 0.4  # weight of the attack's own level in the velocity
_CLIP = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A perceptron: standardised features to onset logit, time correction and velocity.

    weights[i]: float32 (inputs, outputs); biases[i]: float32 (outputs,); the hidden layers
    are rectified. mean, spread: float32 (features,). The time correction is in units of
    10 ms, the velocity a share of the loop's highest.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]

    def outputs(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (steps, 3): onset logit, time correction, velocity."""
        layer = np.clip((table - self.mean) / self.spread, -_CLIP, _CLIP)
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layer = np.maximum(layer @ weights + biases, 0)
        return np.asarray(layer @ self.weights[-1] + self.biases[-1])


@cache
def weights_digest() -> str:
    """Return the SHA-256 of the weights, which identifies what they classify."""
    return sha256(files(__package__).joinpath(WEIGHTS).read_bytes()).hexdigest()


@cache
def shipped_network() -> Network:
    """Return the weights in the package, fitted by tests/bench/fit_steps.py."""
    with files(__package__).joinpath(WEIGHTS).open("rb") as file:
        return read_network(file)


def read_network(file: IO[bytes] | Path) -> Network:
    """Read weights as tests/bench/fit_steps.py writes them."""
    with np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    depth = sum(name.startswith("weights") for name in arrays)
    return Network(
        arrays["mean"],
        arrays["spread"],
        tuple(arrays[f"weights{layer}"] for layer in range(depth)),
        tuple(arrays[f"biases{layer}"] for layer in range(depth)),
    )


def classify_steps(features: StepFeatures, step_s: float, network: Network) -> Grid:
    """Return the onsets of a section of a loop, with velocity and micro-timing."""
    logit, correction, velocity = network.outputs(features.table).T.astype(float)
    onset = logit > np.log(_ONSET_PROBABILITY / (1 - _ONSET_PROBABILITY))
    loudness = np.sqrt(features.level / max(1e-6, features.level.max()))
    velocity = (1 - _LOUDNESS) * velocity + _LOUDNESS * loudness
    offset = (features.offset_s + correction * _TIME_S) / step_s
    return Grid(
        onset,
        np.where(onset, np.clip(velocity, 0.02, 1), 0),
        np.where(onset, np.clip(offset, -0.499, 0.5), 0),
    )
