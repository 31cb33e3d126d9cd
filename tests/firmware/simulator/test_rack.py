"""The whole simulated module under its real drivers."""

import pytest
from PIL import Image

from firmware.board import constants
from firmware.board.constants import CV_OUTPUT
from firmware.drivers.bus import BusError
from firmware.drivers.gpio import Edge
from firmware.simulator.clock import VirtualTime
from firmware.simulator.mcp4728 import FACTORY
from firmware.simulator.parts import IDEAL, PartErrors
from firmware.simulator.rack import Rack
from tests.firmware.panels import no_midi


def test_it_wakes_at_0_volts_and_stays_there_while_it_is_opened():
    rack = Rack(VirtualTime())
    for dac in rack.player().dacs:
        dac.read()
    rack.backend(no_midi).oled()
    for trace in rack.traces:
        assert [sample.volts for sample in trace] == [pytest.approx((0.0,) * 4, abs=0.0011)]


def test_each_voice_has_its_dac():
    clock = VirtualTime(1000)
    rack = Rack(clock)
    player = rack.player()
    for voice, dac in enumerate(player.dacs):
        dac.write((CV_OUTPUT.code(voice + 1.0), CV_OUTPUT.zero_code, 0, 0))
    pitches = [trace[-1].volts[0] for trace in rack.traces]
    assert pitches == pytest.approx([1.0, 2.0, 3.0], abs=0.0011)


def test_the_panel_sees_knobs_shows_frames_and_feels_the_encoder():
    rack = Rack(VirtualTime(9))
    devices = rack.backend(no_midi)
    rack.adc.volts["knob_y"] = 3.0
    rack.encoder.edge(constants.PINS.encoder_switch, rising=True)
    image = Image.new("1", (128, 64), 1)
    devices.oled().show(image)
    assert devices.adc().read((1,)) == [constants.KNOB.code(3.0)]
    assert devices.encoder_lines().read_edges() == [
        Edge(constants.PINS.encoder_switch, True, 9)
    ]
    assert rack.oled.image().tobytes() == image.tobytes()


def test_clock_goes_in_and_out():
    clock = VirtualTime(9)
    rack = Rack(clock)
    player = rack.player()
    rack.clock_jacks.edge(constants.PINS.reset_in, rising=False)
    assert player.outputs.lines
    player.outputs.lines.set(constants.PINS.clock_out, high=True)
    assert player.clock_inputs.lines
    assert player.clock_inputs.lines.read_edges() == [Edge(constants.PINS.reset_in, False, 9)]
    assert list(rack.outputs.changes) == [(9, constants.PINS.clock_out, True)]


def test_a_missing_dac_leaves_the_others_playing_and_heals():
    rack = Rack(VirtualTime())
    rack.i2c.absent.add(constants.DAC_ADDRESSES[0])
    first, second, _ = rack.player().dacs
    with pytest.raises(BusError, match="DAC at 0x60"):
        first.write((0, 0, 0, 0))
    second.write((0, 0, 0, 0))
    rack.i2c.absent.clear()
    first.write((0, 0, 0, 0))
    assert rack.dacs[0].volts == rack.dacs[1].volts == (CV_OUTPUT.lowest_volts,) * 4


def test_fresh_chips_and_real_parts_can_be_asked_for():
    off = PartErrors(stage_bias_error=(0.01,) * 4)
    rack = Rack(VirtualTime(), eeprom=FACTORY, errors=(IDEAL, off, IDEAL))
    one, two, three = (trace[0].volts for trace in rack.traces)
    assert one == three != two
    assert one[3] > 0.5


def test_history_is_bounded_for_long_play():
    rack = Rack(VirtualTime(), history=10)
    dac = rack.player().dacs[0]
    for code in range(100):
        dac.write((code, 0, 0, 0))
    assert len(rack.traces[0]) == len(rack.i2c.transactions) == 10
