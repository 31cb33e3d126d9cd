"""A module that is followed and moved by OSC."""

import socket
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest

from firmware.errors import UserError
from firmware.osc.packet import Argument, decode, encode
from trainer.studio.following import Follower, checked_messages

Event = dict[str, Any]
WAIT_S = 20


class Module:
    """The module's end: a socket that answers a subscription."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(WAIT_S)
        self.port = self.socket.getsockname()[1]

    def next(self, wanted: str) -> tuple[tuple[Argument, ...], Any]:
        """Return the arguments of the next message at an address, and who sent it."""
        while True:
            data, sender = self.socket.recvfrom(65536)
            ((address, arguments),) = decode(data)
            if address == wanted:
                return arguments, sender


@pytest.fixture
def module() -> Iterator[Module]:
    one = Module()
    yield one
    one.socket.close()


@pytest.fixture
def events() -> "Queue[Event]":
    return Queue()


@pytest.fixture
def follower(module: Module, events: "Queue[Event]") -> Iterator[Follower]:
    one = Follower(events.put)
    one.follow("127.0.0.1", module.port)
    yield one
    one.leave()


def until(events: "Queue[Event]", holds: Callable[[Event], bool]) -> Event:
    while not holds(event := events.get(timeout=WAIT_S)):
        pass
    return event


def test_what_the_module_sends_reaches_the_pages(
    module: Module, follower: Follower, events: "Queue[Event]"
) -> None:
    (port,), sender = module.next("/subscribe")
    assert port == sender[1]
    module.socket.sendto(encode("/voice/2/x", 0.25), sender)
    event = until(events, lambda event: "/voice/2/x" in event["values"])
    assert event["values"]["/voice/2/x"] == [0.25]
    assert event["answers"]


def test_the_token_of_another_machine_is_sent_along(module: Module, follower: Follower) -> None:
    _, sender = module.next("/subscribe")
    module.socket.sendto(encode("/token", 123456), sender)
    assert (arguments := module.next("/subscribe")[0]) == (arguments[0], 123456)


def test_what_is_moved_reaches_the_module(module: Module, follower: Follower) -> None:
    follower.send(checked_messages([["/voice/1/x", 0.5], ["/voice/1/length", 12]]))
    assert module.next("/voice/1/x")[0] == (0.5,)
    assert module.next("/voice/1/length")[0] == (12,)
    follower.leave()
    module.next("/unsubscribe")
    with pytest.raises(UserError, match="no module is followed"):
        follower.send([])


def test_a_stranger_and_noise_are_ignored(
    module: Module, follower: Follower, events: "Queue[Event]"
) -> None:
    _, sender = module.next("/subscribe")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(encode("/voice/1/x", 0.9), ("127.0.0.1", sender[1]))
    module.socket.sendto(b"noise", sender)
    module.socket.sendto(encode("/tempo", 90.0), sender)
    event = until(events, lambda event: bool(event["values"]))
    assert event["values"] == {"/tempo": [90.0]}


@pytest.mark.parametrize(
    "content",
    [
        *(None, {}, "x", [1], [[]], [["x", 1]], [["/a b", 1]], [["/x", "text"]]),
        *([["/x", True]], [["/x", None]], [["/x", 1e9]], [["/x", *range(33)]]),
        [["/../x", 1]],
        [["/x", 1]] * 201,
    ],
)
def test_a_malformed_message_is_refused(content: Any) -> None:
    with pytest.raises(UserError):
        checked_messages(content)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        *(("-x", 9000), ("a b", 9000), ("127.0.0.1", 0), ("127.0.0.1\n", 9000)),
        *(("a..b", 9000), ("a" * 64, 9000)),
    ],
)
def test_no_host_is_refused(host: str, port: int) -> None:
    with pytest.raises(UserError):
        Follower(lambda _: None).follow(host, port)
