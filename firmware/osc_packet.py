"""Open Sound Control 1.0 packets: the part of it that every patcher and controller speaks.

Arguments are `i`, `f` and `s`. Bundles are taken apart and their time tags passed over: what
arrives happens. Packets come from anybody, so nothing here trusts a length or recurses without
end (a library's parser that does both was tried and hangs on one packet of 24 bytes).
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

PACKET_BYTES_MAX = 2048
"""Longer packets are refused; the longest of ours has 34 arguments in some 200 bytes."""

ARGUMENTS_MAX = 64
BUNDLE_DEPTH_MAX = 4

_BUNDLE = b"#bundle\0"
_BUNDLE_HEAD_BYTES = 16

Argument = int | float | str


class OscError(ValueError):
    """A packet or a message that is not understood; it is counted and changes nothing."""


class Message(NamedTuple):
    """An address and what is said there."""

    address: str
    arguments: tuple[Argument, ...] = ()


def encode(address: str, *arguments: Argument) -> bytes:
    """Give the packet of one message."""
    tags = "".join(map(_tag, arguments))
    return b"".join((_padded(address), _padded(f",{tags}"), *map(_encoded, arguments)))


def decode(packet: bytes) -> list[Message]:
    """Give the messages of a packet. Raises `OscError` if any part of it is malformed."""
    return list(_messages(packet, 0))


def _messages(packet: bytes, depth: int) -> Iterator[Message]:
    if len(packet) > PACKET_BYTES_MAX:
        raise OscError("a packet that is too long")
    if not packet.startswith(_BUNDLE):
        yield _message(packet)
        return
    if depth >= BUNDLE_DEPTH_MAX:
        raise OscError("bundles within bundles")
    if len(packet) < _BUNDLE_HEAD_BYTES:
        raise OscError("a bundle that is cut off")
    for element in _elements(packet):
        yield from _messages(element, depth + 1)


def _elements(bundle: bytes) -> Iterator[bytes]:
    place = _BUNDLE_HEAD_BYTES
    while place < len(bundle):
        size = _integer(bundle, place)
        place += 4
        if size < 4 or place + size > len(bundle):
            raise OscError("a bundle that is cut off")
        yield bundle[place : place + size]
        place += size


def _message(packet: bytes) -> Message:
    address, place = _string(packet, 0)
    if not address.startswith("/"):
        raise OscError("an address begins with a slash")
    if place == len(packet):  # senders of old leave the tags out
        return Message(address)
    tags, place = _string(packet, place)
    if not tags.startswith(",") or len(tags) > ARGUMENTS_MAX + 1:
        raise OscError(f"{address[:40]!r}: no type tags, or too many")
    arguments = []
    for tag in tags[1:]:
        argument, place = _argument(packet, place, tag, address)
        arguments.append(argument)
    if place != len(packet):
        raise OscError(f"{address[:40]!r}: more bytes than its arguments have")
    return Message(address, tuple(arguments))


def _argument(packet: bytes, place: int, tag: str, address: str) -> tuple[Argument, int]:
    if tag == "i":
        return _integer(packet, place), place + 4
    if tag == "f":
        return _float(packet, place), place + 4
    if tag == "s":
        return _string(packet, place)
    raise OscError(f"{address[:40]!r}: arguments are i, f or s, not {tag}")


def _integer(packet: bytes, place: int) -> int:
    try:
        value: int = struct.unpack_from(">i", packet, place)[0]
    except struct.error:
        raise OscError("a packet that is cut off") from None
    return value


def _float(packet: bytes, place: int) -> float:
    try:
        value: float = struct.unpack_from(">f", packet, place)[0]
    except struct.error:
        raise OscError("a packet that is cut off") from None
    return value


def _string(packet: bytes, place: int) -> tuple[str, int]:
    """Give a string and where the next part begins: after one to four zeros."""
    end = packet.find(b"\0", place)
    following = place + (end - place) // 4 * 4 + 4
    if end < 0 or following > len(packet):
        raise OscError("a packet that is cut off")
    try:
        return packet[place:end].decode(), following
    except UnicodeDecodeError:
        raise OscError("text that is not UTF-8") from None


def _tag(argument: Argument) -> str:
    return "s" if isinstance(argument, str) else "i" if isinstance(argument, int) else "f"


def _encoded(argument: Argument) -> bytes:
    if isinstance(argument, str):
        return _padded(argument)
    return struct.pack(">i" if isinstance(argument, int) else ">f", argument)


def _padded(text: str) -> bytes:
    data = text.replace("\0", "").encode()
    return data + b"\0" * (4 - len(data) % 4)
