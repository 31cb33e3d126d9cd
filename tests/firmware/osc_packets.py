"""Packets that nobody should send, for tests."""

import random
import struct
from collections.abc import Callable

from firmware.osc.addresses import PARAMETER_ADDRESSES
from firmware.osc.packet import Argument, encode

FAR_FUTURE = b"\xff" * 8


def random_packet(rng: random.Random) -> bytes:
    """Make a packet that is broken in some way, or whole but wrongly typed."""
    address = rng.choice(
        [*PARAMETER_ADDRESSES, "/bundle", "/subscribe", "/preset/save", "/nowhere", "/tap"]
    )
    kinds: list[Callable[[], Argument]] = [
        lambda: rng.randint(-(2**31), 2**31 - 1),
        lambda: rng.choice([float("nan"), float("inf"), rng.uniform(-1e3, 1e3), 0.5]),
        lambda: rng.choice(["", "x" * 40, "é\n"]),
    ]
    arguments = [rng.choice(kinds)() for _ in range(rng.randint(0, 10))]
    packet = encode(address, *arguments)
    match rng.randint(0, 5):
        case 0:
            return rng.randbytes(rng.randint(0, 100))
        case 1:
            return packet[: rng.randint(0, len(packet))]
        case 2:
            size = struct.pack(">i", rng.choice([len(packet), -4, 0, 2**31 - 1]))
            return b"#bundle\0" + FAR_FUTURE + size + packet
        case 3:
            place = rng.randrange(len(packet))
            return packet[:place] + rng.randbytes(1) + packet[place + 1 :]
        case 4:
            return packet + rng.randbytes(rng.choice([1, 4, 3000]))
        case _:
            return packet
