"""Scales with which every runtime computes the same values, to the last bit.

A dense layer with int16 activations brings its sums to the scale of its result by a fixed-point
multiplier. Some runtimes keep 31 bits of it and some 15. Here each unit's scale is moved, by
less than 1 / 32768 of itself, to where 15 bits say it all; and the scale of every activation is
a power of two times that of the latents, so that a float32 holds the unit's scale exactly.
(The multiplier is that of the quantisation specification of TFLite, section 3.3 of Jacob et
al. 2018. Runtimes round sums without a bias otherwise than those with one, so each has one.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BITS = 15


def shared_multipliers(data: bytes) -> bytes:
    """Move the scales of an int16x8 file to where all runtimes compute alike."""
    from tensorflow.lite.python import schema_py_generated as schema  # noqa: PLC0415 - slow
    from tensorflow.lite.tools import flatbuffer_utils  # noqa: PLC0415 - slow

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(data))
    dense = schema.BuiltinOperator.FULLY_CONNECTED
    for operator in model.subgraphs[0].operators:
        if model.operatorCodes[operator.opcodeIndex].builtinCode == dense:
            _add_missing_bias(schema, model, operator)
            _move(model, *operator.inputs, *operator.outputs)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _add_missing_bias(schema: Any, model: Any, operator: Any) -> None:
    """Add a bias of zeros where the converter left it out."""
    given, kernel, bias = operator.inputs
    if bias >= 0:
        return
    tensors = model.subgraphs[0].tensors
    units = int(tensors[kernel].shape[0])
    buffer, tensor = schema.BufferT(), schema.TensorT()
    buffer.data = np.zeros(units, np.int64).view(np.uint8)
    tensor.name, tensor.buffer = tensors[kernel].name + b"_bias", len(model.buffers)
    tensor.shape, tensor.type = np.array([units], np.int32), schema.TensorType.INT64
    tensor.quantization = schema.QuantizationParametersT()
    tensor.quantization.scale = np.ones(units, np.float32)
    tensor.quantization.zeroPoint = np.zeros(units, np.int64)
    model.buffers.append(buffer)
    tensors.append(tensor)
    operator.inputs = np.array([given, kernel, len(tensors) - 1], np.int32)


def _move(model: Any, given: int, kernel: int, bias: int, made: int) -> None:
    tensors = model.subgraphs[0].tensors
    step, result = (float(tensors[end].quantization.scale[0]) for end in (given, made))
    result = step * 2.0 ** np.ceil(np.log2(result / step))
    tensors[made].quantization.scale = np.array([result], np.float32)
    weights, sums = tensors[kernel].quantization, tensors[bias].quantization
    scales = short(np.asarray(weights.scale, float) * step / result) * result / step
    weights.scale = scales.astype(np.float32)
    stored = model.buffers[tensors[bias].buffer]
    values = np.frombuffer(bytes(stored.data), np.int64) * np.asarray(sums.scale, float)
    stored.data = np.round(values / (scales * step)).astype(np.int64).view(np.uint8)
    sums.scale = (scales * step).astype(np.float32)


def short(multipliers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the nearest numbers whose mantissa has 15 bits."""
    mantissas, exponents = np.frexp(multipliers)
    return np.ldexp(np.round(mantissas * 2**BITS) / 2**BITS, exponents)
