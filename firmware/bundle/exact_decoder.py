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
import struct
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
Table = NDArray[np.float32]
_pack, _unpack = struct.Struct("f").pack, struct.Struct("f").unpack


Run = Callable[[Values], Sequence[NDArray[np.float32]]]
"""From inputs of networks, (networks, n, inputs), to the outputs (n, units) of each."""


class ExactDecoder:
    """One voice's decoder; `decode` is called at control rate."""

    def __init__(self, voice: VoiceModel, model: bytes) -> None:
        """Read the model. Raises `BundleError` if it is no decoder or not this voice's."""
        self.voice = voice
        self.network = read_network(model, voice.file)
        _check_voice(voice, self.network)
        if self.quantised:
            self.table = logistic_table(self.network.layers[-1].step)
            self._run = _integer_networks([self.network], [self.table])
        else:
            self._run = _float(self.network)

    @property
    def quantised(self) -> bool:
        """Return whether it computes in integers."""
        return self.network.quantisation == "int16x8"

    def outputs(self, position: Sequence[float]) -> NDArray[np.float32]:
        """Run the decoder at knob positions 0..1: all heads, `STEPS` values each, 0..1."""
        outputs: NDArray[np.float32] = self.outputs_at((position,))[0]
        return outputs

    def outputs_at(self, positions: Sequence[Sequence[float]]) -> NDArray[np.float32]:
        """Run it at many positions (n, latents) at once: (n, outputs).

        The values are the same, but for the last bit of those computed in float32.
        """
        return self._run(np.array([[self.inputs(position) for position in positions]]))[0]

    def decode(self, position: Sequence[float]) -> Pattern:
        """Return the pattern at knob positions 0..1, one per latent."""
        return pattern_of_heads(tuple(self.outputs(position).tolist()))

    def inputs(self, position: Sequence[float]) -> list[float]:
        """Return the network's inputs at knob positions 0..1."""
        step = self.network.step
        if not step:
            return [*map(latent_at, position, self.voice.warp)]
        # The last input is 1, which the biases are multiplied by.
        latents = map(latent_at, position, self.voice.warp)
        return [*[_level(latent, step) for latent in latents], 1.0]


class DecoderStack:
    """Decoders whose networks have the same sizes, run at once.

    A call of NumPy costs more than its sums: three voices cost little more than one.
    """

    def __init__(self, decoders: Sequence[ExactDecoder]) -> None:
        """Take decoders that `stacked` found alike."""
        self._decoders = tuple(decoders)
        self._run = _integer_networks(
            [decoder.network for decoder in decoders], [decoder.table for decoder in decoders]
        )

    def decode(self, positions: Sequence[Sequence[float]]) -> list[Pattern]:
        """Return the pattern of each decoder at its position."""
        pairs = zip(self._decoders, positions, strict=True)
        outputs = self._run(
            np.array([[decoder.inputs(position)] for decoder, position in pairs])
        )
        return [pattern_of_heads(tuple(heads[0].tolist())) for heads in outputs]


def stacked(decoders: Sequence[object]) -> DecoderStack | None:
    """Return a stack of decoders, if they are exact ones of int16x8 and of the same sizes."""
    exact = [decoder for decoder in decoders if isinstance(decoder, ExactDecoder)]
    sizes = {tuple(layer.kernel.shape for layer in d.network.layers) for d in exact}
    quantised = all(decoder.quantised for decoder in exact)
    alike = len(exact) == len(decoders) and len(sizes) == 1
    return DecoderStack(exact) if alike and quantised else None


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


def _integer_networks(networks: Sequence[Network], tables: Sequence[Table]) -> Run:
    """Make a function that runs networks of the same sizes in exact int16 arithmetic.

    `tables` are their logistic functions, by level.
    Every layer has one unit more, which passes the input of 1 on: so it also adds the biases.
    """
    steps = [network.step for network in networks]
    kernels: list[Values] = []
    for row in zip(*(network.layers for network in networks), strict=True):
        kernels.append(np.stack([*map(_folded, row, steps)]))
        steps = [layer.step for layer in row]
    *hidden, last = kernels
    # Levels of the last layer count from `LOW`, as entries of the table do.
    last[:, -1] -= LOW
    last = np.ascontiguousarray(last[:, :, :-1])
    # NumPy is slower with plain numbers than with arrays of the same shape.
    layers = [(k, np.zeros_like(k[:, :1]), np.full_like(k[:, :1], HIGH)) for k in hidden]

    def run(values: Values) -> list[NDArray[np.float32]]:
        for kernel, low, high in layers:
            values = np.matmul(values, kernel)
            np.floor(values, values)
            np.maximum(values, low, values)
            np.minimum(values, high, values)
        # The conversion cuts off, which is to round down but for what is clipped to 0 anyway.
        levels = np.matmul(values, last).astype(np.intp)
        return [table.take(row, mode="clip") for table, row in zip(tables, levels, strict=True)]

    return run


def _float(network: Network) -> Run:
    """Make a function that runs one network in float32."""
    *hidden, last = [
        (np.ascontiguousarray(float_kernel(layer).T), layer.bias) for layer in network.layers
    ]

    def run(latents: Values) -> Sequence[NDArray[np.float32]]:
        values = latents.astype(np.float32)
        for kernel, bias in hidden:
            values = np.maximum(np.dot(values, kernel) + bias, np.float32(0))
        logits = np.dot(values, last[0]) + last[1]
        # exp(-80) is nothing beside 1 in float32, and exp(88) would overflow.
        result: NDArray[np.float32] = np.exp(-np.maximum(logits, np.float32(-80)))
        result += np.float32(1)
        return [np.reciprocal(result)[0]]

    return run


def _folded(layer: Dense, step: float) -> Values:
    """Return a layer's kernel over its biases, both multiplied by the multipliers.

    The biases are half a level up, to round half up. The unit at the end is always 1.
    """
    short = np.array([short_multiplier(value) for value in multipliers(layer, step)])
    units, inputs = layer.kernel.shape
    folded = np.zeros((inputs + 1, units + 1))
    folded[:-1, :-1] = layer.kernel.T.astype(float) * short
    folded[-1, :-1] = layer.bias.astype(float) * short + 0.5
    folded[-1, -1] = 1
    return folded


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


def _level(latent: float, step: float) -> int:
    """Divide by the step in float32 and round half away from zero, within int16."""
    scaled = _unpack(_pack(latent))[0] / step
    if -HIGH < scaled < HIGH:
        scaled = _unpack(_pack(scaled))[0]
        return int(scaled + 0.5) if scaled >= 0 else -int(0.5 - scaled)
    return HIGH if scaled > 0 else LOW


def logistic_table(step: float) -> Table:
    """Return the logistic function of every int16 level, from `LOW` to `HIGH`."""
    multiplier, shift = step * 3 * 4096, 0
    while multiplier <= HIGH / 2 and shift <= 30:
        multiplier, shift = multiplier * 2, shift + 1
    levels = np.arange(LOW, HIGH + 1)
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
