"""Scales that every runtime multiplies by alike.

A dense layer with int16 activations brings its sums to the scale of its output by a fixed-point
multiplier. Some runtimes keep 31 bits of it and some 15, so that the same file gives values a
few levels apart, more with every layer. Here each unit's scale is moved, by less than 1 / 32768
of itself, to where 15 bits say it all. (The multiplier is that of the quantisation
specification of TFLite, section 3.3 of Jacob et al. 2018.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BITS = 15


def shared_multipliers(data: bytes) -> bytes:
    """Move the scales of an int16x8 file's dense layers to what 15 bits can say."""
    from tensorflow.lite.python import schema_py_generated as schema  # noqa: PLC0415 - slow
    from tensorflow.lite.tools import flatbuffer_utils  # noqa: PLC0415 - slow

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(data))
    graph = model.subgraphs[0]
    dense = schema.BuiltinOperator.FULLY_CONNECTED
    for operator in graph.operators:
        if model.operatorCodes[operator.opcodeIndex].builtinCode == dense:
            _move(graph.tensors, *operator.inputs, *operator.outputs)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _move(tensors: list[Any], given: int, kernel: int, bias: int, made: int) -> None:
    step, result = (float(tensors[end].quantization.scale[0]) for end in (given, made))
    weights = tensors[kernel].quantization
    scales = short(np.asarray(weights.scale, float) * step / result) * result / step
    weights.scale = scales.astype(np.float32)
    # The converter leaves a bias out that is nothing.
    if bias >= 0:
        tensors[bias].quantization.scale = (scales * step).astype(np.float32)


def short(multipliers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the nearest numbers whose mantissa has 15 bits."""
    mantissas, exponents = np.frexp(multipliers)
    return np.ldexp(np.round(mantissas * 2**BITS) / 2**BITS, exponents)
