"""A client of the module's OSC: what it tells is kept by address."""

import socket
from collections.abc import Mapping

from firmware.osc.packet import Argument, OscError, decode, encode

RENEW_NS = 1_000_000_000
GONE_NS = 2_500_000_000
FAULT_NS = 6_000_000_000
_PACKETS_AT_ONCE = 500


class OscClient:
    """A socket on loopback. `told` is the last that was told at each address."""

    def __init__(self, host: str, port: int) -> None:
        """Open a port of its own; nothing is said yet."""
        self.told: dict[str, tuple[Argument, ...]] = {}
        self._module = (host, port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0)
        self._asked_ns = -RENEW_NS
        self._heard_ns = -GONE_NS
        self._fault_ns = -FAULT_NS

    def say(self, address: str, *arguments: Argument) -> None:
        """Send a message; lost if nobody listens."""
        try:
            self._socket.sendto(encode(address, *arguments), self._module)
        except OSError:
            return

    def listen(self, now_ns: int) -> Mapping[str, tuple[Argument, ...]]:
        """Take what has come, renewing the subscription; give everything that is known."""
        if now_ns - self._asked_ns >= RENEW_NS:
            self._asked_ns = now_ns
            self.say("/subscribe", self._socket.getsockname()[1])
        for _ in range(_PACKETS_AT_ONCE):
            try:
                news = dict(decode(self._socket.recv(65536)))
            except OscError:
                continue
            except OSError:
                break
            self._heard_ns = now_ns
            self.told.update(news)
            if "/fault" in news:
                self._fault_ns = now_ns
        return self.told

    def fault(self, now_ns: int) -> str:
        """Give what went wrong in the last seconds; empty if nothing did."""
        lately = now_ns - self._fault_ns < FAULT_NS
        return str(self.told["/fault"][0]) if lately else ""

    def there(self, now_ns: int) -> bool:
        """Tell whether the module answered lately."""
        return now_ns - self._heard_ns < GONE_NS

    def close(self) -> None:
        """Unsubscribe."""
        self.say("/unsubscribe", self._socket.getsockname()[1])
        self._socket.close()
