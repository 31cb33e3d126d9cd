"""The panel's end of the socket to the player."""

import socket
from contextlib import suppress

from firmware.engine.state import Command, CommandKind, EngineState, Report
from firmware.ipc.codec import MESSAGE_BYTES_MAX, MessageError, pack, unpack

REPORTS_AT_ONCE = 32


class PlayerConnection:
    """Engine states and commands out, reports in; nothing here blocks.

    A state that does not fit into the socket is sent with the next `send`; the last one is sent
    again to a new player, which is recognised by the numbers of its reports. `restarts`
    counts those players, `faults` invalid messages.
    """

    def __init__(self, connection: socket.socket) -> None:
        """Take the socket."""
        self.faults = 0
        self.restarts = 0
        self._socket = connection
        self._socket.settimeout(0)
        self._number = 0
        self._reported = -1
        self._state: EngineState | None = None
        self._sent: EngineState | None = None

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._socket.fileno()

    def send(self, state: EngineState) -> None:
        """Send a state if it differs from the last that was sent."""
        self._state = state
        if state != self._sent and self._write(state):
            self._sent = state

    def command(self, kind: CommandKind, time_ns: int) -> bool:
        """Send a command; return whether the socket accepted it."""
        return self._write(Command(kind, time_ns))

    def receive(self) -> list[Report]:
        """Return the received reports, oldest first."""
        reports = []
        for _ in range(REPORTS_AT_ONCE):
            try:
                data = self._socket.recv(MESSAGE_BYTES_MAX)
            except (BlockingIOError, ConnectionResetError):
                break
            if not data:
                break
            with suppress(MessageError):
                reports += self._taken(data)
        return reports

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _taken(self, data: bytes) -> list[Report]:
        try:
            number, message = unpack(data)
        except MessageError:
            self.faults += 1
            raise
        if not isinstance(message, Report):
            return []
        if number <= self._reported:
            self._begin_again()
        self._reported = number
        return [message]

    def _begin_again(self) -> None:
        self.restarts += 1
        if self._state is not None:
            self._sent = None
            self.send(self._state)

    def _write(self, message: EngineState | Command) -> bool:
        try:
            self._socket.send(pack(message, self._number))
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            return False
        self._number += 1
        return True
