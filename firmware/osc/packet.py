"""Open Sound Control 1.0 packets: the part that every patcher and controller supports.

Arguments are `i`, `f` and `s`. Bundles are split and their time tags ignored: messages take
effect on arrival. Packets are untrusted, so nothing here relies on a length or recurses without
a limit (a library's parser that does both hangs on one packet of 24 bytes).
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

PACKET_BYTES_MAX = 2048
"""Longer packets are refused; the longest valid one has 34 arguments in about 200 bytes."""

ARGUMENTS_MAX = 64
BUNDLE_DEPTH_MAX = 4

_BUNDLE = b"#bundle\0"
_BUNDLE_HEAD_BYTES = 16

Argument = int | float | str


class OscError(ValueError):
    """A malformed packet or an unknown message; it is counted and changes nothing."""


class Message(NamedTuple):
    """An address and its arguments."""

    address: str
    arguments: tuple[Argument, ...] = ()


def encode(address: str, *arguments: Argument) -> bytes:
    """Return the packet of one message."""
    tags = "".join(map(_tag, arguments))
    return b"".join((_padded(address), _padded(f",{tags}"), *map(_encoded, arguments)))


def decode(packet: bytes) -> list[Message]:
    """Return the messages of a packet. Raises `OscError` if any part of it is malformed."""
    return list(_messages(packet, 0))


def _messages(packet: bytes, depth: int) -> Iterator[Message]:
    if len(packet) > PACKET_BYTES_MAX:
        raise OscError("packet too long")
    if not packet.startswith(_BUNDLE):
        yield _message(packet)
        return
    if depth >= BUNDLE_DEPTH_MAX:
        raise OscError("bundles nested too deep")
    if len(packet) < _BUNDLE_HEAD_BYTES:
        raise OscError("truncated bundle")
    for element in _elements(packet):
        yield from _messages(element, depth + 1)


def _elements(bundle: bytes) -> Iterator[bytes]:
    offset = _BUNDLE_HEAD_BYTES
    while offset < len(bundle):
        size = _integer(bundle, offset)
        offset += 4
        if size < 4 or offset + size > len(bundle):
            raise OscError("truncated bundle")
        yield bundle[offset : offset + size]
        offset += size


def _message(packet: bytes) -> Message:
    address, offset = _string(packet, 0)
    if not address.startswith("/"):
        raise OscError("an address must begin with a slash")
    if offset == len(packet):  # old senders omit the type tags
        return Message(address)
    tags, offset = _string(packet, offset)
    if not tags.startswith(",") or len(tags) > ARGUMENTS_MAX + 1:
        raise OscError(f"{address[:40]!r}: no type tags, or too many")
    arguments = []
    for tag in tags[1:]:
        argument, offset = _argument(packet, offset, tag, address)
        arguments.append(argument)
    if offset != len(packet):
        raise OscError(f"{address[:40]!r}: more bytes than its arguments take")
    return Message(address, tuple(arguments))


def _argument(packet: bytes, offset: int, tag: str, address: str) -> tuple[Argument, int]:
    if tag == "i":
        return _integer(packet, offset), offset + 4
    if tag == "f":
        return _float(packet, offset), offset + 4
    if tag == "s":
        return _string(packet, offset)
    raise OscError(f"{address[:40]!r}: arguments are i, f or s, not {tag}")


def _integer(packet: bytes, offset: int) -> int:
    try:
        value: int = struct.unpack_from(">i", packet, offset)[0]
    except struct.error:
        raise OscError("truncated packet") from None
    return value


def _float(packet: bytes, offset: int) -> float:
    try:
        value: float = struct.unpack_from(">f", packet, offset)[0]
    except struct.error:
        raise OscError("truncated packet") from None
    return value


def _string(packet: bytes, offset: int) -> tuple[str, int]:
    """Return a string and where the next part begins: after one to four zeros."""
    end = packet.find(b"\0", offset)
    following = offset + (end - offset) // 4 * 4 + 4
    if end < 0 or following > len(packet):
        raise OscError("truncated packet")
    try:
        return packet[offset:end].decode(), following
    except UnicodeDecodeError:
        raise OscError("text is not UTF-8") from None


def _tag(argument: Argument) -> str:
    return "s" if isinstance(argument, str) else "i" if isinstance(argument, int) else "f"


def _encoded(argument: Argument) -> bytes:
    if isinstance(argument, str):
        return _padded(argument)
    return struct.pack(">i" if isinstance(argument, int) else ">f", argument)


def _padded(text: str) -> bytes:
    data = text.replace("\0", "").encode()
    return data + b"\0" * (4 - len(data) % 4)
