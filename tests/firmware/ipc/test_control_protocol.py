import json
import select
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.ipc.control_protocol import (
    LINE_BYTES_MAX,
    Answer,
    ControlError,
    Handler,
    LoadRequest,
    NotRunningError,
    Reply,
    Request,
    Status,
    StatusRequest,
    ask,
    decode_reply,
    decode_request,
    encode_reply,
    encode_request,
    serve_line,
)
from firmware.ipc.control_server import CONNECTIONS_MAX, ControlServer, listen

STATUS = Status("0.1.0", "drums/000007", True, False, 120.0, 3.5, ("adc: no answer",))


@pytest.fixture
def path() -> Iterator[Path]:
    """A short path: a socket's name holds 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="xn") as folder:
        yield Path(folder) / "control.sock"


def serving(path: Path, handler: Handler) -> ControlServer:
    return serving_on(listen(path), handler)


def serving_on(listener: socket.socket, handler: Handler) -> ControlServer:
    return ControlServer(listener, partial(serve_line, handler))


def answer_later(server: ControlServer, question: Callable[[], Reply]) -> list[Reply]:
    """Ask in a thread while the server is polled here."""
    replies: list[Reply] = []
    thread = threading.Thread(target=lambda: replies.append(question()))
    thread.start()
    while thread.is_alive():
        server.serve_ready()
    thread.join()
    return replies


@pytest.mark.parametrize(
    "request_",
    [StatusRequest(), LoadRequest("drums/000007"), LoadRequest("drums/000007", 5)],
    ids=str,
)
def test_a_request_survives_its_line(request_: Request) -> None:
    assert decode_request(encode_request(request_)) == request_


@pytest.mark.parametrize("reply", [Reply(True), Reply(False, "no"), Reply(True, "", STATUS)])
def test_a_reply_survives_its_line(reply: Reply) -> None:
    assert decode_reply(encode_reply(reply)) == reply


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"status",
        b"[]",
        b"{}",
        b'{"op": "halt"}',
        b'{"op": "load"}',
        b'{"op": "load", "bundle": "../etc/000001"}',
        b'{"op": "load", "bundle": "drums/1"}',
        b'{"op": "load", "bundle": ["drums"]}',
        b"[" * 10_000,
        b" " * (LINE_BYTES_MAX + 1),
    ],
)
def test_a_bad_request_is_refused(line: bytes) -> None:
    with pytest.raises(ControlError):
        decode_request(line)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(line: bytes) -> None:
    for decode in (decode_request, decode_reply):
        try:
            decode(line)
        except ControlError:
            continue


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bundle", 7),
        ("healthy", 1),
        ("tempo_bpm", "fast"),
        ("uptime_s", 1e999),
        ("faults", [1]),
    ],
)
def test_a_status_of_the_wrong_type_is_refused(field: str, value: object) -> None:
    document = json.loads(encode_reply(Reply(True, "", STATUS)))
    document["status"][field] = value
    with pytest.raises(ControlError):
        decode_reply(json.dumps(document).encode())


def test_the_server_answers_at_once(path: Path) -> None:
    with serving(path, lambda _, answer: answer(Reply(True, "", STATUS))) as server:
        replies = answer_later(server, lambda: ask(path, StatusRequest(), 10))
    assert replies == [Reply(True, "", STATUS)]


def test_a_client_waits_for_the_server_that_takes_over_the_socket(path: Path) -> None:
    listener = listen(path)
    with serving_on(listener.dup(), lambda _, answer: answer(Reply(True, "first"))) as first:
        assert answer_later(first, lambda: ask(path, StatusRequest(), 10))
    replies: list[Reply] = []
    client = threading.Thread(target=lambda: replies.append(ask(path, StatusRequest(), 10)))
    client.start()
    select.select([listener], [], [], 10)
    with serving_on(listener, lambda _, answer: answer(Reply(True, "second"))) as second:
        while client.is_alive():
            second.serve_ready()
    assert replies == [Reply(True, "second")]


def test_the_server_answers_later(path: Path) -> None:
    waiting: list[Answer] = []
    with serving(path, lambda _, answer: waiting.append(answer)) as server:
        replies: list[Reply] = []
        thread = threading.Thread(
            target=lambda: replies.append(ask(path, LoadRequest("drums/000001"), 10))
        )
        thread.start()
        while not waiting:
            server.serve_ready()
        waiting[0](Reply(False, "not now"))
        thread.join()
        waiting[0](Reply(True))  # a second answer goes nowhere
    assert replies == [Reply(False, "not now")]


def test_the_server_tells_what_is_wrong_with_a_request(path: Path) -> None:
    def send_nonsense() -> Reply:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(b"hello\n")
            return decode_reply(connection.recv(LINE_BYTES_MAX))

    with serving(path, lambda _, answer: answer(Reply(True))) as server:
        (reply,) = answer_later(server, send_nonsense)
    assert not reply.ok
    assert "JSON" in reply.reason


def test_idle_callers_do_not_keep_others_out(path: Path) -> None:
    with serving(path, lambda _, answer: answer(Reply(True))) as server:
        idle = [socket.socket(socket.AF_UNIX) for _ in range(CONNECTIONS_MAX)]
        for connection in idle:
            connection.connect(str(path))
            server.serve_ready()
        assert answer_later(server, lambda: ask(path, StatusRequest(), 10)) == [Reply(True)]
        assert idle[0].recv(1) == b""  # the first to come was let go
        for connection in idle:
            connection.close()


@pytest.mark.parametrize("sent", [b"x" * (LINE_BYTES_MAX + 1), b'{"op": "status"}\nmore\n'])
def test_who_sends_too_much_is_let_go(path: Path, sent: bytes) -> None:
    def flood() -> Reply:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(sent)
            assert b"" in {connection.recv(LINE_BYTES_MAX) for _ in range(2)}
            return Reply(True)

    with serving(path, lambda _, answer: answer(Reply(True))) as server:
        assert answer_later(server, flood) == [Reply(True)]


def test_nobody_listens(path: Path) -> None:
    with pytest.raises(NotRunningError):
        ask(path, StatusRequest(), 1)


def test_a_socket_left_behind_is_replaced_and_a_live_one_is_not(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    with pytest.raises(NotRunningError):
        ask(path, StatusRequest(), 1)
    with (
        serving(path, lambda _, answer: answer(Reply(True))),
        pytest.raises(ControlError, match="another firmware"),
    ):
        serving(path, lambda _, answer: answer(Reply(True)))


def test_a_silent_firmware_is_given_up(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        with pytest.raises(ControlError, match="did not reply"):
            ask(path, StatusRequest(), 0.05)


def test_a_path_too_long_for_a_socket_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="unreachable"):
        ask(tmp_path / ("x" * 120), StatusRequest(), 1)
