"""Parses a MIDI byte stream into messages.

A stream omits repeated status bytes (running status) and has real-time messages inside others
(MIDI 1.0, pages 5 and A-2). mido's parser handles neither (1.3.3 drops the message around a
real-time one), and keeps system exclusive data without bound.
"""

from firmware.engine.voice import ALL_NOTES_OFF, CONTROL_CHANGE

PROGRAM_CHANGE = 0xC0
SYSTEM, REAL_TIME = 0xF0, 0xF8

_CHANNEL_BYTES = {0x80: 3, 0x90: 3, 0xA0: 3, 0xB0: 3, 0xC0: 2, 0xD0: 2, 0xE0: 3}
_SYSTEM_BYTES = {0xF1: 2, 0xF2: 3, 0xF3: 2, 0xF6: 1}
_REAL_TIME = {0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF}


class MidiReader:
    """Assembles bytes to messages; system exclusive messages are dropped."""

    def __init__(self) -> None:
        self._message = bytearray()
        self._length = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes; return the messages that they complete, each with its status byte."""
        messages: list[bytes] = []
        for byte in data:
            if byte >= REAL_TIME:
                if byte in _REAL_TIME:
                    messages.append(bytes((byte,)))
                continue
            if byte >= 0x80:
                self._begin(byte)
            elif self._length:
                self._message.append(byte)
            if self._length and len(self._message) == self._length:
                messages.append(bytes(self._message))
                self._end()
        return messages

    def _begin(self, status: int) -> None:
        """Begin a message; of an unknown one, all bytes up to the next status are dropped."""
        self._message[:] = (status,)
        kind = status if status >= SYSTEM else status & 0xF0
        self._length = (_SYSTEM_BYTES if status >= SYSTEM else _CHANNEL_BYTES).get(kind, 0)

    def _end(self) -> None:
        """Expect another message of the kind, with running status."""
        del self._message[1:]
        if self._message[0] >= SYSTEM:
            self._length = 0


def all_notes_off(channel: int) -> bytes:
    """Return the message that ends all notes of a channel; not every synth obeys it."""
    return bytes((CONTROL_CHANGE | channel, ALL_NOTES_OFF, 0))
