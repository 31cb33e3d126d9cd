"""A client of the module's OSC, which keeps the last message at each address."""

import socket
from collections.abc import Mapping

from firmware.osc.packet import Argument, OscError, decode, encode

RENEW_NS = 1_000_000_000
GONE_NS = 2_500_000_000
NOTICE_NS = 6_000_000_000
_PACKETS_AT_ONCE = 500
_NOTICES: Mapping[str, str] = {
    "/fault": "{}",
    "/preset/nearest": "the preset is of another kit: voices at the nearest rhythms, "
    "{}, {} and {} steps off",
}
"""By the address of a message, what is shown of it for a while."""


class OscClient:
    """A socket on loopback. `latest` has the last arguments received at each address."""

    def __init__(self, host: str, port: int) -> None:
        """Open a port; nothing is sent yet."""
        self.latest: dict[str, tuple[Argument, ...]] = {}
        self._module = (host, port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0)
        self._subscribed_ns = -RENEW_NS
        self._received_ns = -GONE_NS
        self._notice = ""
        self._notice_ns = -NOTICE_NS

    def send(self, address: str, *arguments: Argument) -> None:
        """Send a message; lost without a receiver."""
        try:
            self._socket.sendto(encode(address, *arguments), self._module)
        except OSError:
            return

    def listen(self, now_ns: int) -> Mapping[str, tuple[Argument, ...]]:
        """Receive messages and renew the subscription; return all that is known."""
        if now_ns - self._subscribed_ns >= RENEW_NS:
            self._subscribed_ns = now_ns
            self.send("/subscribe", self._socket.getsockname()[1])
        for _ in range(_PACKETS_AT_ONCE):
            try:
                received = dict(decode(self._socket.recv(65536)))
            except OscError:
                continue
            except OSError:
                break
            self._received_ns = now_ns
            self.latest.update(received)
            for address, text in _NOTICES.items():
                if address in received:
                    self._notice = text.format(*received[address])
                    self._notice_ns = now_ns
        return self.latest

    def notice(self, now_ns: int) -> str:
        """Return the notice of the last seconds, such as a fault; empty if there was none."""
        return self._notice if now_ns - self._notice_ns < NOTICE_NS else ""

    def responds(self, now_ns: int) -> bool:
        """Return whether the module answered lately."""
        return now_ns - self._received_ns < GONE_NS

    def close(self) -> None:
        """Unsubscribe."""
        self.send("/unsubscribe", self._socket.getsockname()[1])
        self._socket.close()
