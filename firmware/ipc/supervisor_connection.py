"""The panel's end of the socket to the supervisor: numbered requests and their replies.

A packet to the panel is a number, whether the supervisor is healthy (0 or 1), its uptime in
nanoseconds and a line of `control_protocol.py`; a packet back is the number and the line of
the reply.
"""

import socket
from dataclasses import dataclass, replace

from firmware.ipc.control_protocol import Answer, Handler, Reply, Request, serve_line

PACKET_BYTES_MAX = 32768


@dataclass(frozen=True, slots=True)
class ForwardedRequest:
    """A request's line, and the supervisor's part of a status."""

    number: int
    healthy: bool
    uptime_ns: int
    line: bytes

    def pack(self) -> bytes:
        """Return the packet."""
        line = b"%d %d %s" % (self.healthy, self.uptime_ns, self.line)
        return pack_numbered(self.number, line)


def pack_numbered(number: int, line: bytes) -> bytes:
    """Return a packet with a line of `control_protocol.py`."""
    return b"%d %s" % (number, line)


def unpack_numbered(packet: bytes) -> tuple[int, bytes]:
    """Return a packet's number and line. Raises `ValueError`."""
    number, _, line = packet.partition(b" ")
    return int(number), line


def unpack_forwarded(packet: bytes) -> ForwardedRequest:
    """Read a packet. Raises `ValueError`."""
    number, rest = unpack_numbered(packet)
    healthy, uptime_ns, line = rest.split(b" ", 2)
    return ForwardedRequest(number, bool(int(healthy)), int(uptime_ns), line)


class SupervisorLink:
    """Requests in, replies out in any order. `ended` once the supervisor is gone."""

    def __init__(self, connection: socket.socket, handler: Handler) -> None:
        """Take the socket and the function that handles requests."""
        self.ended = False
        self._socket = connection
        self._socket.settimeout(0)
        self._handler = handler

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._socket.fileno()

    def serve_ready(self) -> None:
        """Handle one request, if there is one."""
        try:
            packet = self._socket.recv(PACKET_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        if not packet:
            self.ended = True
            return
        try:
            forwarded = unpack_forwarded(packet)
        except ValueError:
            return
        self._serve(forwarded)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _serve(self, forwarded: ForwardedRequest) -> None:
        def send(line: bytes) -> None:
            try:
                self._socket.send(pack_numbered(forwarded.number, line))
            except OSError:
                self.ended = True

        def handle(request: Request, answer: Answer) -> None:
            self._handler(request, lambda reply: answer(_completed(reply, forwarded)))

        serve_line(handle, forwarded.line, send)


def _completed(reply: Reply, forwarded: ForwardedRequest) -> Reply:
    """Add what only the supervisor knows: whether all processes live, and for how long."""
    if reply.status is None:
        return reply
    healthy = reply.status.healthy and forwarded.healthy
    uptime_s = forwarded.uptime_ns * 1e-9
    return replace(reply, status=replace(reply.status, healthy=healthy, uptime_s=uptime_s))
