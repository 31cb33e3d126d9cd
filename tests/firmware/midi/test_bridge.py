"""Real MIDI between processes, through a JACK server."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import mido
import pytest

from firmware.desk.live import has_midi
from firmware.engine.pattern import STEPS
from firmware.engine.voice import seven_bits
from firmware.ipc.control_protocol import StatusRequest, ask
from firmware.midi.bridge import LOOK_S, BridgeConfig, needs_bridge
from firmware.midi.parser import MidiReader
from firmware.storage.settings import MidiSettings
from tests.firmware.jack import jack_server, port_named
from tests.firmware.started import start_process
from tests.firmware.state_panel import SCORE
from tests.firmware.supervised import supervised
from tests.firmware.waiting import wait_until

AT_ONCE = 50
"""Notes on their way at a time: a real wire carries fewer."""


@pytest.fixture(scope="module")
def jack() -> Iterator[mido.Backend]:
    with jack_server() as backend:
        yield backend


class Desk:
    """A bridge in its process, and the player's end of its socket."""

    def __init__(self, input_name: str, output_name: str) -> None:
        self.socket, bridge_end = socket.socketpair()
        self.socket.settimeout(20)
        lifeline, self._held = os.pipe()
        launch = BridgeConfig(bridge_end.fileno(), lifeline, input_name, output_name)
        shared = (bridge_end.fileno(), lifeline)
        self._process = start_process("firmware.midi.bridge", launch, shared)
        os.close(lifeline)
        bridge_end.close()

    def close(self) -> None:
        os.close(self._held)
        assert self._process.wait(20) == 0


def notes(count: int) -> list[mido.Message]:
    return [
        mido.Message("note_on", channel=n % 3, note=n % 128, velocity=1 + n // 128 % 127)
        for n in range(count)
    ]


def next_message(port: mido.ports.BaseInput) -> mido.Message:
    return wait_until(port.poll)


@pytest.mark.soak
def test_notes_arrive_whole_and_in_order_both_ways(
    jack: mido.Backend, soak: Callable[[int, int], int]
) -> None:
    desk = Desk("virtual:to-module", "virtual:from-module")
    wait_until(lambda: port_named(jack.get_output_names(), "to-module"))
    wait_until(lambda: port_named(jack.get_input_names(), "from-module"))
    to_module = jack.open_output(port_named(jack.get_output_names(), "to-module"))
    from_module = jack.open_input(port_named(jack.get_input_names(), "from-module"))
    reader = MidiReader()
    sent = notes(soak(1_000, 10_000))
    received, echoed = [], []
    for start in range(0, len(sent), AT_ONCE):
        batch = sent[start : start + AT_ONCE]
        for message in batch:
            to_module.send(message)
        while len(received) < start + len(batch):
            received += map(mido.Message.from_bytes, reader.feed(desk.socket.recv(4096)))
        desk.socket.sendall(b"".join(bytes(message.bytes()) for message in batch))
        echoed += [next_message(from_module) for _ in batch]
    assert received == sent
    assert echoed == sent
    to_module.close()
    from_module.close()
    desk.close()


def test_a_desk_with_jack_alone_offers_ports(
    jack: mido.Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert has_midi()
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "none-of-this-name")
    assert has_midi() is Path("/dev/snd/seq").exists()


def test_a_port_that_goes_and_comes_back_is_found_again(jack: mido.Backend) -> None:
    desk = Desk("", "synth")
    for _ in range(2):
        synth = jack.open_input("synth", virtual=True)

        def note_received(synth: mido.ports.BaseInput = synth) -> mido.Message | None:
            desk.socket.sendall(bytes((0x90, 60, 100)))
            return synth.poll()

        assert wait_until(note_received).note == 60
        desk.socket.sendall(bytes((0x80, 60, 0)))
        wait_until(lambda synth=synth: any(m.type == "note_off" for m in synth.iter_pending()))
        synth.close()
        # As long as the quickest hand takes to plug it in again.
        gone_s = time.monotonic()
        wait_until(lambda gone_s=gone_s: time.monotonic() > gone_s + 2 * LOOK_S)
    desk.close()


def test_the_module_follows_midi_clock_through_jack(jack: mido.Backend, tmp_path: Path) -> None:
    settings = '[midi]\ninput = "virtual:clock-in"\noutput = "virtual:notes-out"\n'
    with supervised(tmp_path, {"EXNIHILO_TEST_CLOCK": "MIDI"}, settings) as module:
        wait_until(lambda: port_named(jack.get_output_names(), "clock-in"), 60)
        clock = jack.open_output(port_named(jack.get_output_names(), "clock-in"))
        received = jack.open_input(port_named(jack.get_input_names(), "notes-out"))
        wait_until(lambda: ask(module.home.control, StatusRequest(), 20).status, 60)
        clock.send(mido.Message("start"))
        steps: list[int] = []
        while len(steps) < STEPS:
            clock.send(mido.Message("clock"))
            next_s = time.monotonic() + 60 / 120 / 24
            wait_until(lambda next_s=next_s: time.monotonic() >= next_s)
            steps += [m.velocity for m in received.iter_pending() if is_note(m)]
        # A machine that stood still may let several arrive at once.
        assert steps[:STEPS] == [
            seven_bits(level) for level in SCORE.voices[0].pattern.velocity
        ]
        clock.send(mido.Message("stop"))
        # A port that is closed while it receives can wait for ever: await the last word.
        wait_until(lambda: any(message.type == "stop" for message in received.iter_pending()))
        clock.close()
        received.close()


def is_note(message: mido.Message) -> bool:
    return message.type == "note_on" and message.channel == 0


@pytest.mark.parametrize(
    ("names", "needed"),
    [(("", ""), False), (("KeyStep", ""), True), (("", "/dev/snd/midiC1D0"), False)],
)
def test_only_named_ports_need_a_bridge(names: tuple[str, str], needed: bool) -> None:
    assert needs_bridge(MidiSettings(*names)) is needed
