"""A running module under a flood of broken packets plays on, and answers."""

import random
import socket
from collections.abc import Callable

import pytest

from tests.firmware.osc_packets import random_packet
from tests.firmware.waiting import wait_until
from tests.pd.live import Module
from tests.pd.patches import HOST

STEPS = 8


@pytest.mark.soak
def test_a_flood_neither_stops_the_playing_nor_the_answers(
    module: Module, soak: Callable[[int, int], int]
) -> None:
    rng = random.Random(11)
    packets = soak(5_000, 500_000)
    played: set[object] = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:

        def flooded(at_least: int) -> int:
            for _ in range(at_least):
                packet = random_packet(rng)
                if b"/run" not in packet and b"subscribe" not in packet:
                    flood.sendto(packet, (HOST, module.port))
                played.add(module.listen().get("/voice/2/step"))
            return len(played)

        flooded(packets)
        wait_until(lambda: flooded(100) > STEPS)
    module.values.clear()
    module.say("/run", 1)
    module.say("/clock", "internal")
    module.say("/voice/2/length", 32)
    module.say("/voice/2/division", 1)
    wait_until(lambda: "/voice/2/step" in module.listen())
    module.say("/chaos", 0.125)
    wait_until(lambda: module.listen().get("/chaos") == (0.125,))
