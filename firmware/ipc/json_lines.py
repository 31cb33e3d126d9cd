"""Messages as lines of JSON, and bytes of a length that a message announced, with bounds."""

import json
import os
import queue
import select
import threading
from collections.abc import Iterator
from typing import Any

from firmware.errors import UserError
from firmware.storage.strict_json import strict_json

BLOCK_BYTES = 1 << 18

SELECTS_PIPES = os.name != "nt"
"""Whether the system can wait for a pipe; Windows waits for sockets alone."""


class FramingError(UserError):
    """The other end disconnected, waited too long or sent something else."""


class DisconnectedError(FramingError):
    """The other end closed between two messages."""


class SilentError(FramingError):
    """Nothing was received in time."""


def encode_line(document: dict[str, Any]) -> bytes:
    """Return the line of a message."""
    return json.dumps(document, allow_nan=False).encode() + b"\n"


def decode_line(data: bytes) -> dict[str, Any]:
    """Return the message of a line. Raises `FramingError` unless it is a JSON object."""
    try:
        document = strict_json(data)
    except ValueError:
        raise FramingError(f"expected a line of JSON, not {data[:60]!r}") from None
    if not isinstance(document, dict):
        raise FramingError(f"expected a JSON object, not {data[:60]!r}")
    return document


class LineBuffer:
    """Bytes received so far; gives whole lines. `rest` is what follows them."""

    def __init__(self, bytes_max: int) -> None:
        """Bound a line to `bytes_max` bytes."""
        self.rest = b""
        self._bytes_max = bytes_max

    def add(self, data: bytes) -> None:
        """Append what was received. Raises `FramingError` if a line is too long."""
        self.rest += data
        if len(self.rest) > self._bytes_max and b"\n" not in self.rest[: self._bytes_max + 1]:
            raise FramingError(f"a line is longer than {self._bytes_max} bytes")

    def line(self) -> bytes | None:
        """Remove and return the first line, if it is whole."""
        head, newline, rest = self.rest.partition(b"\n")
        if not newline:
            return None
        self.rest = rest
        return head


class FrameReader:
    """Reads messages and announced bytes from a descriptor; waits at most `idle_s` for more."""

    def __init__(self, descriptor: int, idle_s: float, line_bytes_max: int) -> None:
        """Read from a descriptor that stays open elsewhere."""
        self._descriptor = descriptor
        self._idle_s = idle_s
        self._pipe = None if SELECTS_PIPES else _blocks_of(descriptor)
        self._ahead = b""
        self._buffer = LineBuffer(line_bytes_max)

    def message(self) -> dict[str, Any]:
        """Read one message. Raises as `line` does, and `FramingError` if it is not JSON."""
        return decode_line(self.line())

    def line(self) -> bytes:
        """Read one line. Raises `DisconnectedError` where none begins, else `FramingError`."""
        while (line := self._buffer.line()) is None:
            try:
                self._buffer.add(self._read(BLOCK_BYTES))
            except DisconnectedError:
                if self._buffer.rest:
                    raise FramingError("the connection ended inside a message") from None
                raise
        return line

    def blocks(self, size_bytes: int) -> Iterator[bytes]:
        """Read exactly so many bytes, in blocks. Raises `FramingError` if fewer come."""
        while size_bytes > 0:
            block = self._buffer.rest[:size_bytes]
            self._buffer.rest = self._buffer.rest[len(block) :]
            try:
                block = block or self._read(min(size_bytes, BLOCK_BYTES))
            except DisconnectedError:
                raise FramingError(f"the connection ended {size_bytes} bytes early") from None
            size_bytes -= len(block)
            yield block

    def exactly(self, size_bytes: int) -> bytes:
        """Read exactly so many bytes. Raises `FramingError` if fewer come."""
        return b"".join(self.blocks(size_bytes))

    def _read(self, size_bytes: int) -> bytes:
        data = self._received(size_bytes)
        if data is None:
            raise SilentError(f"nothing was received for {self._idle_s:g} s")
        if not data:
            raise DisconnectedError("the connection ended")
        return data

    def _received(self, size_bytes: int) -> bytes | None:
        """Return what came, empty at the end; None where nothing came in time."""
        if self._pipe is None:
            ready, _, _ = select.select([self._descriptor], [], [], self._idle_s)
            return os.read(self._descriptor, size_bytes) if ready else None
        try:
            block = self._ahead or self._pipe.get(timeout=self._idle_s)
        except queue.Empty:
            return None
        self._ahead = block[size_bytes:]
        return block[:size_bytes]


def _blocks_of(descriptor: int) -> "queue.Queue[bytes]":
    """Read a pipe in a thread, block by block; the last block is empty."""
    blocks: queue.Queue[bytes] = queue.Queue(maxsize=4)

    def read() -> None:
        block = b" "
        while block:
            try:
                block = os.read(descriptor, BLOCK_BYTES)
            except OSError:
                block = b""
            blocks.put(block)

    threading.Thread(target=read, daemon=True, name="pipe").start()
    return blocks
