import socket
from collections.abc import Iterator

import pytest

from firmware.engine.state import Command, CommandKind, EngineState, Report
from firmware.ipc.codec import MESSAGE_BYTES_MAX, pack, unpack
from firmware.ipc.player_connection import PlayerConnection


@pytest.fixture
def ends() -> Iterator[tuple[PlayerConnection, socket.socket]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.settimeout(0)
    link = PlayerConnection(ours)
    yield link, theirs
    link.close()
    theirs.close()


def received(player: socket.socket) -> list[object]:
    messages = []
    try:
        while data := player.recv(MESSAGE_BYTES_MAX):
            messages.append(unpack(data)[1])
    except BlockingIOError:
        pass
    return messages


Ends = tuple[PlayerConnection, socket.socket]


def test_an_engine_state_is_sent_once(ends: Ends) -> None:
    link, player = ends
    for state in (EngineState(), EngineState(), EngineState(milli_bpm=90_000)):
        link.send(state)
    assert [m.milli_bpm for m in received(player) if isinstance(m, EngineState)] == [
        120_000,
        90_000,
    ]


def test_reports_come_oldest_first(ends: Ends) -> None:
    link, player = ends
    for number in range(3):
        player.send(pack(Report(tick=number), number))
    assert [report.tick for report in link.receive()] == [0, 1, 2]
    assert link.receive() == []


def test_a_new_player_is_sent_the_state_again(ends: Ends) -> None:
    link, player = ends
    player.send(pack(Report(), 7))
    link.receive()
    link.send(EngineState())
    received(player)
    player.send(pack(Report(), 0))
    assert link.restarts == 0
    link.receive()
    assert link.restarts == 1
    assert received(player) == [EngineState()]


def test_what_is_not_understood_is_counted_and_left(ends: Ends) -> None:
    link, player = ends
    player.send(b"?")
    player.send(pack(Report(tick=5), 0))
    assert [report.tick for report in link.receive()] == [5]
    assert link.faults == 1


def test_a_full_socket_waits_for_nobody_and_the_last_state_wins(ends: Ends) -> None:
    link, player = ends
    for tempo in range(20_000, 21_000):
        link.send(EngineState(milli_bpm=tempo))
    received(player)
    link.send(EngineState(milli_bpm=20_999))
    assert received(player)[-1] == EngineState(milli_bpm=20_999)


def test_commands_carry_their_time(ends: Ends) -> None:
    link, player = ends
    assert link.command(CommandKind.RESET, 123)
    assert received(player) == [Command(CommandKind.RESET, 123)]


def test_a_player_that_is_gone_is_no_error(ends: Ends) -> None:
    link, player = ends
    player.close()
    link.send(EngineState())
    assert not link.command(CommandKind.PANIC, 0)
    assert link.receive() == []
