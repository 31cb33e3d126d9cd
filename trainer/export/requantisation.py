"""Scales with which every runtime computes the same values, to the last bit.

A dense layer with int16 activations brings its sums to the scale of its result by a fixed-point
multiplier. Some runtimes keep 31 bits of it and some 15. Here each unit's scale is moved, by
less than 1 / 32768 of itself, to where 15 bits say it all; and the scale of every activation is
a power of two times that of the latents, so that a float32 holds the unit's scale exactly.
(The multiplier is that of the quantisation specification of TFLite, section 3.3 of Jacob et
al. 2018. Runtimes round sums without a bias otherwise than those with one, so each has one.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 15


def shared_scales(
    scales: NDArray[np.float32], given: np.float32, made: np.float32
) -> NDArray[np.float32]:
    """Move the scales of a layer's units to multipliers that 15 bits can say.

    `given` and `made` are the scales of the layer's input and output.
    """
    step, result = float(given), float(made)
    moved = short(scales.astype(float) * step / result) * result / step
    return moved.astype(np.float32)


def power_of_two(scale: float, step: float) -> np.float32:
    """Give the least power of two times `step` that is not below `scale`."""
    return np.float32(step * 2.0 ** np.ceil(np.log2(scale / step)))


def short(multipliers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the nearest numbers whose mantissa has 15 bits."""
    mantissas, exponents = np.frexp(multipliers)
    return np.ldexp(np.round(mantissas * 2**BITS) / 2**BITS, exponents)
