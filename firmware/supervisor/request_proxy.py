"""Requests from outside, passed on to the panel, which knows the answers."""

import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from firmware.ipc.control_protocol import (
    Answer,
    ControlError,
    Reply,
    Request,
    decode_reply,
    encode_request,
)
from firmware.ipc.control_server import ControlServer
from firmware.ipc.process_config import pack_numbered, unpack_numbered

PACKET_BYTES_MAX = 32768


class Relay:
    """The control socket on one side, the panel's `requests` socket on the other.

    `healthy` tells whether both processes live; it and the uptime are the supervisor's part of
    a status.
    """

    def __init__(self, path: Path, panel: socket.socket, healthy: Callable[[], bool]) -> None:
        """Listen at `path`. Raises `ControlError` if another firmware does."""
        self.server = ControlServer(path, self._pass_on)
        self._panel = panel
        self._panel.settimeout(0)
        self._healthy = healthy
        self._waiting: dict[int, Answer] = {}
        self._number = 0
        self._started_ns = time.monotonic_ns()

    def fileno(self) -> int:
        """Give the panel's end to poll."""
        return self._panel.fileno()

    def take_answer(self) -> None:
        """Pass one of the panel's answers on; what makes no sense is passed over."""
        try:
            number, line = unpack_numbered(self._panel.recv(PACKET_BYTES_MAX))
            reply = decode_reply(line)
        except (OSError, ValueError, ControlError):
            return
        answer = self._waiting.pop(number, None)
        if answer:
            answer(self._completed(reply))

    def panel_died(self) -> None:
        """Tell everybody who waits."""
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            answer(Reply(ok=False, reason="the panel died over it and was started again"))

    def close(self) -> None:
        """Stop listening."""
        self.server.close()

    def _pass_on(self, request: Request, answer: Answer) -> None:
        self._number += 1
        try:
            self._panel.send(pack_numbered(self._number, encode_request(request)))
        except OSError:
            answer(Reply(ok=False, reason="the panel takes no requests; try again"))
        else:
            self._waiting[self._number] = answer

    def _completed(self, reply: Reply) -> Reply:
        if reply.status is None:
            return reply
        uptime_s = (time.monotonic_ns() - self._started_ns) * 1e-9
        healthy = reply.status.healthy and self._healthy()
        return replace(reply, status=replace(reply.status, healthy=healthy, uptime_s=uptime_s))
