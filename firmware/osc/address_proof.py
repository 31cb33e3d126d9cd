"""Proof that a subscriber receives what is sent to its address.

UDP lets anybody write any sender's address, and a subscription returns far more than it takes.
So an address beyond this machine is first sent a token, in a packet no longer than the request,
and is subscribed when the token comes back. Tokens are made from a secret, so that nothing is
stored for an address that never answers.
"""

import hashlib
import hmac
import ipaddress

TOKEN_BITS = 24
"""Pure Data keeps numbers exactly up to 24 bits."""

RATE = 32
"""Requests from beyond this machine that are looked at, per second: eight subscribers ask and
prove once a second, and guesses of a token take days."""

Address = tuple[str, int]


class AddressProof:
    """Makes and checks tokens, and bounds how many requests are looked at."""

    def __init__(self, secret: bytes) -> None:
        """Take a secret that is new in every process."""
        self._secret = secret
        self._second = 0
        self._left = RATE

    def token(self, address: Address) -> int:
        """Return the token of an address."""
        text = f"{address[0]}:{address[1]}".encode()
        digest = hmac.digest(self._secret, text, hashlib.sha256)
        return int.from_bytes(digest[:8], "big") % (1 << TOKEN_BITS)

    def holds(self, address: Address, token: int | None) -> bool:
        """Return whether an address is proved: by its token, or as one of this machine."""
        return token == self.token(address) or ipaddress.ip_address(address[0]).is_loopback

    def admits(self, now_ns: int) -> bool:
        """Return whether one more request may be looked at in this second."""
        second = now_ns // 1_000_000_000
        if second != self._second:
            self._second, self._left = second, RATE
        self._left -= 1
        return self._left >= 0
