"""The talk between laptop and receiver: lines of JSON, and bytes of a length told before.

The laptop asks; the receiver answers with any number of events and one line that holds `ok`.
There are no archives: what is sent is the manifest, then the files it names, in its order, of
the sizes it tells. A stream like that cannot say "link", "device" or "..".
"""

import json
import os
import select
from collections.abc import Iterator
from typing import Any

from firmware.errors import UserError

PROTOCOL = 1
LINE_BYTES_MAX = 16 << 20
"""A whole backup travels in one line; all else is short."""

BLOCK_BYTES = 1 << 18


class WireError(UserError):
    """The other end went away, waited too long or spoke nonsense."""


class HungUpError(WireError):
    """The other end closed between two requests, as it should."""


def line(document: dict[str, Any]) -> bytes:
    """Give the line of a message."""
    return json.dumps(document, allow_nan=False).encode() + b"\n"


def parse(data: bytes) -> dict[str, Any]:
    """Read a message. Raises `WireError`."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise WireError(f"expected a line of JSON, not {data[:60]!r}") from None
    if not isinstance(document, dict):
        raise WireError(f"expected a JSON object, not {data[:60]!r}")
    return document


class Inlet:
    """What arrives on a descriptor, with bounds; a sender silent for `idle_s` is given up."""

    def __init__(self, descriptor: int, idle_s: float) -> None:
        """Read from a descriptor that stays open elsewhere."""
        self._descriptor = descriptor
        self._idle_s = idle_s
        self._rest = b""

    def message(self) -> dict[str, Any]:
        """Read one line of JSON. Raises `HungUpError` where none begins, else `WireError`."""
        while b"\n" not in self._rest:
            if len(self._rest) > LINE_BYTES_MAX:
                raise WireError(f"a line is longer than {LINE_BYTES_MAX} bytes")
            try:
                self._rest += self._read(BLOCK_BYTES)
            except HungUpError:
                if self._rest:
                    raise WireError("the connection ended inside a message") from None
                raise
        head, _, self._rest = self._rest.partition(b"\n")
        return parse(head)

    def blocks(self, size_bytes: int) -> Iterator[bytes]:
        """Read exactly so many bytes, in blocks. Raises `WireError` if fewer come."""
        while size_bytes > 0:
            block = self._rest[:size_bytes]
            self._rest = self._rest[len(block) :]
            try:
                block = block or self._read(min(size_bytes, BLOCK_BYTES))
            except HungUpError:
                raise WireError(f"the connection ended {size_bytes} bytes early") from None
            size_bytes -= len(block)
            yield block

    def exactly(self, size_bytes: int) -> bytes:
        """Read exactly so many bytes. Raises `WireError` if fewer come."""
        return b"".join(self.blocks(size_bytes))

    def _read(self, size_bytes: int) -> bytes:
        ready, _, _ = select.select([self._descriptor], [], [], self._idle_s)
        if not ready:
            raise WireError(f"nothing came for {self._idle_s:g} s")
        data = os.read(self._descriptor, size_bytes)
        if not data:
            raise HungUpError("the connection ended")
        return data
