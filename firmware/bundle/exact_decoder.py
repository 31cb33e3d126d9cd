"""The decoder of one voice in plain arithmetic, on any machine to the same bit.

An int16x8 layer multiplies int8 weights by int16 values, brings the sum to the scale of its
result by a multiplier of 15 bits, and rounds half up. In float64 all of that is exact: a
product has at most 8 + 15 + 16 bits, and the reader bounds the sums. The multiplier is folded
into the weights, so that a layer is one matrix product and a `floor`. (The arithmetic is that
of TFLite's reference kernels for int16 activations; Jacob et al. 2018, section 2.2, for the
multiplier. Some runtimes keep 31 bits of it; they agree where 15 bits say it all.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.manifest import BundleError, VoiceModel
from firmware.bundle.network import LATENT_MAX, Dense, Network, float_kernel, multipliers
from firmware.bundle.tflite_reader import read_network
from firmware.engine.knob_curve import latent_at
from firmware.engine.pattern import STEPS, Pattern, pattern_of_heads

LOW, HIGH = -(1 << 15), (1 << 15) - 1
"""The range of int16."""

BITS = 15
"""Of the mantissa of a multiplier."""

SEGMENTS = 256
PER_UNIT = 24
"""The logistic function is a table of 24 entries per unit, with straight lines between."""

Values = NDArray[np.float64]


class ExactDecoder:
    """One voice's decoder; `decode` is called at control rate."""

    def __init__(self, voice: VoiceModel, model: bytes) -> None:
        """Read the model. Raises `BundleError` if it is no decoder or not this voice's."""
        self.voice = voice
        network = read_network(model, voice.file)
        _check_voice(voice, network)
        quantised = network.quantisation == "int16x8"
        self._run = integer_network(network) if quantised else float_network(network)

    def outputs(self, position: Sequence[float]) -> NDArray[np.float32]:
        """Run the decoder at knob positions 0..1: all heads, `STEPS` values each, 0..1."""
        return self._run(np.array(self._latents(position)))

    def outputs_at(self, positions: Sequence[Sequence[float]]) -> NDArray[np.float32]:
        """Run it at many positions (n, latents) at once: (n, outputs).

        The values are the same, but for the last bit of those computed in float32.
        """
        return self._run(np.array([self._latents(position) for position in positions]))

    def decode(self, position: Sequence[float]) -> Pattern:
        """Return the pattern at knob positions 0..1, one per latent."""
        return pattern_of_heads(tuple(self.outputs(position).tolist()))

    def _latents(self, position: Sequence[float]) -> list[float]:
        return [*map(latent_at, position, self.voice.warp)]


def _check_voice(voice: VoiceModel, network: Network) -> None:
    """Refuse a model that does not fit what the manifest says of it."""
    width = STEPS * len(voice.outputs)
    if network.quantisation != voice.quantisation:
        raise BundleError(f"{voice.file}: is {network.quantisation}, not {voice.quantisation}")
    if (network.latents, network.width) != (voice.latents, width):
        raise BundleError(
            f"{voice.file}: has {network.latents} latents and {network.width} outputs, "
            f"not {voice.latents} and {width}"
        )
    if any(max(abs(knots[0]), abs(knots[-1])) > LATENT_MAX for knots in voice.warp):
        raise BundleError(f"{voice.file}: a latent is beyond {LATENT_MAX:g}")


def integer_network(network: Network) -> Callable[[Values], NDArray[np.float32]]:
    """Make a function from latents (..., k) to outputs (..., n) in exact int16 arithmetic."""
    step, last = network.step, network.layers[-1]
    first = (np.full(network.latents, step, np.float32), *_ends(network.latents, LOW))
    layers: list[tuple[Values, ...]] = []
    for layer in network.layers:
        ends = _ends(len(layer.bias), LOW if layer is last else 0)
        layers.append((*_folded(layer, step), *ends))
        step = layer.step
    table = logistic_table(step)

    def run(latents: Values) -> NDArray[np.float32]:
        values = _quantised(latents, *first)
        for kernel, bias, low, high in layers:
            values = values.dot(kernel)
            values += bias
            np.floor(values, values)
            np.maximum(values, low, values)
            np.minimum(values, high, values)
        outputs: NDArray[np.float32] = table[values.astype(np.int64)]
        return outputs

    return run


def _ends(units: int, low: int) -> tuple[Values, Values]:
    """Return the least and greatest level of each unit: NumPy is slower with plain numbers."""
    return np.full(units, float(low)), np.full(units, float(HIGH))


def float_network(network: Network) -> Callable[[Values], NDArray[np.float32]]:
    """Make a function from latents (..., k) to outputs (..., n) in float32."""
    *hidden, last = [
        (np.ascontiguousarray(float_kernel(layer).T), layer.bias) for layer in network.layers
    ]

    def run(latents: Values) -> NDArray[np.float32]:
        values = latents.astype(np.float32)
        for kernel, bias in hidden:
            values = np.maximum(np.dot(values, kernel) + bias, np.float32(0))
        logits = np.dot(values, last[0]) + last[1]
        # exp(-80) is nothing beside 1 in float32, and exp(88) would overflow.
        result: NDArray[np.float32] = np.exp(-np.maximum(logits, np.float32(-80)))
        result += np.float32(1)
        return np.reciprocal(result)

    return run


def _folded(layer: Dense, step: float) -> tuple[Values, Values]:
    """Multiply a layer's kernel and bias by its multipliers; the bias is half a level up."""
    short = np.array([short_multiplier(value) for value in multipliers(layer, step)])
    kernel = layer.kernel.T.astype(float) * short
    return np.ascontiguousarray(kernel), layer.bias.astype(float) * short + 0.5


def short_multiplier(value: float) -> float:
    """Round a multiplier as the runtimes do: to 31 bits, then to 15, and never up to 1."""
    mantissa, exponent = math.frexp(value)
    long = math.floor(mantissa * (1 << 31) + 0.5)
    if long == 1 << 31:
        long, exponent = 1 << 30, exponent + 1
    if exponent < -31:
        return 0.0
    short = min((long + (1 << 15)) >> 16, (1 << BITS) - 1)
    return math.ldexp(short, exponent - BITS)


def _quantised(
    latents: Values, steps: NDArray[np.float32], low: Values, high: Values
) -> Values:
    """Divide by the steps in float32 and round half away from zero, within int16."""
    scaled = (latents.astype(np.float32) / steps).astype(np.float64)
    size = np.floor(np.abs(scaled) + 0.5)
    return np.minimum(np.maximum(np.copysign(size, scaled), low), high)


def logistic_table(step: float) -> NDArray[np.float32]:
    """Return the logistic function of every int16 level, indexed by it as it is."""
    multiplier, shift = step * 3 * 4096, 0
    while multiplier <= HIGH / 2 and shift <= 30:
        multiplier, shift = multiplier * 2, shift + 1
    levels = np.concatenate([np.arange(HIGH + 1), np.arange(LOW, 0)])
    scaled = (levels * int(multiplier) + ((1 << shift) >> 1)) >> shift
    size = np.abs(scaled)
    segment = np.minimum(size >> 9, SEGMENTS - 1)
    knots = logistic_knots()
    between = (knots[segment] << 9) + (size & 511) * np.diff(knots, append=0)[segment]
    value = np.where(segment == SEGMENTS - 1, HIGH << 10, between)
    value = np.where(scaled >= 0, value + 512, (1 << 25) - value + 511) >> 10
    return (value / (1 << 15)).astype(np.float32)


def logistic_knots() -> NDArray[np.int64]:
    """Return 65536 times the logistic function at every 1/24, as the runtimes' table has it.

    Each is raised by half of what a straight line to the next one falls short at most.
    """
    at = np.arange(SEGMENTS) / PER_UNIT
    value = 1 / (1 + np.exp(-at))
    curvature = value * (1 - value) * (2 * value - 1)
    raised = value + curvature / (16 * PER_UNIT**2)
    knots: NDArray[np.int64] = np.floor(65536 * raised + 0.5).astype(np.int64)
    return knots
