"""Forwards requests from outside to the panel, and its replies back."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

from firmware.ipc.control_protocol import Reply, Send, encode_reply
from firmware.ipc.control_server import ControlServer
from firmware.ipc.supervisor_connection import (
    PACKET_BYTES_MAX,
    ForwardedRequest,
    unpack_numbered,
)


class RequestProxy:
    """The control socket on one side, the panel's `requests` socket on the other.

    Lines are not parsed. `healthy` returns whether both processes live; it and the uptime go
    with each request, for the panel to put into a status.
    """

    def __init__(self, path: Path, panel: socket.socket, healthy: Callable[[], bool]) -> None:
        """Listen at `path`. Raises `ControlError` if another firmware does."""
        self.server = ControlServer(path, self._forward)
        self._panel = panel
        self._panel.settimeout(0)
        self._healthy = healthy
        self._pending: dict[int, Send] = {}
        self._number = 0
        self._started_ns = time.monotonic_ns()

    def fileno(self) -> int:
        """Return the panel's end to poll."""
        return self._panel.fileno()

    def forward_reply(self) -> None:
        """Send one of the panel's replies to its client; ignore one without a number."""
        try:
            number, line = unpack_numbered(self._panel.recv(PACKET_BYTES_MAX))
        except (OSError, ValueError):
            return
        if send := self._pending.pop(number, None):
            send(line)

    def panel_died(self) -> None:
        """Refuse all pending requests."""
        pending, self._pending = self._pending, {}
        for send in pending.values():
            send(_refusal("the panel died on this request and was restarted"))

    def close(self) -> None:
        """Stop listening."""
        self.server.close()

    def _forward(self, line: bytes, send: Send) -> None:
        self._number += 1
        uptime_ns = time.monotonic_ns() - self._started_ns
        request = ForwardedRequest(self._number, self._healthy(), uptime_ns, line)
        try:
            self._panel.send(request.pack())
        except OSError:
            send(_refusal("the panel accepts no requests at the moment; try again"))
        else:
            self._pending[self._number] = send


def _refusal(reason: str) -> bytes:
    return encode_reply(Reply(ok=False, reason=reason))
