"""The tensors and buffers of a TFLite model, each to be taken once and then all of them."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.flatbuffer import FlatbufferError, Values
from firmware.bundle.network import UNITS_MAX
from firmware.bundle.tflite_schema import FLOAT32, INT8, INT64

_DTYPES = {FLOAT32: "<f4", INT8: "i1", INT64: "<i8"}

METADATA = {b"min_runtime_version": 32, b"CONVERSION_METADATA": 1024}
"""What the converter notes beside the network and no runtime reads; at most so many bytes."""

STEP_RANGE = (2.0**-60, 2.0**20)
"""What one level of an integer may be worth."""


def refuse(reason: str) -> NoReturn:
    """Refuse the file."""
    raise FlatbufferError(reason)


class Tensors:
    """Hands out tensors and constants by index, checked to be what their place demands."""

    def __init__(self, model: Values, graph: Values) -> None:
        self._tensors = dict(enumerate(graph["tensors"]))
        self._buffers = {index: buffer["data"] for index, buffer in enumerate(model["buffers"])}
        if len(self._buffers.pop(0, b"")):
            refuse("the buffer for nothing holds something")

    def activation(self, index: int, kind: int, units: int) -> float:
        """Take a computed tensor (1, units); return what a level is worth, 0 in float."""
        tensor = self._take(index, kind, (1, units))
        self._check_computed(tensor)
        if kind == FLOAT32:
            self._check_float(tensor)
            return 0.0
        return float(self._scales(tensor, 1)[0])

    def restored(self, index: int, shape: tuple[int, ...]) -> None:
        """Take a float kernel that an operator restores."""
        tensor = self._take(index, FLOAT32, shape)
        self._check_computed(tensor)
        self._check_float(tensor)

    def kernel(self, index: int, kind: int) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """Take a constant kernel (units, inputs); return it and, if of int8, its scales."""
        shape = self._shape(index)
        if len(shape) != 2 or not all(1 <= size <= UNITS_MAX for size in shape):
            refuse(f"a layer of shape {shape}")
        tensor = self._take(index, kind, shape)
        kernel = self._constant(tensor).reshape(shape)
        if kind == FLOAT32:
            self._check_float(tensor)
            return kernel, None
        return kernel, self._scales(tensor, shape[0])

    def bias(self, index: int, kind: int, units: int) -> NDArray[Any]:
        """Take a constant bias (units,); zeros where the file has none."""
        if index == -1:
            return np.zeros(units, _DTYPES[kind])
        tensor = self._take(index, kind, (units,))
        if kind == FLOAT32:
            self._check_float(tensor)
        else:
            self._scales(tensor, units)
        return self._constant(tensor)

    def note(self, metadata: Values) -> None:
        """Take a note of the converter."""
        name = metadata["name"]
        if len(self._buffer(metadata["buffer"])) > METADATA.get(name, -1):
            refuse(f"unexpected metadata {name.decode(errors='replace')[:40]!r}")

    def check_empty(self) -> None:
        """Refuse what nothing has taken."""
        if self._tensors:
            refuse(f"tensor {min(self._tensors)} is not part of the network")
        if self._buffers:
            refuse(f"buffer {min(self._buffers)} is not part of the network")

    def _shape(self, index: int) -> tuple[int, ...]:
        if index not in self._tensors:
            refuse(f"tensor {index} is missing or used twice")
        return tuple(map(int, self._tensors[index]["shape"]))

    def _take(self, index: int, kind: int, shape: tuple[int, ...]) -> Values:
        if (found := self._shape(index)) != shape:
            refuse(f"a tensor has the shape {found}, not {shape}")
        tensor: Values = self._tensors.pop(index)
        if tensor["type"] != kind:
            refuse(f"a tensor has the type {tensor['type']}, not {kind}")
        return tensor

    def _buffer(self, index: int) -> NDArray[np.uint8] | tuple[()]:
        if index not in self._buffers:
            refuse(f"buffer {index} is missing or used twice")
        data: NDArray[np.uint8] | tuple[()] = self._buffers.pop(index)
        return data

    def _constant(self, tensor: Values) -> NDArray[Any]:
        data, kind = self._buffer(tensor["buffer"]), np.dtype(_DTYPES[tensor["type"]])
        if len(data) != int(np.prod(tensor["shape"])) * kind.itemsize:
            refuse(f"a buffer holds {len(data)} bytes for the shape {tensor['shape']}")
        values: NDArray[Any] = np.asarray(data).view(kind)
        if kind.kind == "f" and not np.isfinite(values).all():
            refuse("a weight is not a finite number")
        return values

    def _check_computed(self, tensor: Values) -> None:
        if tensor["buffer"] and len(self._buffer(tensor["buffer"])):
            refuse("a tensor that is computed holds data")

    def _check_float(self, tensor: Values) -> None:
        quantization = tensor["quantization"]
        if quantization and any(
            len(quantization[name]) for name in ("min", "max", "scale", "zero_point")
        ):
            refuse("a float tensor is quantised")

    def _scales(self, tensor: Values, count: int) -> NDArray[np.float32]:
        quantization = tensor["quantization"]
        if quantization is None or len(quantization["scale"]) != count:
            refuse(f"a tensor of integers does not have {count} scales")
        scales: NDArray[np.float32] = quantization["scale"]
        low, high = STEP_RANGE
        if not ((scales >= low) & (scales <= high)).all():
            refuse("a scale is out of range")
        zeros = quantization["zero_point"]
        if len(zeros) not in (0, count) or np.any(zeros):
            refuse("a zero point is not 0")
        if any(len(quantization[name]) not in (0, count) for name in ("min", "max")):
            refuse("a tensor's range has the wrong length")
        return scales
