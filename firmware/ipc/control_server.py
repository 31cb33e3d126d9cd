"""The firmware's end of `control_protocol.py`, for a loop that polls: nothing here waits."""

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from firmware.ipc.control_protocol import (
    LINE_BYTES_MAX,
    ControlError,
    Send,
)
from firmware.ipc.json_lines import FramingError, LineBuffer

CONNECTIONS_MAX = 8

LineHandler = Callable[[bytes, Send], None]


class ControlServer:
    """A listening socket and its connections, behind one descriptor to poll.

    `handler` receives the line of a request and a function that sends the line of its reply,
    now or later, once. `partial(serve_line, ...)` decodes them.
    """

    def __init__(self, listener: socket.socket, handler: LineHandler) -> None:
        """Serve the connections of a socket from `listen`."""
        self._handler = handler
        # Received so far; None once a request is complete and its reply is pending.
        self._buffers: dict[socket.socket, LineBuffer | None] = {}
        self._selector = selectors.DefaultSelector()
        self._listener = listener
        self._listener.settimeout(0)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def fileno(self) -> int:
        """Return a descriptor that is readable when `serve_ready` has something to do."""
        return self._selector.fileno()

    def serve_ready(self) -> None:
        """Accept, read and answer what has arrived."""
        for key, _ in self._selector.select(0):
            if key.fileobj is self._listener:
                self._accept()
            elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._buffers:
                self._read(key.fileobj)

    def close(self) -> None:
        """Close all connections and this process's end of the socket."""
        for connection in tuple(self._buffers):
            self._drop(connection)
        self._selector.close()
        self._listener.close()

    def __enter__(self) -> "ControlServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # the client has disconnected
            return
        if len(self._buffers) >= CONNECTIONS_MAX:
            self._drop(next(iter(self._buffers)))
        connection.settimeout(0)
        self._buffers[connection] = LineBuffer(LINE_BYTES_MAX)
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        buffer = self._buffers[connection]
        try:
            data = connection.recv(LINE_BYTES_MAX)
            if buffer:
                buffer.add(data)
        except (OSError, FramingError):
            data = b""
        if buffer is None or not data:
            self._drop(connection)
        elif (line := buffer.line()) is not None:
            self._buffers[connection] = None
            self._handle(connection, line)

    def _handle(self, connection: socket.socket, line: bytes) -> None:
        def send(reply: bytes) -> None:
            if connection in self._buffers:
                with suppress(OSError):
                    connection.send(reply)
                self._drop(connection)

        self._handler(line, send)

    def _drop(self, connection: socket.socket) -> None:
        del self._buffers[connection]
        self._selector.unregister(connection)
        connection.close()


def listen(path: Path) -> socket.socket:
    """Return a socket that listens at `path`, for this process's children too.

    Raises `ControlError` if another firmware listens there.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except FileNotFoundError:
            pass
        except ConnectionRefusedError:  # left behind by one that was killed
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ControlError(f"{path}: cannot listen here ({error})") from None
        else:
            raise ControlError(f"{path}: another firmware runs here; stop it first")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(CONNECTIONS_MAX)
    return listener
