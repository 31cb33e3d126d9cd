import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from firmware.ipc.control_protocol import (
    Answer,
    Reply,
    Request,
    Status,
    StatusRequest,
    decode_reply,
    encode_request,
)
from firmware.ipc.supervisor_connection import (
    ForwardedRequest,
    SupervisorLink,
    pack_numbered,
    unpack_forwarded,
    unpack_numbered,
)


class Desk:
    """The supervisor's end, and what the panel was asked."""

    def __init__(self) -> None:
        ours, self.socket = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(0)
        self.asked: list[tuple[Request, Answer]] = []
        self.link = SupervisorLink(ours, self._take)

    def _take(self, request: Request, answer: Answer) -> None:
        self.asked.append((request, answer))

    def ask(self, number: int, line: bytes, *, healthy: bool = True) -> None:
        self.socket.send(ForwardedRequest(number, healthy, 2_500_000_000, line).pack())
        self.link.serve_ready()

    def answers(self) -> list[tuple[int, Reply]]:
        found = []
        try:
            while packet := self.socket.recv(16384):
                number, line = unpack_numbered(packet)
                found.append((number, decode_reply(line)))
        except BlockingIOError:
            pass
        return found


@pytest.fixture
def desk() -> Iterator[Desk]:
    one = Desk()
    yield one
    one.socket.close()
    one.link.close()


def test_requests_are_answered_under_their_numbers_in_any_order(desk: Desk) -> None:
    for number in (4, 5):
        desk.ask(number, encode_request(StatusRequest()))
    (_, first), (_, second) = desk.asked
    second(Reply(ok=True))
    first(Reply(ok=False, reason="no"))
    assert desk.answers() == [(5, Reply(ok=True)), (4, Reply(ok=False, reason="no"))]


def test_a_request_that_makes_no_sense_is_answered_so(desk: Desk) -> None:
    desk.ask(1, b'{"op": "dance"}\n')
    ((number, reply),) = desk.answers()
    assert (number, reply.ok) == (1, False)


@pytest.mark.parametrize("healthy", [True, False])
@pytest.mark.parametrize("panel_healthy", [True, False])
def test_health_and_uptime_are_the_supervisor_s(
    desk: Desk, healthy: bool, panel_healthy: bool
) -> None:
    desk.ask(1, encode_request(StatusRequest()), healthy=healthy)
    status = Status("1.0", "drums/000001", panel_healthy, True, 120.0, 99.0)
    desk.asked[0][1](Reply(ok=True, status=status))
    ((_, reply),) = desk.answers()
    assert reply.status == replace(status, healthy=healthy and panel_healthy, uptime_s=2.5)


def test_a_request_survives_its_packet() -> None:
    forwarded = ForwardedRequest(7, True, 12, b'{"op": "x y"}')
    assert unpack_forwarded(forwarded.pack()) == forwarded


def test_a_packet_without_a_number_is_left(desk: Desk) -> None:
    desk.socket.send(b"what?")
    desk.link.serve_ready()
    assert desk.answers() == []
    assert not desk.link.ended


def test_nothing_there_is_nothing_to_do(desk: Desk) -> None:
    desk.link.serve_ready()
    assert not desk.link.ended


def test_the_end_of_the_supervisor_is_noticed(desk: Desk) -> None:
    desk.socket.close()
    desk.link.serve_ready()
    assert desk.link.ended


def test_answering_a_supervisor_that_is_gone_ends_it(desk: Desk) -> None:
    desk.ask(1, encode_request(StatusRequest()))
    desk.socket.close()
    desk.asked[0][1](Reply(ok=True))
    assert desk.link.ended


@pytest.mark.parametrize("line", [b"", b"{}", b'{"op": "load x"}\n'])
def test_a_numbered_line_comes_back(line: bytes) -> None:
    assert unpack_numbered(pack_numbered(42, line)) == (42, line)


def test_a_packet_without_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        unpack_numbered(b"hello")
