"""A TFLite file from a graph of tensors and operators, as the published schema has it.

The schema is tensorflow/lite/schema/schema.fbs, version 3; only the fields that dense decoders
need are written. Numbers in this module are its slot and enumeration numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import NDArray

SCHEMA_VERSION = 3
FILE_IDENTIFIER = b"TFL3"
ALIGNMENT = 16
"""Bytes to which the data of a tensor are aligned."""

TENSOR_TYPES = {"float32": 0, "int64": 4, "int16": 7, "int8": 9}
RELU = 1
FULLY_CONNECTED_OPTIONS = 8
DEQUANTIZE_OPTIONS = 38


class Code(IntEnum):
    """Operators."""

    DEQUANTIZE = 6
    FULLY_CONNECTED = 9
    LOGISTIC = 14
    QUANTIZE = 114


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor: its type and shape, its data if it is a constant, its scales if quantised.

    More than one scale is one per row.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    data: NDArray[Any] | None = None
    scales: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator of some version, by the numbers of its input and output tensors.

    A dense layer says whether a ReLU follows it, and the type of its bias.
    """

    code: Code
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    relu: bool = False
    bias_dtype: str = "float32"


@dataclass(frozen=True, slots=True)
class Graph:
    """One subgraph, its operators in the order in which they run."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def tflite_bytes(graph: Graph) -> bytes:
    """Write a model; the same graph gives the same bytes."""
    writer = _Writer()
    codes = sorted({(operator.code, operator.version) for operator in graph.operators})
    constants = [tensor for tensor in graph.tensors if tensor.data is not None]
    # The first buffer is empty by convention: it belongs to all tensors that hold no constant.
    buffers = [writer.table({}), *(writer.buffer(tensor.data) for tensor in constants)]
    number = {id(tensor): index for index, tensor in enumerate(constants, 1)}
    tensors = [writer.tensor(tensor, number.get(id(tensor), 0)) for tensor in graph.tensors]
    operators = [writer.operator(operator, codes) for operator in graph.operators]
    subgraph = writer.table(
        {
            0: writer.offsets(tensors),
            1: writer.numbers(graph.inputs),
            2: writer.numbers(graph.outputs),
            3: writer.offsets(operators),
            4: writer.text("main"),
        }
    )
    model: dict[int, _Field] = {
        0: _UInt32(SCHEMA_VERSION),
        1: writer.offsets([writer.code(*code) for code in codes]),
        2: writer.offsets([subgraph]),
        3: writer.text("exnihilo decoder"),
        4: writer.offsets(buffers),
    }
    return writer.finish(writer.table(model))


@dataclass(frozen=True, slots=True)
class _Offset:
    """Where something written lies."""

    value: int


@dataclass(frozen=True, slots=True)
class _UInt32:
    value: int


@dataclass(frozen=True, slots=True)
class _Int32:
    value: int


@dataclass(frozen=True, slots=True)
class _Byte:
    value: int


@dataclass(frozen=True, slots=True)
class _UByte:
    value: int


@dataclass(frozen=True, slots=True)
class _Bool:
    value: bool


_Field = _Offset | _UInt32 | _Int32 | _Byte | _UByte | _Bool


class _Writer:
    """The tables of the schema, on a flatbuffer that grows downwards."""

    def __init__(self) -> None:
        self._builder = flatbuffers.Builder(1 << 15)
        self._put: dict[type, Callable[[int, Any, Any], None]] = {
            _Offset: self._builder.PrependUOffsetTRelativeSlot,
            _UInt32: self._builder.PrependUint32Slot,
            _Int32: self._builder.PrependInt32Slot,
            _Byte: self._builder.PrependInt8Slot,
            _UByte: self._builder.PrependUint8Slot,
            _Bool: self._builder.PrependBoolSlot,
        }

    def table(self, fields: dict[int, _Field]) -> _Offset:
        """Write a table of fields by slot; what is 0 is left to the schema's default."""
        self._builder.StartObject(max(fields, default=-1) + 1)
        for slot, field in fields.items():
            self._put[type(field)](slot, field.value, 0)
        return _Offset(self._builder.EndObject())

    def text(self, text: str) -> _Offset:
        """Write a string."""
        return _Offset(self._builder.CreateString(text))

    def numbers(self, values: Sequence[int]) -> _Offset:
        """Write a vector of 32-bit integers."""
        return self.array(np.array(values, np.int32))

    def array(self, values: NDArray[Any]) -> _Offset:
        """Write a vector of numbers."""
        return _Offset(self._builder.CreateNumpyVector(values))

    def offsets(self, items: Sequence[_Offset]) -> _Offset:
        """Write a vector of tables."""
        self._builder.StartVector(4, len(items), 4)
        for item in reversed(items):
            self._builder.PrependUOffsetTRelative(item.value)
        return _Offset(self._builder.EndVector())

    def buffer(self, data: NDArray[Any] | None) -> _Offset:
        """Write the constant of a tensor, little-endian and aligned."""
        content = b"" if data is None else data.astype(data.dtype.newbyteorder("<")).tobytes()
        self._builder.StartVector(1, len(content), ALIGNMENT)
        self._builder.head = self._builder.head - len(content)
        start = self._builder.Head()
        self._builder.Bytes[start : start + len(content)] = content
        return self.table({0: _Offset(self._builder.EndVector())})

    def tensor(self, tensor: Tensor, buffer: int) -> _Offset:
        """Write a tensor whose data lie in a numbered buffer."""
        fields: dict[int, _Field] = {
            0: self.numbers(tensor.shape),
            1: _Byte(TENSOR_TYPES[tensor.dtype]),
            2: _UInt32(buffer),
            3: self.text(tensor.name),
            8: _Bool(value=True),
        }
        if tensor.scales is not None:
            zeros = np.zeros(len(tensor.scales), np.int64)
            fields[4] = self.table({2: self.array(tensor.scales), 3: self.array(zeros)})
        return self.table(fields)

    def operator(self, operator: Operator, codes: Sequence[tuple[Code, int]]) -> _Offset:
        """Write an operator, with the options that its kind has."""
        fields: dict[int, _Field] = {
            0: _UInt32(codes.index((operator.code, operator.version))),
            1: self.numbers(operator.inputs),
            2: self.numbers(operator.outputs),
        }
        if operator.code is Code.FULLY_CONNECTED:
            bias = _Byte(TENSOR_TYPES[operator.bias_dtype])
            fields[3] = _UByte(FULLY_CONNECTED_OPTIONS)
            fields[4] = self.table({0: _Byte(RELU * operator.relu), 4: bias})
        if operator.code is Code.DEQUANTIZE:
            fields[3], fields[4] = _UByte(DEQUANTIZE_OPTIONS), self.table({})
        return self.table(fields)

    def code(self, code: Code, version: int) -> _Offset:
        """Write an operator code; old readers look for it in the first slot."""
        return self.table({0: _Byte(code), 2: _Int32(version), 3: _Int32(code)})

    def finish(self, root: _Offset) -> bytes:
        """Give the file."""
        self._builder.Finish(root.value, FILE_IDENTIFIER)
        return bytes(self._builder.Output())
