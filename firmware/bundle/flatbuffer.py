"""A reader of FlatBuffers that accounts for every byte.

A schema names the fields that a table may have; whatever else a file holds is refused, and so
are offsets that leave it, objects that overlap, and bytes that belong to no object. Every byte
is read at most once, so the work is bounded by the file's size. (The layout is that of
"FlatBuffer Internals" in the FlatBuffers documentation.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

PADDING_MAX = 15
"""Vectors are aligned to at most 16 bytes."""

_U16, _I32, _U32 = Struct("<H"), Struct("<i"), Struct("<I")


class FlatbufferError(ValueError):
    """A file that is not laid out as its schema says, and the reason."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number stored in the table itself, in a `struct` format; `default` where it is absent.

    Given `only`, any other value is refused.
    """

    format: str
    default: int = 0
    only: int | None = None


@dataclass(frozen=True, slots=True)
class Vector:
    """Numbers of a NumPy type, or tables."""

    item: str | Table


@dataclass(frozen=True, slots=True)
class Text:
    """Bytes of at most `bytes_max`."""

    bytes_max: int


@dataclass(frozen=True, slots=True)
class Union:
    """A table whose kind is the value of the field before it; 0 is none."""

    tables: Mapping[int, Table]


@dataclass(frozen=True, slots=True)
class Table:
    """The fields that a table may have, by slot: a name and a kind."""

    fields: Mapping[int, tuple[str, Kind]]


Kind = Scalar | Vector | Text | Union | Table
Values = dict[str, Any]
"""A table's fields by name. One that is absent is its default, empty, or None for a table."""


def read_flatbuffer(data: bytes, identifier: bytes, root: Table) -> Values:
    """Read a whole file. Raises `FlatbufferError` unless it holds `root` and nothing else."""
    file = _File(data)
    if data[4:8] != identifier:
        raise FlatbufferError(f"not a file of kind {identifier.decode()}")
    file.claim(4, 4)
    values = file.table(file.follow(0), root)
    file.check_rest()
    return values


class _File:
    """The bytes of a file and which of them have been read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._read = bytearray(len(data))
        self._layouts: dict[int, int] = {}

    def claim(self, start: int, size: int) -> int:
        """Mark bytes as read, once. Returns `start`."""
        end = start + size
        if start < 0 or end > len(self._data):
            raise FlatbufferError("an offset leaves the file")
        if self._read.find(1, start, end) >= 0:
            raise FlatbufferError("two objects overlap")
        self._read[start:end] = b"\1" * size
        return start

    def follow(self, at: int) -> int:
        """Read an offset; return where it leads."""
        offset = int(_U32.unpack_from(self._data, self.claim(at, 4))[0])
        return at + offset

    def table(self, at: int, schema: Table) -> Values:
        """Read a table and all that it refers to."""
        _check_alignment(at, 4)
        layout = at - int(_I32.unpack_from(self._data, self.claim(at, 4))[0])
        slots, size = self._layout(layout)
        offsets = {slot: offset for slot, offset in enumerate(slots) if offset}
        unknown = offsets.keys() - schema.fields.keys()
        if unknown:
            raise FlatbufferError(f"a table has an unexpected field (number {min(unknown)})")
        values: Values = {}
        tag = 0
        for slot, (name, kind) in schema.fields.items():
            offset = offsets.get(slot, 0)
            if offset and not 4 <= offset < size:
                raise FlatbufferError("a field lies outside its table")
            values[name] = self._field(at + offset if offset else 0, kind, tag, at + size)
            tag = values[name] if isinstance(kind, Scalar) else 0
        return values

    def check_rest(self) -> None:
        """Refuse bytes that no object holds, but for padding."""
        read = np.frombuffer(self._read, np.bool_)
        if np.frombuffer(self._data, np.uint8)[~read].any():
            raise FlatbufferError("bytes that belong to no object")
        if bytes(PADDING_MAX + 1) in self._read:
            raise FlatbufferError("a gap between objects")

    def _layout(self, at: int) -> tuple[tuple[int, ...], int]:
        """Read a vtable, which tables may share: the fields' offsets and the table's size."""
        _check_alignment(at, 2)
        if at not in self._layouts:
            self._layouts[at] = int(_U16.unpack_from(self._data, self.claim(at, 2))[0])
            self.claim(at + 2, self._layouts[at] - 2)
        count = self._layouts[at] // 2
        if count < 2 or self._layouts[at] % 2:
            raise FlatbufferError("a table's layout is broken")
        _, size, *slots = Struct(f"<{count}H").unpack_from(self._data, at)
        return tuple(slots), size

    def _field(self, at: int, kind: Kind, tag: int, end: int) -> Any:
        if isinstance(kind, Scalar):
            return self._scalar(at, kind, end) if at else kind.default
        if isinstance(kind, Union):
            if bool(at) != bool(tag) or (at and tag not in kind.tables):
                raise FlatbufferError(f"unexpected options (kind {tag})")
            kind = kind.tables[tag] if at else Table({})
        if not at:
            return None if isinstance(kind, Table) else _EMPTY[type(kind)]
        if at + 4 > end:
            raise FlatbufferError("a field lies outside its table")
        target = self.follow(at)
        if isinstance(kind, Table):
            return self.table(target, kind)
        if isinstance(kind, Text):
            return self._text(target, kind.bytes_max)
        if isinstance(kind.item, Table):
            return self._tables(target, kind.item)
        return self._numbers(target, np.dtype(kind.item))

    def _scalar(self, at: int, kind: Scalar, end: int) -> int:
        form = Struct("<" + kind.format)
        if at + form.size > end:
            raise FlatbufferError("a field lies outside its table")
        _check_alignment(at, form.size)
        value = int(form.unpack_from(self._data, self.claim(at, form.size))[0])
        if kind.only is not None and value != kind.only:
            raise FlatbufferError(f"a field is {value} and should be {kind.only}")
        return value

    def _length(self, at: int) -> int:
        _check_alignment(at, 4)
        return int(_U32.unpack_from(self._data, self.claim(at, 4))[0])

    def _text(self, at: int, bytes_max: int) -> bytes:
        length = self._length(at)
        if length > bytes_max:
            raise FlatbufferError(f"a name is longer than {bytes_max} bytes")
        start = self.claim(at + 4, length + 1)
        if self._data[start + length]:
            raise FlatbufferError("a name does not end")
        return self._data[start : start + length]

    def _numbers(self, at: int, kind: np.dtype[Any]) -> NDArray[Any]:
        length = self._length(at)
        if length:
            _check_alignment(at + 4, kind.itemsize)
        start = self.claim(at + 4, length * kind.itemsize)
        return np.frombuffer(self._data, kind, length, start)

    def _tables(self, at: int, schema: Table) -> tuple[Values, ...]:
        length = self._length(at)
        if at + 4 + 4 * length > len(self._data):
            raise FlatbufferError("an offset leaves the file")
        return tuple(
            self.table(self.follow(place), schema)
            for place in range(at + 4, at + 4 + 4 * length, 4)
        )


_EMPTY: dict[type[Kind], Any] = {Vector: (), Text: b""}


def _check_alignment(at: int, size: int) -> None:
    if at % size:
        raise FlatbufferError("an object is not aligned")
