"""The player's MIDI devices: descriptors of raw bytes that may disappear and come back.

A device is opened by a function, so that a terminal (the board's UART), a raw ALSA device
(USB MIDI) and the socket of a bridge (`midi/bridge.py`) are used alike. A device that cannot be
opened, or fails, is retried every second.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from firmware.drivers.uart import open_board, open_device
from firmware.engine.state import VOICES
from firmware.ipc.process_config import NO_DESCRIPTOR
from firmware.midi.parser import MidiReader, all_notes_off

AGAIN_NS = 1_000_000_000
_READ_BYTES = 256
_WAITING_BYTES_MAX = 1024

Open = Callable[[], int]
OpenTowards = Callable[[int], int]
"""Opens a port in a direction: `os.O_RDONLY`, `os.O_WRONLY` or `os.O_RDWR`."""


def opener(
    name: str,
    direction: int,
    *,
    board: OpenTowards = open_board,
    bridge: int = NO_DESCRIPTOR,
) -> Open:
    """Return the function that opens a port by its name; empty for the board's own.

    With a bridge's socket, the bridge opens the name. Otherwise a path is opened as it is, and
    any other name is searched for among the raw devices.
    """
    if not name:
        return partial(board, direction)
    if bridge != NO_DESCRIPTOR:
        return lambda: open_bridge(bridge)
    if name.startswith("/"):
        return lambda: open_device(name, direction)
    return lambda: open_device(find_device(name), direction)


def open_bridge(bridge: int) -> int:
    """Open another handle of a bridge's socket. Raises `OSError`."""
    descriptor = os.dup(bridge)
    os.set_blocking(descriptor, False)
    return descriptor


def find_device(name: str, cards: Path = Path("/proc/asound")) -> str:
    """Find the raw device whose card or port bears a name. Raises `FileNotFoundError`."""
    for port in sorted(cards.glob("card*/midi*")):
        card = port.parent
        with suppress(OSError):
            texts = (port.read_text("utf-8"), (card / "id").read_text("utf-8"))
            if any(name.lower() in text.lower() for text in texts):
                return f"/dev/snd/midiC{card.name[4:]}D{port.name[4:]}"
    raise FileNotFoundError(f"no MIDI device is called {name}")


class _Port:
    """A device that is opened again after it failed."""

    def __init__(self, open_port: Open) -> None:
        self.descriptor: int | None = None
        self.faults = 0
        self._open = open_port
        self._again_ns = 0

    @property
    def missing(self) -> bool:
        """The device is not open."""
        return self.descriptor is None

    def reconnect(self, now_ns: int) -> bool:
        """Try to open a missing device, once a second; return whether it was opened."""
        if not self.missing or now_ns < self._again_ns:
            return False
        self._again_ns = now_ns + AGAIN_NS
        try:
            self.descriptor = self._open()
        except OSError:
            self.faults += 1
            return False
        return True

    def fail(self) -> None:
        """Count a fault and close."""
        self.faults += 1
        self.close()

    def close(self) -> None:
        """Close the device."""
        if self.descriptor is not None:
            with suppress(OSError):
                os.close(self.descriptor)
            self.descriptor = None


class MidiInput(_Port):
    """The MIDI input."""

    def __init__(self, open_port: Open) -> None:
        super().__init__(open_port)
        self._reader = MidiReader()

    def read(self) -> list[bytes]:
        """Return the messages received so far, without waiting."""
        if self.descriptor is None:
            return []
        try:
            data = os.read(self.descriptor, _READ_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self._reader = MidiReader()
            self.fail()
        return self._reader.feed(data)


class MidiOutput(_Port):
    """The MIDI output. Bytes that the device does not accept at once are buffered."""

    def __init__(self, open_port: Open) -> None:
        super().__init__(open_port)
        self._waiting = bytearray()

    @property
    def full(self) -> bool:
        """Bytes wait until the descriptor is writable."""
        return bool(self._waiting)

    def reconnect(self, now_ns: int) -> bool:
        """Try to open a missing device; end notes that may still sound on it."""
        came = super().reconnect(now_ns)
        if came:
            self._waiting.clear()
            for channel in range(VOICES):
                self.send(all_notes_off(channel))
        return came

    def send(self, message: bytes) -> None:
        """Send a message; lost if there is no device."""
        if self.descriptor is None:
            return
        self._waiting += message
        self.flush()

    def flush(self) -> None:
        """Send what is buffered, as far as the device accepts it."""
        if self.descriptor is None:
            return
        try:
            sent = os.write(self.descriptor, self._waiting)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.fail()
            return
        del self._waiting[:sent]
        if len(self._waiting) > _WAITING_BYTES_MAX:
            self.fail()
