"""The codec of the message socket: little-endian structs, made from the messages' own types.

A message is a header (its kind, the version, its number), its fixed part, and then each of its
lists' records. A field is packed as its annotation in `engine/state.py` says: first all
numbers, a list's length among them, then all rows of numbers, each in the order of the class.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from enum import EnumType
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeVar, get_args

from firmware.engine.state import Command, Count, EngineState, Report

VERSION = 3
MESSAGE_BYTES_MAX = 4096

Message = EngineState | Command | Report

_HEADER = struct.Struct("<cBI")
_Values = tuple[Any, ...]
_T = TypeVar("_T")


class MessageError(ValueError):
    """A message of another version or length; it is counted and ignored."""


def pack(message: Message, sequence: int) -> bytes:
    """Pack a message with its number, which wraps at 2**32."""
    mark, layout = _LAYOUTS[type(message)]
    return _HEADER.pack(mark, VERSION, sequence & 0xFFFFFFFF) + layout.pack(message)


def unpack(data: bytes) -> tuple[int, Message]:
    """Return a message and its number. Raises `MessageError` for anything else."""
    try:
        mark, version, sequence = _HEADER.unpack_from(data)
        if version != VERSION:
            raise MessageError(f"message version {version}, this is {VERSION}")
        return sequence, _BY_MARK[mark].unpack(data)
    except (struct.error, KeyError, ValueError, IndexError) as error:
        raise MessageError(f"not a message of the codec: {error}") from None


def is_engine_state(data: bytes) -> bool:
    """Return whether a message claims to be an engine state, which may still be invalid."""
    return data.startswith(b"S")


class _Column(NamedTuple):
    """A number, or a row of numbers, of a message: how it is read off it, and packed."""

    name: str
    term: str
    format: str
    length: int


class _Record:
    """How the fixed part of a class is packed and made again."""

    def __init__(self, kind: type) -> None:
        """Take a class; its lists are packed behind it, and follow the unpacked values."""
        columns = sorted(_columns(kind), key=lambda column: column.length > 0)
        self.struct = struct.Struct("<" + "".join(column.format for column in columns))
        self.pack = _packer(self.struct, columns)
        self._kind = kind
        self.places, end = _places(columns)
        lists = [name for name, hint in _annotations(kind).items() if _is_list(hint)]
        places = self.places | {name: end + n for n, name in enumerate(lists)}
        self._pick = itemgetter(*(_place(places, name) for name in _annotations(kind)))
        self._conversions = tuple(_conversions(kind))
        plain = not self._conversions and not any(column.length for column in columns)
        self.make: Callable[[_Values], Any] = (
            getattr(kind, "_make", self._make) if plain else self._make
        )

    def _make(self, values: _Values) -> Any:
        """Make a record of unpacked values. Raises `ValueError` for an unknown choice."""
        picked = self._pick(values)
        if not self._conversions:
            return self._kind(*picked)
        picked = list(picked)
        for place, convert in self._conversions:
            picked[place] = convert(picked[place])
        return self._kind(*picked)


class _List:
    """The records of a list in a message; an optional record is a list of at most one."""

    def __init__(self, name: str, hint: Any, place: Any) -> None:
        """Take a field, its annotation, and where its length lies among the values."""
        self.place = place
        kind, *others = get_args(_base(hint))
        self._get = attrgetter(name)
        self._optional = type(None) in others
        self._record = _Record(kind)
        self.size = self._record.struct.size
        self.allowed: Count = _mark(hint)

    def pack(self, message: object) -> Iterator[bytes]:
        """Pack the records of a message."""
        records = self._get(message)
        if self._optional:
            records = () if records is None else (records,)
        return map(self._record.pack, records)

    def unpack(self, data: bytes) -> Any:
        """Make the field of its bytes. Raises `struct.error` for a wrong length."""
        records = map(self._record.make, self._record.struct.iter_unpack(data))
        return next(records, None) if self._optional else tuple(records)


class _Layout:
    """A whole message: the fixed part, whose last numbers count the records of each list."""

    def __init__(self, kind: type) -> None:
        """Take the message's class."""
        hints = _annotations(kind).items()
        self._record = _Record(kind)
        places = self._record.places
        self._lists = [
            _List(name, hint, places[f"len({name})"]) for name, hint in hints if _is_list(hint)
        ]

    def pack(self, message: object) -> bytes:
        """Pack a message. Raises `struct.error` for a number out of range."""
        parts = [self._record.pack(message)]
        for records in self._lists:
            parts += records.pack(message)
        return b"".join(parts)

    def unpack(self, data: bytes) -> Any:
        """Make the message behind a header. Raises `ValueError`, or `struct.error`."""
        fixed = self._record.struct
        values = fixed.unpack_from(data, _HEADER.size)
        end = _HEADER.size + fixed.size
        for records in self._lists:
            count = values[records.place]
            start, end = end, end + count * records.size
            if not records.allowed.low <= count <= records.allowed.high:
                raise MessageError(f"a list of {count} records")
            values += (records.unpack(data[start:end]),)
        if end != len(data):
            raise MessageError(f"{len(data)} bytes, not {end}")
        return self._record.make(values)


def _packer(layout: struct.Struct, columns: list[_Column]) -> Callable[[object], bytes]:
    """Return what packs a record: one expression, as no loop over the fields is as fast."""
    terms = ", ".join(column.term for column in columns)
    packer: Callable[[object], bytes] = eval(  # noqa: S307 - names of our own classes
        f"lambda record: pack({terms})", {"pack": layout.pack}
    )
    return packer


def _columns(kind: type) -> Iterator[_Column]:
    """Name all numbers and rows of a class; those of a part, such as a pattern, are rows."""
    for name, hint in _annotations(kind).items():
        if _is_part(hint):
            for column in _columns(hint):
                term = column.term.replace("record.", f"record.{name}.")
                yield column._replace(name=f"{name}.{column.name}", term=term)
        elif _is_list(hint):
            optional = type(None) in get_args(_base(hint))
            term = f"record.{name} is not None" if optional else f"len(record.{name})"
            yield _Column(f"len({name})", term, "B", 0)
        else:
            code = _mark(hint)
            row = len(code) > 1
            yield _Column(name, f"{'*' * row}record.{name}", code, int(code[:-1] or 0))


def _places(columns: list[_Column]) -> tuple[dict[str, int | slice], int]:
    """Return the position of each column among the unpacked values, and their number."""
    places: dict[str, int | slice] = {}
    start = 0
    for column in columns:
        length = column.length
        places[column.name] = slice(start, start + length) if length else start
        start += length or 1
    return places, start


def _place(places: Mapping[str, int | slice], name: str) -> int | slice:
    """Return the position of a field; of a part, those of all its rows."""
    if name in places:
        return places[name]
    rows = [place for key, place in places.items() if key.startswith(f"{name}.")]
    slices = [row for row in rows if isinstance(row, slice)]
    return slice(slices[0].start, slices[-1].stop)


def _conversions(kind: type) -> Iterator[tuple[int, Callable[[Any], Any]]]:
    """Return the fields that need conversion from what `struct` returns: choices, and parts."""
    for place, (_, hint) in enumerate(_annotations(kind).items()):
        if _is_part(hint):
            yield place, _Record(hint).make
        elif isinstance(_base(hint), EnumType):
            yield place, _base(hint)


def _annotations(kind: type) -> dict[str, Any]:
    hints: dict[str, Any] = kind.__annotations__
    return hints


def _is_part(hint: Any) -> bool:
    return isinstance(hint, type)


def _is_list(hint: Any) -> bool:
    return not _is_part(hint) and isinstance(_mark(hint), Count)


def _base(hint: Any) -> Any:
    return get_args(hint)[0]


def _mark(hint: Any) -> Any:
    """Return what an annotation adds to a type: a `struct` code, or a `Count`."""
    return get_args(hint)[1]


_LAYOUTS: Mapping[type, tuple[bytes, _Layout]] = {
    EngineState: (b"S", _Layout(EngineState)),
    Command: (b"C", _Layout(Command)),
    Report: (b"R", _Layout(Report)),
}
_BY_MARK = dict(_LAYOUTS.values())
