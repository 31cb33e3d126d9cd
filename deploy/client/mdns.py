"""DNS messages for service discovery on the local network (RFC 6762, RFC 6763).

Nothing here connects: `query` makes the bytes of a question, `services` reads an answer.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

SERVICE = "_exnihilo._tcp.local"
"""What a module announces: its ssh server, to `deploy`."""

PORT = 5353
MESSAGE_BYTES_MAX = 9000

_HEADER, _RECORD = struct.Struct(">6H"), struct.Struct(">HHIH")
_PTR, _SRV, _IN = 12, 33, 1
_POINTER = 0xC0
_RESPONSE = 0x8000
_NAME_MAX = 255


class MdnsError(ValueError):
    """Bytes that are not an answer."""


class Record(NamedTuple):
    """A resource record: its owner, type and where its data begins in the message."""

    name: str
    kind: int
    data_at: int


def query(service: str = SERVICE) -> bytes:
    """Return a message that asks for all instances of a service."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in service.split("."))
    return _HEADER.pack(0, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", _PTR, _IN)


def services(data: bytes, service: str = SERVICE) -> dict[str, str]:
    """Return the instances of a service that an answer names, each with its host.

    Raises `MdnsError` for what is not an answer.
    """
    try:
        return dict(_services(data[:MESSAGE_BYTES_MAX], service.lower()))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise MdnsError(str(error)) from None


def _services(data: bytes, service: str) -> Iterator[tuple[str, str]]:
    suffix = f".{service}"
    for record in _records(data):
        if record.kind == _SRV and record.name.lower().endswith(suffix):
            target, _ = _name(data, record.data_at + 6)
            yield record.name[: -len(suffix)], target


def _records(data: bytes) -> Iterator[Record]:
    """Read all records of an answer, in whichever section they are."""
    _, flags, questions, *counts = _HEADER.unpack_from(data)
    if not flags & _RESPONSE:
        raise MdnsError("a question")
    at = _HEADER.size
    for _ in range(questions):
        _, at = _name(data, at)
        at += 4
    for _ in range(sum(counts)):
        name, at = _name(data, at)
        kind, _, _, size = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        yield Record(name, kind, at)
        at += size


def _name(data: bytes, at: int) -> tuple[str, int]:
    """Read a name; return it and where what follows it begins.

    A pointer may only lead backwards, so that a name always ends.
    """
    labels: list[str] = []
    after = 0
    while size := data[at]:
        if size & _POINTER:
            (target,) = struct.unpack_from(">H", data, at)
            target &= 0x3FFF
            if size & _POINTER != _POINTER or target >= at:
                raise MdnsError("a name that does not end")
            after = after or at + 2
            at = target
            continue
        labels.append(data[at + 1 : at + 1 + size].decode())
        at += 1 + size
        if sum(map(len, labels)) > _NAME_MAX:
            raise MdnsError("a name that is too long")
    return ".".join(labels), after or at + 1
