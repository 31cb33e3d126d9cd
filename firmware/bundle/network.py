"""The dense layers of a decoder and the limits that keep them quick and within their types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS

LATENTS = range(2, 5)
WIDTHS = tuple(STEPS * heads for heads in (1, 2, 3))
LAYERS_MAX = 7
UNITS_MAX = 256
WEIGHTS_MAX = 1 << 16
"""Bounds the time of a decode and the memory of its matrices."""

LATENT_MAX = 1e6
VALUE_MAX = 1e30
"""What a float32 layer may reach from latents within +-LATENT_MAX; float32 ends at 3e38."""

SUM_MAX = 1 << 32
"""What an int16x8 layer's sums may reach: the multiplier's 15 bits then fit in a float64."""


class NetworkError(ValueError):
    """A network beyond the limits, and the reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """One layer: `kernel` (units, inputs) and `bias` (units,), int8 and int64, or float32.

    An int8 kernel has one scale per unit; with a float32 bias it is multiplied out first.
    `step` is what one level of the int16 result is worth, 0 where the result is float32.
    """

    kernel: NDArray[Any]
    bias: NDArray[Any]
    scales: NDArray[np.float32] | None = None
    step: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Dense layers with ReLU between them and a logistic function behind the last.

    `step` is what one level of the int16 latents is worth, 0 where they are float32.
    """

    quantisation: str
    layers: tuple[Dense, ...]
    step: float = 0.0

    @property
    def latents(self) -> int:
        """How many latents it takes."""
        return int(self.layers[0].kernel.shape[1])

    @property
    def width(self) -> int:
        """How many outputs it gives."""
        return len(self.layers[-1].bias)


def check_network(network: Network) -> None:
    """Check sizes and the range of all intermediate values. Raises `NetworkError`."""
    _check_sizes(network)
    if network.quantisation == "int16x8":
        _check_sums(network)
    else:
        _check_range(network)


def float_kernel(layer: Dense) -> NDArray[np.float32]:
    """Return a float32 layer's kernel, restored from int8 where it is stored so."""
    if layer.scales is None:
        kernel: NDArray[np.float32] = layer.kernel
        return kernel
    return layer.kernel.astype(np.float32) * layer.scales[:, None]


def multipliers(layer: Dense, step: float) -> NDArray[np.float64]:
    """Return what brings an int16x8 layer's sums to its results, if its inputs count `step`."""
    return np.asarray(layer.scales, float) * step / layer.step


def _check_sizes(network: Network) -> None:
    if network.latents not in LATENTS:
        raise NetworkError(f"{network.latents} latents, not {LATENTS[0]} to {LATENTS[-1]}")
    if network.width not in WIDTHS:
        raise NetworkError(f"{network.width} outputs, not {STEPS} for each head")
    if sum(layer.kernel.size for layer in network.layers) > WEIGHTS_MAX:
        raise NetworkError(f"more than {WEIGHTS_MAX} weights")


def _check_sums(network: Network) -> None:
    step = network.step
    for layer in network.layers:
        sums = np.abs(layer.kernel.astype(float)).sum(1) * (1 << 15) + np.abs(
            layer.bias.astype(float)
        )
        results = sums * multipliers(layer, step)
        if sums.max() > SUM_MAX or results.max() >= 1 << 31:
            raise NetworkError("the sums of a layer overflow")
        step = layer.step


def _check_range(network: Network) -> None:
    reach = np.full(network.latents, LATENT_MAX)
    for layer in network.layers:
        kernel = np.abs(float_kernel(layer).astype(float))
        reach = kernel @ reach + np.abs(layer.bias.astype(float))
        if not reach.max() <= VALUE_MAX:
            raise NetworkError("the values of a layer grow without bound")
