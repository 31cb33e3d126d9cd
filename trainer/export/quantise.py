"""Round a decoder's weights to int8 so that the map it draws stays the same.

Rounding each weight to its nearest level is the best for the weight, not for the output. Here
the layers are rounded from input to output, and within a unit one weight at a time: those still
free, and the bias, are solved again (least squares over the whole map) to make up for the
error of all that is already rounded. Errors count for more where they could flip a step or
pass a ReLU. The idea is that of optimal brain quantisation; the layers are small enough
to solve every step exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.model.network import Array, Layer, sigmoid

LEVELS = 127
RIDGE = 1e-7
"""Share of the mean curvature that is added, so that units that never sound can be solved."""

SHUT = 1e-3
"""What an error counts where the ReLU behind it is shut, beside 1 where it is open."""

MARGIN = 0.02
"""How far below 0, of its spread, a sum still counts as open: rounding may open it."""

LEAST = 1e-4
"""What an error counts at the output where no threshold is near; the slope's square is 1/16."""


Matrix = NDArray[np.float64]


def rounded(decoder: tuple[Layer, ...], latents: Array) -> tuple[Layer, ...]:
    """Give a decoder whose kernels lie on the levels that the converter will choose.

    A level is the unit's largest weight / 127, so the converter's own rounding changes
    nothing more. `latents` (n, k) are the points of the map.
    """
    wanted = np.asarray(latents, float)
    given = wanted
    layers: list[Layer] = []
    for kernel, bias in decoder:
        last = len(layers) == len(decoder) - 1
        targets = wanted @ kernel.astype(float) + bias
        layers.append(_rounded_layer(kernel, given, targets, importance_of(targets, last=last)))
        wanted, given = np.maximum(targets, 0), np.maximum(_apply(layers[-1], given), 0)
    return tuple(layers)


def _apply(layer: Layer, values: Matrix) -> Matrix:
    result: Matrix = values @ layer[0].astype(float) + layer[1]
    return result


def importance_of(targets: Matrix, *, last: bool) -> Matrix:
    """Weigh errors in a layer's sums (n, units): by the sigmoid's slope, or an open ReLU."""
    if last:
        probability = sigmoid(targets.astype(np.float32)).astype(float)
        slope = probability * (1 - probability)
        importance: Matrix = slope**2 + LEAST
        return importance
    spread = targets.std(0) + 1e-9
    return np.where(targets > -MARGIN * spread, 1.0, SHUT)


def _rounded_layer(kernel: Array, given: Matrix, targets: Matrix, importance: Matrix) -> Layer:
    inputs = np.concatenate([given, np.ones((len(given), 1))], 1)
    units = [
        _rounded_unit(inputs, targets[:, unit], importance[:, unit])
        for unit in range(kernel.shape[1])
    ]
    solved = np.array(units).T
    return solved[:-1].astype(np.float32), solved[-1:].astype(np.float32)


def _rounded_unit(inputs: Matrix, target: Matrix, importance: Matrix) -> Matrix:
    """Solve one unit's weights, largest first, each rounded before the rest is solved again.

    Fixing a weight moves the free ones along its row of the inverse of their normal matrix. All
    these rows stand in one triangular factor of the inverse (Frantar et al. 2022, section 3),
    which stays accurate where the inverse itself does not.
    """
    weighted = inputs * importance[:, None]
    normal, right = inputs.T @ weighted, weighted.T @ target
    normal[np.diag_indices_from(normal)] += RIDGE * np.trace(normal) / len(normal)
    solved: Matrix = np.linalg.solve(normal, right)
    weights = len(solved) - 1
    order = np.append(np.argsort(-np.abs(solved[:weights])), weights)
    backwards = np.linalg.cholesky(normal[np.ix_(order[::-1], order[::-1])])
    factor = np.linalg.inv(backwards[::-1, ::-1])
    level = max(abs(solved[order[0]]), 1e-6) / LEVELS
    for place, index in enumerate(order[:-1]):
        rounded_to = level * np.clip(np.round(solved[index] / level), -LEVELS, LEVELS)
        row = factor[place, place:] / factor[place, place]
        solved[order[place:]] += (rounded_to - solved[index]) * row
        solved[index] = rounded_to
    return solved
