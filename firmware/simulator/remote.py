"""A simulated rack in other processes (`rack_server.py`), with the interface of a local one.

`RemoteRack` returns the real drivers over proxies of the buses, and the controls and outputs of
the rack. Edges come through the same descriptor that the simulated line is read from, MIDI
through a terminal device.
"""

import socket
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from firmware.board import constants
from firmware.drivers.backend import HALVES
from firmware.drivers.bus import BusError
from firmware.drivers.devices import PlayerHardware, dacs_on
from firmware.drivers.gpio import Inputs, ReconnectingLines
from firmware.drivers.mcp3208 import Mcp3208
from firmware.drivers.oled import Oled
from firmware.simulator.gpio import LineLed
from firmware.simulator.midi import MidiReceived
from firmware.simulator.trace import Trace

JACKS = {
    "clock": constants.PINS.clock_in,
    "reset": constants.PINS.reset_in,
    "encoder_a": constants.PINS.encoder_a,
    "encoder_b": constants.PINS.encoder_b,
    "encoder_switch": constants.PINS.encoder_switch,
    "button_voice_1": constants.PINS.button_voice_1,
    "button_voice_2": constants.PINS.button_voice_2,
    "button_voice_3": constants.PINS.button_voice_3,
    "button_shift": constants.PINS.button_shift,
}
"""The jacks that take edges."""


def stream_of(connection: "Connection[Any, Any]") -> socket.socket:
    """Return a second handle of a connection's socket, which can carry descriptors."""
    return socket.fromfd(connection.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)


class _Half:
    """A connection to one half."""

    def __init__(self, path: Path) -> None:
        self._connection = Client(str(path), "AF_UNIX")

    def __call__(self, name: str, *arguments: object) -> Any:
        """Send a call and wait for its result. Raises the `OSError` that the rack raised."""
        self._connection.send((time.monotonic_ns(), name, arguments))
        try:
            answer = self._connection.recv()
        except EOFError:
            raise ConnectionError("the simulated rack is gone") from None
        if isinstance(answer, OSError):
            raise answer
        return answer

    def open(self, name: str, *arguments: object) -> int:
        """Request a descriptor. Raises `OSError` if the rack is gone."""
        self._connection.send((time.monotonic_ns(), name, arguments))
        with stream_of(self._connection) as stream:
            answer, descriptors, _, _ = socket.recv_fds(stream, 1, 1)
        if answer and not descriptors:
            raise BusError(f"{arguments[0]}: no such lines")
        if not descriptors:
            raise ConnectionError("the simulated rack is gone")
        return descriptors[0]

    def inputs(self, name: str) -> Inputs:
        """Request lines: a descriptor of their edges from now on."""
        inputs = Inputs(self.open("inputs", name))
        while inputs.read_edges():
            pass
        return inputs


class RemoteI2c:
    """The DACs' bus."""

    def __init__(self, half: _Half) -> None:
        self._half = half

    def writeto(self, address: int, buffer: bytes | bytearray) -> None:
        """Write to a chip."""
        self._half("i2c.write", address, bytes(buffer))

    def readfrom_into(self, address: int, buffer: bytearray) -> None:
        """Fill the buffer from a chip."""
        buffer[:] = self._half("i2c.read", address, len(buffer))


class RemoteSpi:
    """The ADC or the display."""

    def __init__(self, half: _Half) -> None:
        self._half = half

    def exchange(self, messages: tuple[bytes, ...]) -> bytes:
        """Exchange messages with the ADC."""
        answer: bytes = self._half("adc.exchange", messages)
        return answer

    def write(self, data: bytes) -> None:
        """Write bytes to the display."""
        self._half("oled.write", data)


class RemoteOutputs:
    """Lines that are driven."""

    def __init__(self, half: _Half) -> None:
        self._half = half

    def set(self, line: int, *, high: bool) -> None:
        """Drive a BCM line."""
        self._half("line.set", line, high)


class RemoteRack:
    """A rack served elsewhere: the drivers over it, and the controls and outputs for tests."""

    def __init__(self, folder: Path, halves: Sequence[str] = HALVES) -> None:
        """Connect to the halves needed. Raises `OSError` if none is served there."""
        self._halves = {half: _Half(folder / f"{half}.sock") for half in halves}

    def player(self) -> PlayerHardware:
        """Open the player's side."""
        half = self._halves["player"]
        return PlayerHardware(
            dacs_on(RemoteI2c(half)),
            ReconnectingLines(self.clock_lines),
            ReconnectingLines(lambda: RemoteOutputs(half)),
        )

    def clock_lines(self) -> Inputs:
        """Open the clock and reset inputs alone. Raises `BusError`."""
        return self._halves["player"].inputs("clock")

    def adc(self) -> Mcp3208:
        """Open the ADC alone."""
        return Mcp3208(RemoteSpi(self._halves["panel"]))

    def oled(self) -> Oled:
        """Open the display alone. Raises `BusError`."""
        half = self._halves["panel"]
        return Oled(RemoteSpi(half), RemoteOutputs(half))

    def status_led(self) -> LineLed:
        """Return the status LED."""
        return LineLed(RemoteOutputs(self._halves["player"]))

    def encoder(self) -> Inputs:
        """Open the encoder alone."""
        return self._halves["panel"].inputs("encoder")

    def open_midi(self, direction: int) -> int:
        """Open the board's MIDI sockets: `os.O_RDONLY`, `os.O_WRONLY` or `os.O_RDWR`.

        The rack passes them, as the path of their device may be another's terminal once
        the rack has gone. Raises `OSError`.
        """
        return self._halves["player"].open("midi", direction)

    @property
    def midi_received(self) -> list[MidiReceived]:
        """The latest bytes from the MIDI output, in the chunks in which they were read."""
        received: list[MidiReceived] = self._halves["player"]("midi.received")
        return received

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The latest samples of each voice's four jacks."""
        traces: tuple[Trace, ...] = self._halves["player"]("traces")
        return traces

    def ask(self, half: str, name: str, *arguments: object) -> Any:
        """Call anything else that a half offers."""
        return self._halves[half](name, *arguments)

    def send_midi(self, data: bytes) -> None:
        """Send bytes to the MIDI input."""
        self._halves["player"]("midi.send", data)

    def edge(self, jack: str, *, rising: bool = True, time_ns: int | None = None) -> None:
        """Raise or lower one of `JACKS`, at a given time or when the rack handles the call."""
        name = "encoder" if jack.startswith(("encoder", "button")) else "clock"
        half = "panel" if name == "encoder" else "player"
        self._halves[half]("edge", name, JACKS[jack], rising, time_ns)

    def set_volts(self, volts: Mapping[str, float]) -> None:
        """Set inputs of `constants.ADC_INPUTS` to volts, at the jack or the knob's wiper."""
        self._halves["panel"]("adc.volts", dict(volts))
