"""The drivers run unchanged over a rack in another process."""

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from firmware.board import constants
from firmware.drivers.bus import BusError
from firmware.drivers.gpio import Edge
from firmware.midi.ports import AGAIN_NS, MidiOutput, opener
from firmware.simulator.remote import RemoteRack
from firmware.simulator.serving import served_rack
from tests.firmware.waiting import wait_until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("rack")
    with served_rack(folder):
        yield folder


@pytest.fixture
def rack(folder: Path) -> RemoteRack:
    return RemoteRack(folder)


def test_dacs_are_written_and_their_traces_read(rack: RemoteRack) -> None:
    rack.player().dacs[1].write((1000, 2000, 3000, 4000))
    volts = [sample.volts for sample in rack.traces[1]]
    wanted = [constants.CV_OUTPUT.volts(code) for code in (1000, 2000, 3000, 4000)]
    assert volts[-1] == pytest.approx(wanted, abs=1e-6)


def test_writes_bear_the_time_at_which_the_driver_made_them(rack: RemoteRack) -> None:
    dac = rack.player().dacs[0]
    dac.write((1, 1, 1, 1))
    first = rack.ask("player", "i2c.transactions")[-1].time_ns
    dac.write((2, 2, 2, 2))
    assert rack.ask("player", "i2c.transactions")[-1].time_ns > first


def test_a_chip_that_is_gone_is_an_error_in_the_driver(rack: RemoteRack) -> None:
    dac = rack.player().dacs[2]
    rack.ask("player", "i2c.absent", (dac.address,))
    with pytest.raises(BusError):
        dac.write((0, 0, 0, 0))
    rack.ask("player", "i2c.absent", ())
    dac.write((0, 0, 0, 0))


def test_edges_arrive_on_a_descriptor_with_their_times(rack: RemoteRack) -> None:
    rack.edge("clock", time_ns=1)
    inputs = rack.clock_lines()
    rack.edge("clock", time_ns=5)
    rack.edge("reset", rising=False, time_ns=7)
    assert select.select([inputs], [], [], 10)[0]
    edges = wait_until(lambda: found if len(found := inputs.read_edges()) else None)
    assert edges == [
        Edge(constants.PINS.clock_in, rising=True, time_ns=5),
        Edge(constants.PINS.reset_in, rising=False, time_ns=7),
    ]


def test_knobs_display_and_encoder_work(rack: RemoteRack) -> None:
    rack.set_volts({"knob_x": constants.KNOB.reference_volts / 2})
    assert rack.adc().read((constants.ADC_INPUTS.index("knob_x"),)) == [2048]
    picture = Image.linear_gradient("L").resize((128, 64)).convert("1")
    rack.oled().show(picture)
    assert rack.ask("panel", "oled.image").tobytes() == picture.tobytes()
    encoder = rack.encoder()
    rack.edge("encoder_a", time_ns=3)
    assert encoder.read_edges() == [Edge(constants.PINS.encoder_a, rising=True, time_ns=3)]


def test_midi_goes_both_ways_through_a_device(rack: RemoteRack) -> None:
    device = rack.open_midi(os.O_RDWR)
    try:
        os.write(device, bytes((0x90, 60, 1)))
        wait_until(lambda: rack.midi_received)
        assert b"".join(message.data for message in rack.midi_received) == bytes((0x90, 60, 1))
        rack.send_midi(bytes((0xF8, 0x0A, 0x0D)))
        assert select.select([device], [], [], 10)[0]
        assert os.read(device, 10) == bytes((0xF8, 0x0A, 0x0D))
    finally:
        os.close(device)


def test_a_rack_that_has_ended_leaves_no_way_to_another_s_terminal(tmp_path: Path) -> None:
    with served_rack(tmp_path) as rack:
        port = MidiOutput(opener("", os.O_WRONLY, board=rack.open_midi))
        assert port.reconnect(0)
    port.send(bytes((0x90, 60, 1)))
    assert port.missing
    # One of these has the number that was the rack's.
    terminals = [os.openpty() for _ in range(4)]
    assert not port.reconnect(AGAIN_NS)
    for far_end, near_end in terminals:
        assert not select.select([far_end], [], [], 0)[0]
        os.close(far_end)
        os.close(near_end)
