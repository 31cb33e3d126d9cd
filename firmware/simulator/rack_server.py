"""A simulated rack in processes of its own, which outlive the firmware's.

    python -m firmware.simulator.rack_server FOLDER HALF LIFELINE

serves one half of a `Rack` on `FOLDER/HALF.sock` until the descriptor LIFELINE ends. The
`player` half has the DACs, the clock lines and the MIDI sockets, and must answer as promptly as
a bus does; so the slow display, the knobs and the encoder are in the `panel` half. `remote.py`
is the other end.

Over the socket go calls `(time_ns, name, arguments)`, each answered by a value or an `OSError`.
The time of a call is the time of the simulated bus. The calls `inputs` and `midi` are answered
by a descriptor.
"""

import os
import selectors
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from firmware.drivers.realtime import claim
from firmware.simulator.clock import VirtualTime
from firmware.simulator.midi import HISTORY, MidiSockets
from firmware.simulator.rack import Rack
from firmware.simulator.remote import stream_of
from firmware.simulator.trace import Sample

PRIORITY = 70
"""Above the player's: hardware does not wait for software."""


Call = tuple[int, "Connection[Any, Any]", str, tuple[Any, ...]]


class RackServer:
    """One half of a rack behind a listening socket."""

    def __init__(self, path: Path) -> None:
        """Power the rack on and listen at `path`."""
        self._time = VirtualTime(time.monotonic_ns())
        self._midi = MidiSockets()
        rack = Rack(self._time, history=HISTORY)
        self._absent: set[str] = set()
        self._operations = {
            **_operations(rack, self._midi),
            "inputs.absent": lambda names: _replace(self._absent, names),
        }
        lines = {"clock": rack.clock_jacks, "encoder": rack.encoder}
        self._descriptors: Mapping[str, Callable[..., int]] = {
            "inputs": lambda name: os.dup(lines[name].descriptor),
            "midi": self._midi.open,
        }
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path.unlink(missing_ok=True)
        self._listener.bind(str(path))
        self._listener.listen()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._midi, selectors.EVENT_READ, self._midi.listen)

    def serve_until(self, lifeline: int) -> None:
        """Answer until the descriptor ends."""
        ended: list[int] = []
        self._selector.register(lifeline, selectors.EVENT_READ, lambda: ended.append(lifeline))
        while not ended:
            calls: list[Call] = []
            for key, _ in self._selector.select():
                if isinstance(key.fileobj, Connection):
                    calls += self._received(key.fileobj)
                else:
                    key.data()
            # A dying player's last write may arrive together with the supervisor's muting.
            for time_ns, connection, name, arguments in sorted(calls, key=lambda call: call[0]):
                self._time.now_ns = max(self._time.now_ns, time_ns)
                self._answer(connection, name, arguments)

    def _accept(self) -> None:
        accepted, _ = self._listener.accept()
        connection: Connection[Any, Any] = Connection(accepted.detach())
        self._selector.register(connection, selectors.EVENT_READ)

    def _received(self, connection: "Connection[Any, Any]") -> list[Call]:
        try:
            time_ns, name, arguments = connection.recv()
        except (EOFError, OSError):
            self._drop(connection)
            return []
        return [(time_ns, connection, name, arguments)]

    def _answer(
        self, connection: "Connection[Any, Any]", name: str, arguments: tuple[Any, ...]
    ) -> None:
        try:
            if name == "inputs" and arguments[0] in self._absent:
                _refuse(connection)
            elif name in self._descriptors:
                _hand_over(connection, self._descriptors[name](*arguments))
            else:
                connection.send(self._answer_to(name, arguments))
        except OSError:  # the client has died
            self._drop(connection)

    def _answer_to(self, name: str, arguments: tuple[Any, ...]) -> object:
        try:
            return self._operations[name](*arguments)
        except OSError as error:
            return error

    def _drop(self, connection: "Connection[Any, Any]") -> None:
        self._selector.unregister(connection)
        connection.close()


def _hand_over(connection: "Connection[Any, Any]", descriptor: int) -> None:
    """Send a descriptor and close it here."""
    try:
        with stream_of(connection) as stream:
            socket.send_fds(stream, [b"\0"], [descriptor])
    finally:
        os.close(descriptor)


def _refuse(connection: "Connection[Any, Any]") -> None:
    """Answer that there is no such descriptor."""
    with stream_of(connection) as stream:
        stream.send(b"\0")


def _replace(names: set[str], new: Sequence[str]) -> None:
    names.clear()
    names.update(new)


def _operations(rack: Rack, midi: MidiSockets) -> Mapping[str, Callable[..., object]]:
    """Return the calls that a rack answers, by name."""
    inputs = {"clock": rack.clock_jacks, "encoder": rack.encoder}
    return {
        "i2c.write": rack.i2c.writeto,
        "i2c.read": lambda address, size: _read(rack, address, size),
        "i2c.absent": lambda addresses: setattr(rack.i2c, "absent", set(addresses)),
        "i2c.stuck": lambda stuck: setattr(rack.i2c, "stuck", stuck),
        "i2c.transactions": lambda: list(rack.i2c.transactions),
        "adc.exchange": rack.adc.exchange,
        "adc.volts": rack.adc.volts.update,
        "adc.floating": lambda code: setattr(rack.adc, "floating", code),
        "oled.write": rack.oled.write,
        "oled.image": rack.oled.image,
        "oled.broken": lambda broken: setattr(rack.oled, "broken", broken),
        "line.broken": lambda broken: setattr(rack.outputs, "broken", broken),
        "line.set": lambda line, high: rack.outputs.set(line, high=high),
        "edge": lambda name, line, rising, time_ns: inputs[name].edge(
            line, rising=rising, time_ns=time_ns or time.monotonic_ns()
        ),
        "traces": lambda: rack.traces,
        "traces.since": lambda time_ns: [_since(dac.trace, time_ns) for dac in rack.dacs],
        "jacks": lambda: [
            dac.trace[-1].volts if dac.trace else (0.0,) * 4 for dac in rack.dacs
        ],
        "midi.send": midi.send,
        "midi.received": lambda: list(midi.received),
    }


def _since(trace: deque[Sample], time_ns: int) -> list[Sample]:
    """Return the newest samples, looked for from the end as there may be many."""
    newest = takewhile(lambda sample: sample.time_ns >= time_ns, reversed(trace))
    return list(newest)[::-1]


def _read(rack: Rack, address: int, size: int) -> bytes:
    buffer = bytearray(size)
    rack.i2c.readfrom_into(address, buffer)
    return bytes(buffer)


def main(arguments: Sequence[str]) -> None:
    """Serve one half until the lifeline ends."""
    folder, half, lifeline = arguments
    server = RackServer(Path(folder) / f"{half}.sock")
    if half == "player":
        claim(PRIORITY)
    server.serve_until(int(lifeline))


if __name__ == "__main__":
    main(sys.argv[1:])
