"""A computer's MIDI ports, by name, as a socket of raw bytes: python-rtmidi in a process.

    python -m firmware.midi.bridge   exits with 0 if a MIDI system runs

Its callback runs in a thread, which must not share the player's interpreter lock; and a MIDI
system that stops ends only this process. Ports that are absent or disappear are searched for
again and again. A name that begins with `virtual:` makes a virtual port.
"""

import importlib
import importlib.util
import os
import select
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from firmware.midi.parser import MidiReader
from firmware.storage.settings import MidiSettings

VIRTUAL = "virtual:"
LINK = "link"
"""The MIDI input that stands for Ableton Link (`link.py`)."""
LOOK_S = 0.1
"""How often ports are searched for: a USB plug that is reconnected is absent for longer, as the
host waits 100 ms before it addresses a device (USB 2.0, section 7.1.7.3)."""

SEEK_S = 1.0
"""How often a MIDI system is searched for, which takes long if none runs."""

_CLIENT = "Ex Nihilo"


@dataclass(frozen=True, slots=True)
class BridgeConfig:
    """The bridge's configuration: descriptors, and the names of its two ports."""

    socket: int
    lifeline: int
    input: str
    output: str


def needs_bridge(midi: MidiSettings) -> bool:
    """Return whether a port of the settings needs this process.

    A path is a device, and so is any name on the module, where python-rtmidi is not installed.
    """
    if midi.input == LINK:
        return importlib.util.find_spec("link") is not None
    named = [name for name in (midi.input, midi.output) if name and not name.startswith("/")]
    return bool(named) and importlib.util.find_spec("rtmidi") is not None


class NamedPort:
    """A port of python-rtmidi that comes and goes."""

    def __init__(self, rtmidi: Any, kind: str, name: str) -> None:
        """Take the library, its `MidiIn` or `MidiOut`, and a port's name."""
        self.port: Any = None
        self._rtmidi, self._kind = rtmidi, kind
        self._error = rtmidi.RtMidiError
        self._name = name
        # Lists the ports; a client that has opened a port may not see it disappear.
        self._looker: Any = None

    @property
    def watches(self) -> bool:
        """Return whether a MIDI system runs that may have the port."""
        return self._looker is not None

    def look(self) -> bool:
        """Open the port if it exists, else close it; return whether it was opened."""
        if not self._name:
            return False
        if self._name.startswith(VIRTUAL):
            return self.port is None and self._open(None)
        index = self._find()
        if index is None:
            self.close()
        return index is not None and self.port is None and self._open(index)

    def close(self) -> None:
        """Release the port."""
        if self.port is not None:
            self.port.delete()
            self.port = None

    def _find(self) -> int | None:
        """Find the port whose name contains the configured one."""
        self._looker = self._looker or self._client()
        try:
            names = self._looker.get_ports() if self._looker else []
        except self._error:  # the MIDI system stopped
            self._looker = None
            return None
        wanted = self._name.lower()
        return next((n for n, name in enumerate(names) if wanted in name.lower()), None)

    def _open(self, index: int | None) -> bool:
        port = self._client()
        if port is None:
            return False
        try:
            if index is None:
                port.open_virtual_port(self._name.removeprefix(VIRTUAL))
            else:
                port.open_port(index)
        except self._error:  # it disappeared meanwhile
            return False
        self.port = port
        return True

    def _client(self) -> Any:
        return _first_client(self._rtmidi, self._kind)


def _first_client(rtmidi: Any, kind: str) -> Any:
    """Return a `MidiIn` or `MidiOut` of the first MIDI system that runs; None if none does."""
    for api in rtmidi.get_compiled_api():
        with suppress(rtmidi.RtMidiError):
            return getattr(rtmidi, kind)(api, _CLIENT)
    return None


class Bridge:
    """Both ports and the socket."""

    def __init__(self, launch: BridgeConfig) -> None:
        rtmidi = importlib.import_module("rtmidi")
        self._socket, self._lifeline = launch.socket, launch.lifeline
        self._input = NamedPort(rtmidi, "MidiIn", launch.input)
        self._output = NamedPort(rtmidi, "MidiOut", launch.output)
        self._reader = MidiReader()

    def run(self) -> None:
        """Pass messages on until the lifeline ends."""
        look_s = 0.0
        while True:
            if time.monotonic() >= look_s:
                self._look()
                watches = self._input.watches or self._output.watches
                look_s = time.monotonic() + (LOOK_S if watches else SEEK_S)
            wait_s = max(look_s - time.monotonic(), 0.0)
            ready, _, _ = select.select((self._socket, self._lifeline), (), (), wait_s)
            if self._lifeline in ready:
                return
            if self._socket in ready:
                self._send(os.read(self._socket, 4096))

    def _look(self) -> None:
        self._output.look()
        if self._input.look():
            self._input.port.ignore_types(timing=False)
            self._input.port.set_callback(self._received)

    def _received(self, event: tuple[list[int], float], _: object) -> None:
        """Pass a message on; it is lost if the player has not read for long."""
        with suppress(OSError):
            os.write(self._socket, bytes(event[0]))

    def _send(self, data: bytes) -> None:
        for message in self._reader.feed(data):
            if self._output.port is not None:
                self._output.port.send_message(message)


def main(launch: BridgeConfig) -> None:
    """Pass messages on until the supervisor is gone."""
    Bridge(launch).run()
    # python-rtmidi can wait for ever when it closes a port that is receiving: the callback
    # waits for the lock that closing holds. The system closes it at exit.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(_first_client(importlib.import_module("rtmidi"), "MidiOut") is None)
