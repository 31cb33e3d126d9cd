"""A module that is followed and moved live, by OSC.

What it sends goes to the pages, gathered so that none is flooded; what a page moves goes to
the module. From another machine the module first sends a token, which the subscription then
carries (docs/osc.md).
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from firmware.errors import UserError
from firmware.osc.packet import Argument, OscError, decode, encode
from trainer.studio.pushing import HOST

Publish = Callable[[dict[str, Any]], None]
PORT = 9000
RENEW_S = 1.0
GATHER_S = 0.03
SILENCE_S = 4.0
MESSAGES_MAX = 200
ADDRESS = re.compile(r"^/[a-z0-9_]+(/[a-z0-9_]+){0,3}$")
ARGUMENTS_MAX = 32
_BYTES_MAX = 65536


def checked_messages(content: Any) -> list[tuple[str, tuple[Argument, ...]]]:
    """Return what a page wants to send: [address, argument, ...] each. Raises UserError."""
    if not isinstance(content, list) or len(content) > MESSAGES_MAX:
        raise UserError("messages are a list")
    return [_checked(one) for one in content]


def _checked(message: Any) -> tuple[str, tuple[Argument, ...]]:
    if not isinstance(message, list) or not 0 < len(message) <= ARGUMENTS_MAX + 1:
        raise UserError("a message is an address and its arguments")
    address, *arguments = message
    if not isinstance(address, str) or not ADDRESS.fullmatch(address):
        raise UserError("not an address of the module")
    if not all(type(one) in {int, float} and abs(one) < 1e6 for one in arguments):
        raise UserError("arguments are numbers")
    return address, tuple(arguments)


class Follower:
    """The subscription to one module at a time."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._lock = threading.Lock()
        self._connection: _Connection | None = None

    def follow(self, host: str, port: int = PORT) -> None:
        """Follow a module instead of the one before. Raises UserError for no such host."""
        name = host.rpartition("@")[2]
        if not HOST.fullmatch(name) or not 0 < port < 1 << 16:
            raise UserError("a module is named by its host")
        try:
            address = socket.getaddrinfo(name, port, socket.AF_INET, socket.SOCK_DGRAM)[0][4]
        except (OSError, UnicodeError) as error:  # a label of no length, or a too long one
            raise UserError(f"{name}: no such host; is the module on?") from error
        self._replace(_Connection((str(address[0]), port), self._publish))

    def leave(self) -> None:
        """Follow no longer."""
        self._replace(None)

    def _replace(self, connection: _Connection | None) -> None:
        with self._lock:
            before, self._connection = self._connection, connection
        if before is not None:
            before.close()

    def send(self, messages: Sequence[tuple[str, tuple[Argument, ...]]]) -> None:
        """Send messages. Raises UserError where no module is followed."""
        with self._lock:
            connection = self._connection
        if connection is None:
            raise UserError("no module is followed")
        for address, arguments in messages:
            connection.send(address, *arguments)


class _Connection:
    """A socket, and a thread that renews the subscription and gathers what comes."""

    def __init__(self, module: tuple[str, int], publish: Publish) -> None:
        self._module, self._publish = module, publish
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("", 0))
        self._socket.settimeout(GATHER_S)
        self._closing = threading.Event()
        self._token: tuple[Argument, ...] = ()
        self._thread = threading.Thread(target=self._run, daemon=True, name="following")
        self._thread.start()

    def send(self, address: str, *arguments: Argument) -> None:
        """Send a message; lost without a receiver."""
        try:
            self._socket.sendto(encode(address, *arguments), self._module)
        except OSError:
            return

    def close(self) -> None:
        """Unsubscribe and close."""
        self._closing.set()
        self._thread.join()
        self.send("/unsubscribe", self._socket.getsockname()[1])
        self._socket.close()

    def _run(self) -> None:
        renewed_s, received_s = -RENEW_S, time.monotonic()
        answers: bool | None = None
        while not self._closing.is_set():
            now_s = time.monotonic()
            if now_s - renewed_s >= RENEW_S:
                renewed_s = now_s
                self.send("/subscribe", self._socket.getsockname()[1], *self._token)
            values = self._gathered(now_s)
            received_s = now_s if values else received_s
            answering = bool(values) or (answers is True and now_s - received_s < SILENCE_S)
            if answering != answers and (answering or now_s - received_s >= SILENCE_S):
                answers = answering
                self._publish({"type": "module", "answers": answering, "values": {}})
            if values:
                self._publish({"type": "module", "answers": True, "values": values})

    def _gathered(self, start_s: float) -> dict[str, list[Argument]]:
        """Return the last arguments at each address that come within a moment."""
        values: dict[str, list[Argument]] = {}
        while time.monotonic() - start_s < GATHER_S:
            try:
                data, sender = self._socket.recvfrom(_BYTES_MAX)
            except OSError:
                break
            if sender != self._module:
                continue
            try:
                messages = decode(data)
            except OscError:
                continue
            for address, arguments in messages:
                if address == "/token":
                    self._token = arguments
                values[address] = list(arguments)
        return values
