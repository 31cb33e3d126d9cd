import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.ipc.control_protocol import (
    LoadRequest,
    Reply,
    Request,
    Status,
    StatusRequest,
    decode_reply,
    decode_request,
    encode_reply,
    encode_request,
)
from firmware.ipc.supervisor_connection import ForwardedRequest, pack_numbered, unpack_forwarded
from firmware.supervisor.request_proxy import RequestProxy

STATUS = Status("1.0", "drums/000001", True, True, 120.0, 5.0)


class Ends:
    """A proxy, its panel's end, and whoever asks."""

    def __init__(self, folder: Path) -> None:
        ours, self.panel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.healthy = True
        self.path = folder / "control.sock"
        self.proxy = RequestProxy(self.path, ours, lambda: self.healthy)

    def ask(self, request: Request) -> socket.socket:
        asker = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        asker.settimeout(20)
        asker.connect(str(self.path))
        asker.sendall(encode_request(request))
        for _ in range(2):  # accept, then read
            select.select([self.proxy.server], [], [], 20)
            self.proxy.server.serve_ready()
        return asker

    def received(self) -> ForwardedRequest:
        """Return what the panel receives next."""
        return unpack_forwarded(self.panel.recv(4096))

    def answer(self, number: int, reply: Reply) -> None:
        self.panel.send(pack_numbered(number, encode_reply(reply)))
        self.proxy.forward_reply()


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    ends = Ends(tmp_path)
    yield ends
    ends.proxy.close()


def test_requests_reach_the_panel_and_answers_whoever_asked(ends: Ends) -> None:
    first = ends.ask(LoadRequest("drums/000001"))
    second = ends.ask(StatusRequest())
    numbers = []
    for request in (LoadRequest("drums/000001"), StatusRequest()):
        forwarded = ends.received()
        assert decode_request(forwarded.line) == request
        numbers.append(forwarded.number)
    ends.answer(numbers[1], Reply(True, "", STATUS))
    ends.answer(numbers[0], Reply(False, "not there"))
    assert decode_reply(second.recv(4096)).ok
    assert decode_reply(first.recv(4096)) == Reply(False, "not there")


@pytest.mark.parametrize("healthy", [True, False])
def test_health_and_uptime_go_with_a_request(ends: Ends, healthy: bool) -> None:
    ends.healthy = healthy
    ends.ask(StatusRequest())
    first = ends.received()
    ends.ask(StatusRequest())
    assert first.healthy is healthy
    assert 0 < first.uptime_ns < ends.received().uptime_ns


def test_pending_requests_are_refused_when_the_panel_dies(ends: Ends) -> None:
    asker = ends.ask(StatusRequest())
    ends.proxy.panel_died()
    reply = decode_reply(asker.recv(4096))
    assert not reply.ok
    assert "died" in reply.reason
    ends.answer(1, Reply(True, "", STATUS))


def test_replies_without_a_request_are_ignored_and_lines_pass_unread(ends: Ends) -> None:
    asker = ends.ask(StatusRequest())
    for packet in (b"hello", b"7 {}", b"1 any bytes"):
        ends.panel.send(packet)
        ends.proxy.forward_reply()
    assert asker.recv(4096) == b"any bytes"


def test_a_panel_that_takes_no_requests_is_reported(ends: Ends) -> None:
    ends.panel.close()
    reply = decode_reply(ends.ask(StatusRequest()).recv(4096))
    assert not reply.ok
    assert "accepts no requests" in reply.reason
