"""Events to every page that is open, from any thread."""

from __future__ import annotations

import asyncio
import json
from typing import Any

Event = dict[str, Any]
WAITING_MAX = 256
"""Events that wait for a slow page; then it is closed, and reads everything anew."""


def packed(event: Event, data: bytes) -> bytes:
    """Return an event that carries bytes: the length of its JSON (4 bytes), JSON, bytes."""
    text = json.dumps(event).encode()
    return len(text).to_bytes(4, "little") + text + data


class Hub:
    """A queue for each page. A queue that is full is ended by None."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str | bytes | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> asyncio.Queue[str | bytes | None]:
        """Return the queue of a new page, within the server's event loop."""
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._queues.add(queue)
        return queue

    def close(self, queue: asyncio.Queue[str | bytes | None]) -> None:
        """Forget a page."""
        self._queues.discard(queue)

    def publish(self, event: Event, data: bytes | None = None) -> None:
        """Send an event to all pages, from any thread."""
        if self._loop is None or self._loop.is_closed():
            return
        message = json.dumps(event) if data is None else packed(event, data)
        self._loop.call_soon_threadsafe(self._put, message)

    def _put(self, message: str | bytes) -> None:
        for queue in tuple(self._queues):
            if queue.qsize() < WAITING_MAX:
                queue.put_nowait(message)
            else:
                self._queues.discard(queue)
                queue.put_nowait(None)
