"""Int8 weights in a file that otherwise computes in float32.

TensorFlow's converter leaves tensors as small as these in float, so its float32 file is
rewritten: each dense layer's kernel is stored as int8 with one scale per unit, and a
DEQUANTIZE operator restores it when the file is loaded. (The TFLite schema is that of
tensorflow/lite/schema/schema.fbs.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

LEVELS = 127
DEQUANTIZE_VERSION = 5
"""The first version of the operator that takes a scale per channel."""


def quantise_weights(data: bytes) -> bytes:
    """Store the kernels of a float32 TFLite file as int8."""
    from tensorflow.lite.python import schema_py_generated as schema  # noqa: PLC0415 - slow
    from tensorflow.lite.tools import flatbuffer_utils  # noqa: PLC0415 - slow

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(data))
    graph = model.subgraphs[0]
    dense = schema.BuiltinOperator.FULLY_CONNECTED
    code = _add_code(schema, model)
    operators: list[Any] = []
    for operator in graph.operators:
        if model.operatorCodes[operator.opcodeIndex].builtinCode == dense:
            operators.append(_dequantise(schema, model, int(operator.inputs[1]), code))
        operators.append(operator)
    graph.operators = operators
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _add_code(schema: Any, model: Any) -> int:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    code.version = DEQUANTIZE_VERSION
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def _dequantise(schema: Any, model: Any, index: int, code: int) -> Any:
    """Move a kernel (units, inputs) to an int8 tensor; give the operator that restores it."""
    tensor = model.subgraphs[0].tensors[index]
    kernel = np.frombuffer(bytes(model.buffers[tensor.buffer].data), np.float32)
    kernel = kernel.reshape(tensor.shape)
    scale = np.maximum(np.abs(kernel).max(1), 1e-6) / LEVELS
    levels = np.clip(np.round(kernel / scale[:, None]), -LEVELS, LEVELS).astype(np.int8)
    stored = schema.TensorT()
    stored.name = tensor.name + b"_int8"
    stored.shape, stored.type = tensor.shape, schema.TensorType.INT8
    stored.buffer = tensor.buffer
    stored.quantization = schema.QuantizationParametersT()
    stored.quantization.scale = scale.astype(np.float32)
    stored.quantization.zeroPoint = np.zeros(len(scale), np.int64)
    stored.quantization.quantizedDimension = 0
    model.buffers[tensor.buffer].data = levels.view(np.uint8).ravel()
    tensor.buffer = 0
    model.subgraphs[0].tensors.append(stored)
    operator = schema.OperatorT()
    operator.opcodeIndex = code
    operator.inputs = np.array([len(model.subgraphs[0].tensors) - 1], np.int32)
    operator.outputs = np.array([index], np.int32)
    operator.builtinOptionsType = schema.BuiltinOptions.DequantizeOptions
    operator.builtinOptions = schema.DequantizeOptionsT()
    return operator
