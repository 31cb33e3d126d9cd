"""Messages to systemd: datagrams to the socket that NOTIFY_SOCKET names (sd_notify(3))."""

import socket
from contextlib import suppress


class ServiceNotifier:
    """Sends states such as `READY=1`; silent where no service manager listens."""

    def __init__(self, address: str | None) -> None:
        """Take the socket's address; an abstract one begins with `@`."""
        self._address = "\0" + address[1:] if address and address[0] == "@" else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.settimeout(0)

    def notify(self, state: str) -> None:
        """Send a state, and never wait: what is lost is sent again or missed by nobody."""
        if self._address:
            with suppress(OSError):
                self._socket.sendto(state.encode(), self._address)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
