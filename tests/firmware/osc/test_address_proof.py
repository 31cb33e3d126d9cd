"""What the module sends to addresses beyond its machine, before and after they are proved."""

from typing import Any, cast

import pytest

from firmware.instrument.faults import Faults
from firmware.osc.address_proof import RATE, TOKEN_BITS, AddressProof
from firmware.osc.packet import decode, encode
from firmware.osc.server import OscService

DESK = ("192.0.2.7", 5000)
VICTIM = ("192.0.2.8", 9001)
SECOND_NS = 1_000_000_000


class Network:
    """A UDP socket on which any sender's address can be written."""

    def __init__(self) -> None:
        self.inbox: list[tuple[bytes, tuple[str, int]]] = []
        self.sent: list[tuple[bytes, tuple[str, int]]] = []

    def settimeout(self, seconds: float) -> None:
        pass

    def getsockname(self) -> tuple[str, int]:
        return ("0.0.0.0", 9000)

    def recvfrom(self, size: int) -> tuple[bytes, tuple[str, int]]:
        if not self.inbox:
            raise BlockingIOError
        return self.inbox.pop(0)

    def sendto(self, packet: bytes, address: tuple[str, int]) -> None:
        self.sent.append((packet, address))


class Module:
    """An OSC service on such a network."""

    def __init__(self) -> None:
        self.network = Network()
        self.faults = Faults()
        self.proof = AddressProof(b"secret")
        self.service = OscService(cast(Any, self.network), self.faults, self.proof)

    def receive(self, *arguments: float, sender: tuple[str, int] = DESK, at_ns: int = 0) -> int:
        """Receive a /subscribe; give the bytes that it took."""
        packet = encode("/subscribe", *arguments)
        self.network.inbox.append((packet, sender))
        self.service.serve_ready(cast(Any, None), at_ns)
        return len(packet)


def test_an_address_beyond_this_machine_is_sent_no_more_than_it_sent() -> None:
    module = Module()
    received = module.receive(9001)
    ((packet, address),) = module.network.sent
    assert address == (DESK[0], 9001)
    assert len(packet) <= received
    (message,) = decode(packet)
    assert message.address == "/token"
    assert module.service.subscribers == ()


def test_the_token_that_came_back_subscribes_also_as_a_float() -> None:
    module = Module()
    module.receive(9001)
    (message,) = decode(module.network.sent.pop()[0])
    module.receive(9001, float(cast(int, message.arguments[0])))
    assert module.service.subscribers == ((DESK[0], 9001),)
    assert decode(module.network.sent[0][0])[0].address == "/hello"


@pytest.mark.parametrize("wrong", [0, (1 << TOKEN_BITS) - 1])
def test_another_token_gets_no_answer(wrong: int) -> None:
    module = Module()
    module.receive(9001, wrong)
    assert module.network.sent == []
    assert module.service.subscribers == ()


def test_a_token_is_good_for_one_address() -> None:
    proof = AddressProof(b"secret")
    tokens = {
        AddressProof(b"other").token(DESK),
        *(proof.token(address) for address in (DESK, VICTIM, (DESK[0], 5001))),
    }
    assert len(tokens) == 4
    assert all(0 <= token < 1 << TOKEN_BITS for token in tokens)


def test_a_flood_of_requests_is_not_answered() -> None:
    module = Module()
    for _ in range(10 * RATE):
        module.receive(VICTIM[1], sender=VICTIM)
    assert len(module.network.sent) == RATE
    module.receive(VICTIM[1], sender=VICTIM, at_ns=SECOND_NS)
    assert len(module.network.sent) == RATE + 1


def test_this_machine_needs_no_token_whatever_is_flooded() -> None:
    module = Module()
    for _ in range(2 * RATE):
        module.receive(VICTIM[1], sender=VICTIM)
    module.receive(9001, sender=("127.0.0.1", 5000))
    assert module.service.subscribers == (("127.0.0.1", 9001),)


@pytest.mark.parametrize("arguments", [(9001, -1), (9001, 1 << 24), (9001, 0.5), (1, 2)])
def test_what_is_no_token_is_a_fault(arguments: tuple[float, ...]) -> None:
    module = Module()
    module.receive(*arguments)
    assert module.faults["osc"].active
    assert module.network.sent == []
