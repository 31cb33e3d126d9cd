"""The panel's end of the socket to the supervisor: numbered requests and their answers."""

import socket
from collections.abc import Callable

from firmware.ipc.control_protocol import (
    Answer,
    ControlError,
    Reply,
    Request,
    decode_request,
    encode_reply,
)
from firmware.ipc.process_config import pack_numbered, unpack_numbered

PACKET_BYTES_MAX = 16384


class SupervisorLink:
    """Requests in, answers out in any order. `ended` once the supervisor is gone."""

    def __init__(
        self, connection: socket.socket, handler: Callable[[Request, Answer], None]
    ) -> None:
        """Take the socket and who answers."""
        self.ended = False
        self._socket = connection
        self._socket.settimeout(0)
        self._handler = handler

    def fileno(self) -> int:
        """Give the descriptor to poll."""
        return self._socket.fileno()

    def serve_ready(self) -> None:
        """Take one request, if there is one."""
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
            number, line = unpack_numbered(packet)
        except ValueError:
            return
        self._serve(number, line)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _serve(self, number: int, line: bytes) -> None:
        def answer(reply: Reply) -> None:
            try:
                self._socket.send(pack_numbered(number, encode_reply(reply)))
            except OSError:
                self.ended = True

        try:
            request = decode_request(line)
        except ControlError as error:
            answer(Reply(ok=False, reason=str(error)))
        else:
            self._handler(request, answer)
