"""What the module tells the desk."""

import socket
from collections.abc import Iterator

import pytest

from firmware.desk.client import GONE_NS, NOTICE_NS, OscClient
from firmware.osc.packet import decode, encode
from tests.firmware.waiting import wait_until

NOW_NS = 10**12
NEAREST = "the preset is of another kit: voices at the nearest rhythms, {}, {} and {} steps off"


@pytest.fixture
def module() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.settimeout(10)
        yield one


@pytest.fixture
def client(module: socket.socket) -> Iterator[OscClient]:
    one = OscClient("127.0.0.1", module.getsockname()[1])
    yield one
    one.close()


def tell(module: socket.socket, client: OscClient, packet: bytes) -> None:
    """Answer the subscription, and wait until it has arrived."""
    client.listen(NOW_NS)
    ((address, (port,)),) = decode(module.recv(65536))
    assert address == "/subscribe"
    module.sendto(packet, ("127.0.0.1", int(port)))
    module.sendto(encode("/hello", "1"), ("127.0.0.1", int(port)))
    wait_until(lambda: "/hello" in client.listen(NOW_NS))


def test_values_received_are_kept(module: socket.socket, client: OscClient) -> None:
    assert not client.responds(NOW_NS)
    tell(module, client, encode("/tempo", 97.5))
    assert client.latest["/tempo"] == (97.5,)
    assert client.responds(NOW_NS)
    assert not client.responds(NOW_NS + GONE_NS)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (("/fault", "dac: gone"), "dac: gone"),
        (
            ("/preset/nearest", 0, 2, 11),
            NEAREST.format(0, 2, 11),
        ),
    ],
)
def test_a_notice_is_shown_for_a_while(
    module: socket.socket, client: OscClient, message: tuple[str, int], text: str
) -> None:
    assert client.notice(NOW_NS) == ""
    tell(module, client, encode(*message))
    assert client.notice(NOW_NS + NOTICE_NS - 1) == text
    assert client.notice(NOW_NS + NOTICE_NS) == ""


def test_what_is_no_message_is_left(module: socket.socket, client: OscClient) -> None:
    tell(module, client, b"not OSC")
    assert set(client.latest) == {"/hello"}
