"""Digital lines through the kernel's GPIO character device, opened by libgpiod.

Edges are stamped by the kernel on CLOCK_MONOTONIC. All of the board's inputs are low when
active: the clock and reset stages invert, and the encoder's contacts pull to ground. The
direction of an `Edge` is that of the jack or the contact, which closes on a rising edge.
"""

import os
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from firmware.board import constants
from firmware.drivers.bus import BusError, load

CLOCK_LINES = (constants.PINS.clock_in, constants.PINS.reset_in)
ENCODER_LINES = (
    constants.PINS.encoder_a,
    constants.PINS.encoder_b,
    constants.PINS.encoder_switch,
    constants.PINS.button_voice_1,
    constants.PINS.button_voice_2,
    constants.PINS.button_voice_3,
    constants.PINS.button_shift,
)
"""The encoder and the buttons, whose edges come in one order."""

EVENT = struct.Struct("=QIIII24x")
"""`struct gpio_v2_line_event`: timestamp_ns, id, offset, seqno, line_seqno (linux/gpio.h)."""

RISING, FALLING = 1, 2
"""Event ids of the pin, GPIO_V2_LINE_EVENT_RISING_EDGE and _FALLING_EDGE."""

RECONNECT_NS = 1_000_000_000
"""Time between two attempts to request absent lines."""

_EVENTS_AT_ONCE = 64

Lines = TypeVar("Lines")


class Edge(NamedTuple):
    """A change on an input: BCM line, direction at the jack, monotonic time."""

    line: int
    rising: bool
    time_ns: int


class Outputs(Protocol):
    """Lines that are driven."""

    def set(self, line: int, *, high: bool) -> None:
        """Drive a BCM line. Raises `BusError`."""


class Inputs:
    """Requested input lines: a descriptor to poll, and the edges waiting there."""

    def __init__(self, descriptor: int, owner: object = None) -> None:
        """Take a line request's descriptor; deleting `owner` closes it."""
        self._descriptor = descriptor
        self._owner = owner
        os.set_blocking(descriptor, False)

    def fileno(self) -> int:
        """Return the descriptor, readable when an edge waits."""
        return self._descriptor

    def read_edges(self) -> list[Edge]:
        """Return the edges since the last call, oldest first, at once. Raises `BusError`."""
        try:
            data = os.read(self._descriptor, EVENT.size * _EVENTS_AT_ONCE)
        except BlockingIOError:
            return []
        except OSError as error:
            raise BusError(f"GPIO: {error}") from error
        if not data:
            raise BusError("GPIO: the request for the lines has ended")
        return [
            Edge(line, identity == FALLING, time_ns)
            for time_ns, identity, line, _, _ in EVENT.iter_unpack(data)
        ]


class ReconnectingLines(Generic[Lines]):
    """Lines that may be absent: requested at once, and again once a second until they answer.

    `lines` is None while they are absent; `faults` counts every failure.
    """

    def __init__(self, request: Callable[[], Lines]) -> None:
        """Request them for the first time."""
        self.lines: Lines | None = None
        self.faults = 0
        self._request_lines = request
        self._due_ns = 0
        self._request()

    def reconnect(self, now_ns: int) -> None:
        """Request absent lines again if that is due."""
        if self.lines is None and now_ns >= self._due_ns:
            self._due_ns = now_ns + RECONNECT_NS
            self._request()

    def lose(self) -> None:
        """Record that the lines failed; they are requested again."""
        self.lines = None
        self.faults += 1

    def _request(self) -> None:
        try:
            self.lines = self._request_lines()
        except BusError:
            self.faults += 1


class GpiodOutputs:
    """Output lines requested through libgpiod."""

    def __init__(self, request: Any, low: Any, high: Any) -> None:
        self._request = request
        self._low, self._high = low, high

    def set(self, line: int, *, high: bool) -> None:
        """Drive a BCM line. Raises `BusError`."""
        try:
            self._request.set_value(line, self._high if high else self._low)
        except OSError as error:
            raise BusError(f"GPIO {line}: {error}") from error


def open_inputs(lines: Sequence[int]) -> Inputs:
    """Request lines with both edges. Raises `BusError`."""
    line = load("gpiod").line
    request = _request(lines, direction=line.Direction.INPUT, edge_detection=line.Edge.BOTH)
    return Inputs(request.fd, request)


def open_outputs(lines: Sequence[int]) -> GpiodOutputs:
    """Request lines to drive, low at first. Raises `BusError`."""
    line = load("gpiod").line
    low, high = line.Value.INACTIVE, line.Value.ACTIVE
    request = _request(lines, direction=line.Direction.OUTPUT, output_value=low)
    return GpiodOutputs(request, low, high)


def _request(lines: Sequence[int], **settings: Any) -> Any:
    gpiod = load("gpiod")
    config = {tuple(lines): gpiod.LineSettings(**settings)}
    try:
        return gpiod.request_lines(_header_chip(gpiod), config=config, consumer="exnihilo")
    except OSError as error:
        remedy = "is another program using them? are you in the group gpio?"
        raise BusError(f"GPIO {', '.join(map(str, lines))}: {error}; {remedy}") from None


def _header_chip(gpiod: Any) -> str:
    """Find the chip behind the 40-pin header; its number differs between models and kernels."""
    for path in sorted(Path("/dev").glob("gpiochip*")):
        if not gpiod.is_gpiochip_device(str(path)):
            continue
        with gpiod.Chip(str(path)) as chip:
            if chip.get_info().label.startswith("pinctrl-"):
                return str(path)
    raise BusError("GPIO: this machine has no header of a Raspberry Pi")
