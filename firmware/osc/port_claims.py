"""Two programs that listen at one port.

UDP lets a second program bind a port that another has, and then sends to one of the two alone.
Both go on subscribing, each from a port of its own.
"""

CLAIM_NS = 3_000_000_000
"""How long a subscription shows that its sender still runs; subscriptions come every second."""

Address = tuple[str, int]


class PortClaims:
    """The last two senders that subscribed each address, and when."""

    def __init__(self) -> None:
        """Start without any."""
        self._latest: dict[Address, tuple[Address, int]] = {}
        self._before: dict[Address, tuple[Address, int]] = {}

    def disputed(self, subscriber: Address, sender: Address, now_ns: int) -> bool:
        """Take a subscription; return whether the sender before the last has come back.

        A program that is started again has another sender, and the old one stays away.
        """
        latest, before = self._latest.get(subscriber), self._before.get(subscriber)
        self._latest[subscriber] = (sender, now_ns)
        if latest is None or latest[0] == sender:
            return False
        self._before[subscriber] = latest
        return before is not None and before[0] == sender and now_ns - before[1] < CLAIM_NS

    def forget(self, subscriber: Address) -> None:
        """Forget an address that is no longer subscribed."""
        self._latest.pop(subscriber, None)
        self._before.pop(subscriber, None)
