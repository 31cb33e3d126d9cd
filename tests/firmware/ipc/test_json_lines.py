import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.ipc import json_lines
from firmware.ipc.json_lines import (
    BLOCK_BYTES,
    DisconnectedError,
    FrameReader,
    FramingError,
    LineBuffer,
    SilentError,
    decode_line,
    encode_line,
)


class Pipe:
    """A reader and the other end."""

    def __init__(self, idle_s: float = 20.0, line_bytes_max: int = 100) -> None:
        self.descriptor, self.other = os.pipe()
        self.reader = FrameReader(self.descriptor, idle_s, line_bytes_max)

    def send(self, data: bytes, *, close: bool = True) -> FrameReader:
        os.write(self.other, data)
        if close:
            os.close(self.other)
            self.other = -1
        return self.reader

    def end(self) -> None:
        for descriptor in (self.descriptor, self.other):
            if descriptor >= 0:
                os.close(descriptor)


@pytest.fixture(params=["select", "thread"])
def pipe(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipe]:
    monkeypatch.setattr(json_lines, "SELECTS_PIPES", request.param == "select")
    one = Pipe()
    yield one
    one.end()


def test_messages_and_announced_bytes_in_turn(pipe: Pipe) -> None:
    reader = pipe.send(encode_line({"a": 1}) + b"12345" + encode_line({"b": 2}))
    assert reader.message() == {"a": 1}
    assert reader.exactly(0) == b""
    assert reader.exactly(5) == b"12345"
    assert reader.message() == {"b": 2}
    with pytest.raises(DisconnectedError):
        reader.message()


def test_a_connection_that_ends_inside_a_message(pipe: Pipe) -> None:
    reader = pipe.send(b'{"a": 1')
    with pytest.raises(FramingError, match="inside a message") as ended:
        reader.message()
    assert not isinstance(ended.value, DisconnectedError)


def test_a_connection_that_ends_inside_the_bytes(pipe: Pipe) -> None:
    reader = pipe.send(b"{}\n123")
    reader.message()
    with pytest.raises(FramingError, match="2 bytes early"):
        reader.exactly(5)


def test_a_silent_sender() -> None:
    pipe = Pipe(idle_s=0.01)
    reader = pipe.send(b"{", close=False)
    with pytest.raises(SilentError, match=r"for 0\.01 s"):
        reader.message()
    pipe.end()


def test_blocks_are_bounded() -> None:
    pipe = Pipe()
    reader = pipe.send(b"x" * 60_000)
    blocks = list(reader.blocks(60_000))
    assert b"".join(blocks) == b"x" * 60_000
    assert all(0 < len(block) <= BLOCK_BYTES == 1 << 18 for block in blocks)
    pipe.end()


@pytest.mark.parametrize("line", [b"", b"x", b"[]", b"3", b"\xff", b"[" * 100_000])
def test_a_line_is_a_json_object(line: bytes) -> None:
    with pytest.raises(FramingError, match="expected a") as refused:
        decode_line(line)
    assert len(str(refused.value)) < 300


def test_no_number_is_sent_that_json_has_not() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode_line({"x": float("nan")})


@pytest.mark.parametrize("data", [b"12345\n6", b"1\n23456789", b"12345"])
def test_a_line_may_have_its_greatest_length(data: bytes) -> None:
    LineBuffer(5).add(data)


@pytest.mark.parametrize("data", [b"123456\n", b"123456"])
def test_a_line_may_not_be_longer(data: bytes) -> None:
    buffer = LineBuffer(5)
    buffer.add(data[:3])
    with pytest.raises(FramingError, match="longer than 5 bytes"):
        buffer.add(data[3:])


@given(st.lists(st.binary(max_size=9).filter(lambda b: b"\n" not in b)), st.data())
def test_lines_are_the_same_however_they_are_cut(
    lines: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    buffer, found, at = LineBuffer(10), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, 10))
        buffer.add(stream[at : at + size])
        at += size
        while (line := buffer.line()) is not None:
            found.append(line)
    assert found == lines
    assert buffer.rest == b""
