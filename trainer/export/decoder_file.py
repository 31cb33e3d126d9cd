"""One decoder to one TFLite file: latents (1, k) in, all heads (1, 32 * m) out, as float32.

`int16x8`: int8 weights with a scale per unit, int16 activations, int64 biases, as in the 16x8
specification of TFLite. `weight-only`: int8 weights that are restored to float32 when the file
is loaded. `float32`: as trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from trainer.export.requantisation import power_of_two, shared_scales
from trainer.export.tflite_writer import Code, Graph, Operator, Tensor, tflite_bytes
from trainer.model.network import Array, Layer

WEIGHT_LEVELS = 127
ACTIVATION_LEVELS = 32767
LOGISTIC_SCALE = np.float32(2**-15)
"""The scale of a sigmoid's int16 output that every runtime requires."""

LEAST = 1e-6
"""The least range that is scaled, for units that are silent."""


def decoder_file(layers: Sequence[Layer], quantisation: str, samples: Array) -> bytes:
    """Write a decoder as int16x8, weight-only or float32.

    `samples` are latents (n, k) that span what the knobs reach, corners included; the int16
    activations are scaled to what they cause.
    """
    if quantisation == "int16x8":
        return tflite_bytes(_int16x8(layers, samples))
    return tflite_bytes(_float(layers, stored_int8=quantisation == "weight-only"))


class _GraphBuilder:
    """Tensors and operators in the order in which they were added."""

    def __init__(self) -> None:
        self.tensors: list[Tensor] = []
        self.operators: list[Operator] = []

    def tensor(
        self,
        name: str,
        dtype: str,
        shape: tuple[int, ...],
        data: NDArray[np.generic] | None = None,
        scales: NDArray[np.float32] | None = None,
    ) -> int:
        """Add a tensor; give its number."""
        self.tensors.append(Tensor(name, dtype, shape, data, scales))
        return len(self.tensors) - 1

    def graph(self, given: int, made: int) -> Graph:
        """Give the graph from one input to one output tensor."""
        return Graph(tuple(self.tensors), tuple(self.operators), (given,), (made,))


def _float(layers: Sequence[Layer], *, stored_int8: bool) -> Graph:
    build = _GraphBuilder()
    at = given = build.tensor("latents", "float32", (1, layers[0][0].shape[0]))
    for number, (kernel, bias) in enumerate(layers, 1):
        shape = kernel.T.shape
        if stored_int8:
            levels, scales = quantised(kernel)
            stored = build.tensor(f"kernel_{number}_int8", "int8", shape, levels, scales)
            weights = build.tensor(f"kernel_{number}", "float32", shape)
            build.operators.append(Operator(Code.DEQUANTIZE, 5, (stored,), (weights,)))
        else:
            rows = np.ascontiguousarray(kernel.T, np.float32)
            weights = build.tensor(f"kernel_{number}", "float32", shape, rows)
        offsets = build.tensor(f"bias_{number}", "float32", shape[:1], bias.ravel())
        made = build.tensor(f"layer_{number}", "float32", (1, shape[0]))
        relu = number < len(layers)
        dense = Operator(Code.FULLY_CONNECTED, 1, (at, weights, offsets), (made,), relu=relu)
        build.operators.append(dense)
        at = made
    outputs = build.tensor("outputs", "float32", build.tensors[at].shape)
    build.operators.append(Operator(Code.LOGISTIC, 1, (at,), (outputs,)))
    return build.graph(given, outputs)


def _int16x8(layers: Sequence[Layer], samples: Array) -> Graph:
    build, ranges = _GraphBuilder(), iter(activation_scales(layers, samples))
    scale = next(ranges)
    given = build.tensor("latents", "float32", (1, samples.shape[1]))
    at = build.tensor("latents_int16", "int16", (1, samples.shape[1]), None, _one(scale))
    build.operators.append(Operator(Code.QUANTIZE, 1, (given,), (at,)))
    for number, (kernel, bias), made_scale in zip(count(1), layers, ranges, strict=False):
        levels, scales = quantised(kernel)
        scales = shared_scales(scales, scale, made_scale)
        sums = (scales.astype(float) * float(scale)).astype(np.float32)
        offsets = np.rint(bias.ravel().astype(float) / sums).astype(np.int64)
        shape = kernel.T.shape
        weights = build.tensor(f"kernel_{number}", "int8", shape, levels, scales)
        biases = build.tensor(f"bias_{number}", "int64", shape[:1], offsets, sums)
        made = build.tensor(f"layer_{number}", "int16", (1, shape[0]), None, _one(made_scale))
        build.operators.append(
            Operator(
                *(Code.FULLY_CONNECTED, 4, (at, weights, biases), (made,)),
                relu=number < len(layers),
                bias_dtype="int64",
            )
        )
        at, scale = made, made_scale
    shape = build.tensors[at].shape
    squashed = build.tensor("outputs_int16", "int16", shape, None, _one(LOGISTIC_SCALE))
    outputs = build.tensor("outputs", "float32", shape)
    build.operators.append(Operator(Code.LOGISTIC, 2, (at,), (squashed,)))
    build.operators.append(Operator(Code.DEQUANTIZE, 2, (squashed,), (outputs,)))
    return build.graph(given, outputs)


def activation_scales(layers: Sequence[Layer], samples: Array) -> list[np.float32]:
    """Give the int16 scale of the latents and of each layer's output, by what samples cause.

    Those of the layers are powers of two times that of the latents.
    """
    values = samples.astype(np.float32)
    scales = [_activation_scale(values)]
    for index, (kernel, bias) in enumerate(layers):
        values = values @ kernel + bias
        if index < len(layers) - 1:
            values = np.maximum(values, 0)
        scales.append(power_of_two(float(_activation_scale(values)), float(scales[0])))
    return scales


def quantised(kernel: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Give a kernel (inputs, units) as int8 rows (units, inputs), and a scale per unit."""
    rows = kernel.T.astype(float)
    scales = np.maximum(np.abs(rows).max(1), LEAST) / WEIGHT_LEVELS
    levels = np.clip(np.rint(rows / scales[:, None]), -WEIGHT_LEVELS, WEIGHT_LEVELS)
    return levels.astype(np.int8), scales.astype(np.float32)


def _activation_scale(values: Array) -> np.float32:
    return np.float32(max(float(np.abs(values).max()), LEAST) / ACTIVATION_LEVELS)


def _one(scale: np.float32) -> NDArray[np.float32]:
    return np.array([scale], np.float32)
