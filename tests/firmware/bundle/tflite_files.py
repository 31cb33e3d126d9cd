"""Decoder files of random weights, as tables that a test can change before they are written."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from trainer.export.requantisation import short

FORMS = ("int16x8", "weight-only", "float32")
CODES = schema.BuiltinOperator
TYPES = schema.TensorType
OPTIONS = schema.BuiltinOptions
SIZES = (2, 8, 20, 32)
INPUT_STEP = 3.1e-5


def model_bytes(model: Any) -> bytes:
    """Write a model's tables as a file."""
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def file_of(form: str, sizes: Sequence[int] = SIZES, seed: int = 0) -> bytes:
    """Write a decoder of random weights."""
    return model_bytes(model_of(form, sizes, seed))


def model_of(form: str, sizes: Sequence[int] = SIZES, seed: int = 0) -> Any:
    """Make the tables of a decoder of random weights."""
    return _Maker(form, np.random.default_rng(seed)).model(sizes)


class _Maker:
    def __init__(self, form: str, random: np.random.Generator) -> None:
        self._form, self._random = form, random
        self._graph = schema.SubGraphT()
        self._graph.tensors, self._graph.operators, self._graph.name = [], [], b"main"
        self._model = schema.ModelT()
        self._model.version, self._model.subgraphs = 3, [self._graph]
        self._model.buffers, self._model.operatorCodes = [schema.BufferT()], []

    def model(self, sizes: Sequence[int]) -> Any:
        quantised = self._form == "int16x8"
        given = self._float((1, sizes[0]))
        self._graph.inputs = np.array([given], np.int32)
        current, step = given, INPUT_STEP
        if quantised:
            current = self._int16(sizes[0], step)
            self._operator(CODES.QUANTIZE, 1, [given], current)
        for inputs, units in pairwise(sizes):
            current, step = self._dense(current, step, inputs, units, last=units == sizes[-1])
        made = self._int16(sizes[-1], 2.0**-15) if quantised else self._float((1, sizes[-1]))
        self._operator(CODES.LOGISTIC, 2 if quantised else 1, [current], made)
        if quantised:
            made, levels = self._float((1, sizes[-1])), made
            self._operator(CODES.DEQUANTIZE, 2, [levels], made)
        self._graph.outputs = np.array([made], np.int32)
        return self._model

    def _dense(
        self, source: int, step: float, inputs: int, units: int, *, last: bool
    ) -> tuple[int, float]:
        kernel = self._random.normal(0, 1.2 / np.sqrt(inputs), (units, inputs))
        bias = self._random.normal(0, 0.5, units)
        scales = np.abs(kernel).max(1) / 127
        if self._form == "int16x8":
            made_step = step * 2.0 ** int(self._random.integers(1, 4))
            scales = short(scales * step / made_step) * made_step / step
            kernel_at = self._int8(kernel, scales)
            levels = np.round(bias / (scales * step)).astype(np.int64)
            bias_at = self._tensor((units,), TYPES.INT64, levels, scales * step)
            made = self._int16(units, made_step)
        else:
            made_step = step
            if self._form == "weight-only":
                stored, kernel_at = self._int8(kernel, scales), self._float((units, inputs))
                self._operator(CODES.DEQUANTIZE, 5, [stored], kernel_at)
            else:
                kernel_at = self._float((units, inputs), kernel.astype(np.float32))
            bias_at = self._float((units,), bias.astype(np.float32))
            made = self._float((1, units))
        operator = self._operator(
            CODES.FULLY_CONNECTED,
            4 if self._form == "int16x8" else 1,
            [source, kernel_at, bias_at],
            made,
        )
        operator.builtinOptionsType = OPTIONS.FullyConnectedOptions
        operator.builtinOptions = schema.FullyConnectedOptionsT()
        operator.builtinOptions.fusedActivationFunction = int(not last)
        return made, made_step

    def _operator(self, code: int, version: int, inputs: list[int], output: int) -> Any:
        codes = self._model.operatorCodes
        index = next((i for i, entry in enumerate(codes) if entry.builtinCode == code), None)
        if index is None:
            index = len(codes)
            entry = schema.OperatorCodeT()
            entry.builtinCode = entry.deprecatedBuiltinCode = code
            entry.version = version
            codes.append(entry)
        operator = schema.OperatorT()
        operator.opcodeIndex = index
        operator.inputs = np.array(inputs, np.int32)
        operator.outputs = np.array([output], np.int32)
        self._graph.operators.append(operator)
        return operator

    def _float(self, shape: tuple[int, ...], values: Any = None) -> int:
        return self._tensor(shape, TYPES.FLOAT32, values)

    def _int16(self, units: int, step: float) -> int:
        return self._tensor((1, units), TYPES.INT16, None, np.array([step]))

    def _int8(self, kernel: Any, scales: Any) -> int:
        levels = np.clip(np.round(kernel / scales[:, None]), -127, 127).astype(np.int8)
        return self._tensor(kernel.shape, TYPES.INT8, levels, scales)

    def _tensor(
        self, shape: tuple[int, ...], kind: int, values: Any = None, scales: Any = None
    ) -> int:
        tensor = schema.TensorT()
        tensor.shape, tensor.type = np.array(shape, np.int32), kind
        tensor.name = b"tensor%d" % len(self._graph.tensors)
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.ascontiguousarray(values).view(np.uint8).ravel()
            tensor.buffer = len(self._model.buffers)
            self._model.buffers.append(buffer)
        if scales is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = np.asarray(scales, np.float32)
            tensor.quantization.zeroPoint = np.zeros(len(scales), np.int64)
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1


def add_tile(model: Any, graph: Any) -> None:
    """Make a value of 60 million numbers out of the file's input."""
    code, operator, tensor = schema.OperatorCodeT(), schema.OperatorT(), schema.TensorT()
    code.builtinCode = code.deprecatedBuiltinCode = CODES.TILE
    model.operatorCodes.append(code)
    tensor.shape, tensor.name = np.array([1, 60_000_000], np.int32), b"wide"
    graph.tensors.append(tensor)
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs = np.array([graph.inputs[0]], np.int32)
    operator.outputs = np.array([len(graph.tensors) - 1], np.int32)
    graph.operators.insert(0, operator)
