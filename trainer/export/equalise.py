"""Make hidden units louder or softer so that rounding the weights behind them costs least.

A ReLU unit may be made s times as loud if all that listen to it divide by s: the decoder
computes the same. But a listening unit has one int8 level for all its weights, set by the
largest, so a soft unit whose weights must be large makes the others' coarse. (The freedom is
that of cross-layer equalisation, Nagel et al. 2019, section 4.1, which makes ranges alike; here
the noise that rounding is expected to make is lowered instead.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from trainer.export.quantise import importance_of
from trainer.model.network import Array, Layer

SHARPNESS = 16
"""The power mean that stands for a maximum, so that there is a slope to follow."""

LOUDEST = 3.0
"""How far a unit's loudness may go, as a natural logarithm."""

Matrix = NDArray[np.float64]


def equalised(decoder: tuple[Layer, ...], latents: Array) -> tuple[Layer, ...]:
    """Give a decoder that computes the same; `latents` (n, k) are the points of the map."""
    layers = list(decoder)
    values: Matrix = np.asarray(latents, float)
    for place in range(len(layers) - 1):
        (kernel, bias), (behind, behind_bias) = layers[place : place + 2]
        activations = np.maximum(values @ kernel + bias, 0)
        targets = activations @ behind + behind_bias
        last = place + 2 == len(layers)
        loudness = _loudness(activations, behind, importance_of(targets, last=last).mean(0))
        layers[place] = (kernel * loudness, bias * loudness)
        layers[place + 1] = (behind / loudness[:, None], behind_bias)
        values = activations * loudness
    return tuple(
        (kernel.astype(np.float32), bias.astype(np.float32)) for kernel, bias in layers
    )


def _loudness(activations: Matrix, kernel: Array, weight: Matrix) -> Matrix:
    """Solve for what to multiply units (n, units) by, before a kernel (units, listeners).

    A rounded weight is wrong by a share of its listener's level, and what comes of it is that
    times the unit's own loudness; `weight` (listeners) says how much it matters there.
    """
    loud = 0.5 * np.log((activations**2).mean(0) + 1e-12)
    large = np.log(np.abs(kernel).astype(float) + 1e-12)

    def noise(change: Matrix) -> tuple[float, Matrix]:
        """Give the logarithm of the noise and its gradient."""
        size = SHARPNESS * (large - change[:, None])
        total = np.logaddexp.reduce(size, 0)
        at_level = weight * np.exp(2 * total / SHARPNESS)
        unit = np.logaddexp.reduce(2 * (change + loud))
        slope = 2 * np.exp(2 * (change + loud) - unit)
        slope -= 2 * np.exp(size - total) @ (at_level / at_level.sum())
        return float(np.log(at_level.sum()) + unit), slope

    limits = [(-LOUDEST, LOUDEST)] * len(loud)
    found = minimize(noise, np.zeros(len(loud)), jac=True, bounds=limits).x
    loudness: Matrix = np.exp(found - found.mean())
    return loudness
