"""A page of memory that the supervisor shares with player and panel and that outlives both.

It holds the last heartbeats of player and supervisor, and the notes that sound on MIDI, so
that the supervisor can end those that a dead player left on.
"""

import mmap
import os

from firmware.engine.state import VOICES

_NOTES_AT = 16
_SIZE = _NOTES_AT + VOICES
_SILENT = 0xFF

HANGING_NS = 1_000_000_000
"""A process without a heartbeat for this long hangs."""


def create_heartbeat() -> int:
    """Create the memory; return its descriptor, for `SharedHeartbeat` in each process."""
    descriptor = os.memfd_create("heartbeat")
    os.write(descriptor, bytes(_NOTES_AT) + bytes((_SILENT,)) * VOICES)
    return descriptor


class SharedHeartbeat:
    """The page as each process sees it."""

    def __init__(self, descriptor: int) -> None:
        self._page = mmap.mmap(descriptor, _SIZE)
        # One store of 64 bits. `struct` clears the bytes first, and a reader may see that.
        self._heartbeats = memoryview(self._page)[:_NOTES_AT].cast("Q")

    @property
    def heartbeat_ns(self) -> int:
        """The player's last heartbeat, in monotonic time; 0 before the first."""
        return self._heartbeats[0]

    @heartbeat_ns.setter
    def heartbeat_ns(self, now_ns: int) -> None:
        self._heartbeats[0] = now_ns

    def beat_supervisor(self, now_ns: int) -> None:
        """Record that the supervisor lives."""
        self._heartbeats[1] = now_ns

    def is_recent(self, now_ns: int) -> bool:
        """Return whether player and supervisor live: no last heartbeat is too old."""
        return now_ns - min(self._heartbeats) < HANGING_NS

    @property
    def sounding(self) -> list[tuple[int, int]]:
        """Channel and number of the notes that were begun and not ended."""
        notes = enumerate(self._page[_NOTES_AT:_SIZE])
        return [(channel, note) for channel, note in notes if note != _SILENT]

    def begin(self, channel: int, note: int) -> None:
        """Record that a note-on is about to be sent."""
        self._page[_NOTES_AT + channel] = note

    def end(self, channel: int) -> None:
        """Record that a note-off was sent."""
        self._page[_NOTES_AT + channel] = _SILENT

    def clear(self) -> None:
        """Clear all notes, and the player's heartbeat."""
        self.heartbeat_ns = 0
        for channel in range(VOICES):
            self.end(channel)
