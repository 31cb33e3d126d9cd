import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.midi.ports import AGAIN_NS, MidiInput, MidiOutput, find_device, opener
from firmware.simulator.midi import MidiSockets
from tests.firmware.waiting import wait_until

NOTE = bytes((0x90, 60, 100))
ALL_OFF = bytes((0xB0, 123, 0, 0xB1, 123, 0, 0xB2, 123, 0))


@pytest.fixture
def sockets() -> MidiSockets:
    return MidiSockets()


def received(sockets: MidiSockets) -> bytes:
    sockets.listen()
    return b"".join(chunk.data for chunk in sockets.received)


def short_pipe() -> tuple[int, int]:
    read_end, write_end = os.pipe2(os.O_NONBLOCK)
    fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
    return read_end, write_end


def missing() -> int:
    raise FileNotFoundError


def test_the_board_s_own_port_sends_and_receives(sockets: MidiSockets) -> None:
    output = MidiOutput(opener("", os.O_WRONLY, board=sockets.open))
    input_ = MidiInput(opener("", os.O_RDONLY, board=sockets.open))
    output.reconnect(0)
    input_.reconnect(0)
    output.send(NOTE)
    assert wait_until(lambda: received(sockets).endswith(NOTE))
    assert received(sockets) == ALL_OFF + NOTE
    sockets.send(NOTE[:2])
    sockets.send(NOTE[2:])
    assert wait_until(input_.read) == [NOTE]
    assert input_.read() == []


def test_a_missing_port_is_looked_for_once_a_second() -> None:
    tries: list[int] = []

    def open_port() -> int:
        tries.append(1)
        return missing()

    port = MidiInput(open_port)
    for now_ns in (0, 1, AGAIN_NS - 1, AGAIN_NS, AGAIN_NS + 1):
        assert not port.reconnect(now_ns)
    assert len(tries) == 2
    assert port.missing
    assert port.read() == []


def test_what_is_sent_without_a_port_is_lost() -> None:
    output = MidiOutput(missing)
    output.send(NOTE)
    assert not output.full


@pytest.mark.parametrize("port_kind", [MidiInput, MidiOutput])
def test_a_port_that_fails_is_counted_and_opened_again(
    port_kind: Callable[[Callable[[], int]], MidiInput | MidiOutput], sockets: MidiSockets
) -> None:
    port = port_kind(lambda: os.open(sockets.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY))
    port.reconnect(0)
    sockets.unplug()
    if isinstance(port, MidiInput):
        assert port.read() == []
    else:
        port.send(NOTE)
    assert port.missing
    assert port.faults == 1
    assert not port.reconnect(AGAIN_NS)
    assert port.faults == 2
    sockets.plug()
    assert port.reconnect(2 * AGAIN_NS)
    assert not port.missing


def test_bytes_that_the_device_cannot_take_wait_in_order() -> None:
    read_end, write_end = short_pipe()
    output = MidiOutput(lambda: os.dup(write_end))
    output.reconnect(0)
    os.read(read_end, 100)
    space = 0
    while not output.full:
        output.send(NOTE)
        space += 1
    output.send(bytes((0x80, 60, 0)))
    received = b""
    while output.full:
        received += os.read(read_end, 65536)
        output.flush()
    received += os.read(read_end, 65536)
    assert received == NOTE * space + bytes((0x80, 60, 0))


def test_a_device_that_takes_nothing_is_given_up() -> None:
    _, write_end = short_pipe()
    output = MidiOutput(lambda: os.dup(write_end))
    output.reconnect(0)
    for _ in range(2_000):
        output.send(NOTE)
    assert output.missing
    assert output.faults == 1


def test_raw_devices_are_found_by_card_or_port_name(tmp_path: Path) -> None:
    for card, name, port in ((0, "Headphones", None), (2, "KeyStep", "Arturia KeyStep 32")):
        folder = tmp_path / f"card{card}"
        folder.mkdir()
        (folder / "id").write_text(f"{name}\n")
        if port:
            (folder / "midi1").write_text(f"{port}\n\nOutput 0\n")
    assert find_device("keystep", tmp_path) == "/dev/snd/midiC2D1"
    assert find_device("Arturia KeyStep", tmp_path) == "/dev/snd/midiC2D1"
    with pytest.raises(FileNotFoundError, match="Beatstep"):
        find_device("Beatstep", tmp_path)


def test_a_path_is_opened_as_it_is(sockets: MidiSockets) -> None:
    descriptor = opener(sockets.path, os.O_RDONLY)()
    assert os.ttyname(descriptor) == sockets.path
    os.close(descriptor)
