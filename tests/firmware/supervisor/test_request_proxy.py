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
from firmware.ipc.process_config import pack_numbered, unpack_numbered
from firmware.supervisor.request_proxy import Relay

STATUS = Status("1.0", "drums/000001", True, True, 120.0, 5.0)


class Ends:
    """A relay, its panel's end, and whoever asks."""

    def __init__(self, folder: Path) -> None:
        ours, self.panel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.healthy = True
        self.path = folder / "control.sock"
        self.relay = Relay(self.path, ours, lambda: self.healthy)

    def ask(self, request: Request) -> socket.socket:
        asker = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        asker.settimeout(20)
        asker.connect(str(self.path))
        asker.sendall(encode_request(request))
        for _ in range(2):  # accept, then read
            select.select([self.relay.server], [], [], 20)
            self.relay.server.serve_ready()
        return asker

    def answer(self, number: int, reply: Reply) -> None:
        self.panel.send(pack_numbered(number, encode_reply(reply)))
        self.relay.take_answer()


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    ends = Ends(tmp_path)
    yield ends
    ends.relay.close()


def test_requests_reach_the_panel_and_answers_whoever_asked(ends: Ends) -> None:
    first = ends.ask(LoadRequest("drums/000001"))
    second = ends.ask(StatusRequest())
    numbers = []
    for request in (LoadRequest("drums/000001"), StatusRequest()):
        number, line = unpack_numbered(ends.panel.recv(4096))
        assert decode_request(line) == request
        numbers.append(number)
    ends.answer(numbers[1], Reply(True, "", STATUS))
    ends.answer(numbers[0], Reply(False, "not there"))
    assert decode_reply(second.recv(4096)).ok
    assert decode_reply(first.recv(4096)) == Reply(False, "not there")


@pytest.mark.parametrize("healthy", [True, False])
def test_health_and_uptime_are_the_supervisor_s(ends: Ends, healthy: bool) -> None:
    ends.healthy = healthy
    asker = ends.ask(StatusRequest())
    number, _ = unpack_numbered(ends.panel.recv(4096))
    ends.answer(number, Reply(True, "", STATUS))
    status = decode_reply(asker.recv(4096)).status
    assert status is not None
    assert status.healthy is healthy
    assert status.bundle == STATUS.bundle
    assert status.uptime_s != STATUS.uptime_s


def test_who_waits_is_told_when_the_panel_dies(ends: Ends) -> None:
    asker = ends.ask(StatusRequest())
    ends.relay.panel_died()
    reply = decode_reply(asker.recv(4096))
    assert not reply.ok
    assert "died" in reply.reason
    ends.answer(1, Reply(True, "", STATUS))


def test_answers_that_make_no_sense_are_passed_over(ends: Ends) -> None:
    for packet in (b"hello", b"7 {}", b"1 nonsense"):
        ends.ask(StatusRequest())
        ends.panel.send(packet)
        ends.relay.take_answer()
