"""The codec against an independent one, and against every kind of broken packet."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from firmware.osc.packet import PACKET_BYTES_MAX, Message, OscError, decode, encode

ADDRESSES = st.from_regex(r"/[a-z0-9/_]{0,30}", fullmatch=True)
ARGUMENTS = st.lists(
    st.integers(-(2**31), 2**31 - 1)
    | st.floats(width=32, allow_nan=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20),
    max_size=40,
)


def bundle(*elements: bytes, time: bytes = b"\0\0\0\0\0\0\0\1") -> bytes:
    sized = (struct.pack(">i", len(element)) + element for element in elements)
    return b"#bundle\0" + time + b"".join(sized)


@given(ADDRESSES, ARGUMENTS)
def test_what_is_encoded_another_library_reads(address: str, arguments: list[object]) -> None:
    decoded = OscMessage(encode(address, *arguments))  # type: ignore[arg-type]
    assert (decoded.address, decoded.params) == (address, arguments)


@given(ADDRESSES, ARGUMENTS)
def test_what_another_library_encodes_is_read(address: str, arguments: list[object]) -> None:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        kind = "i" if isinstance(argument, int) else None
        builder.add_arg(argument, kind)  # type: ignore[arg-type]
    assert decode(builder.build().dgram) == [Message(address, tuple(arguments))]  # type: ignore[arg-type]


@pytest.mark.parametrize("time", [b"\0\0\0\0\0\0\0\1", b"\0" * 8, b"\xff" * 8])
def test_bundles_are_taken_apart_whatever_their_time(time: bytes) -> None:
    inner = bundle(encode("/b", 1), encode("/c", "d"), time=time)
    assert decode(bundle(encode("/a"), inner, time=time)) == [
        Message("/a"),
        Message("/b", (1,)),
        Message("/c", ("d",)),
    ]


def nested(depth: int) -> bytes:
    packet = encode("/x")
    for _ in range(depth):
        packet = bundle(packet)
    return packet


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0",
        b"x\0\0\0",
        b"/x",
        b"/x\0\0i\0\0\0",
        b"/x\0\0,i\0\0",
        b"/x\0\0,i\0\0\0\0\0",
        b"/x\0\0,f\0\0\0",
        b"/x\0\0,s\0\0abcd",
        b"/x\0\0,T\0\0",
        b"/x\0\0,b\0\0\0\0\0\0",
        b"/x\0\0,\0\0\0more",
        b"/\xff\xfe\0",
        b"#bundle\0",
        b"#bundle\0" + b"\0" * 8 + b"\0\0",
        b"#bundle\0" + b"\0" * 8 + b"\xff\xff\xff\xfc" + b"\0" * 4,
        b"#bundle\0" + b"\0" * 8 + b"\0\0\0\0",
        b"#bundle\0" + b"\0" * 8 + b"\x7f\xff\xff\xff/x\0\0",
        nested(5),
        encode("/x", *range(65)),
        encode("/x", "y" * PACKET_BYTES_MAX),
    ],
)
def test_a_broken_packet_is_refused(packet: bytes) -> None:
    with pytest.raises(OscError):
        decode(packet)


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda rest: b"#bundle\0" + rest))
def test_no_bytes_do_worse_than_be_refused(packet: bytes) -> None:
    try:
        messages = decode(packet)
    except OscError:
        return
    assert all(message.address.startswith("/") for message in messages)
