"""The two boards: they pass their rules and fit each other and the firmware."""

from dataclasses import fields

import pytest

from firmware.board import constants as firmware_board
from hardware import constants as c
from hardware import controls, devices
from hardware.module import benches, boards
from hardware.panel.geometry import panel


@pytest.fixture(scope="module")
def main():
    return boards()[0]


@pytest.fixture(scope="module")
def voice():
    return boards()[1]


def _one(board, value):
    (part,) = [part for part in board.parts if part.value == value]
    return part


def _header(main):
    return _one(main, "Raspberry Pi").pins


def test_the_ribbon_fits_the_voice_card(main, voice):
    assert _one(voice, "voices").pins == _one(main, "voices").pins


def test_the_jumper_chooses_the_voice(voice):
    pins = _one(voice, "voice number").pins
    for number in range(1, c.MAX_VOICES + 1):
        assert pins[str(2 * number - 1)] == f"LDAC_{number}"
        assert pins[str(2 * number)] == "LDAC"


@pytest.mark.parametrize(
    ("line", "net"),
    [
        (firmware_board.PINS.clock_in, "CLOCK_IN"),
        (firmware_board.PINS.reset_in, "RESET_IN"),
        (firmware_board.PINS.clock_out, "CLOCK_OUT"),
        (firmware_board.PINS.encoder_a, "ENCODER_A"),
        (firmware_board.PINS.encoder_b, "ENCODER_B"),
        (firmware_board.PINS.encoder_switch, "ENCODER_SWITCH"),
        (firmware_board.PINS.button_voice_1, "BUTTON_VOICE_1"),
        (firmware_board.PINS.button_voice_2, "BUTTON_VOICE_2"),
        (firmware_board.PINS.button_voice_3, "BUTTON_VOICE_3"),
        (firmware_board.PINS.button_shift, "BUTTON_SHIFT"),
        (firmware_board.PINS.status_led, "STATUS_LED"),
        (firmware_board.PINS.oled_dc, "OLED_DC"),
        (firmware_board.PINS.oled_reset, "OLED_RESET"),
        (firmware_board.PINS.ldac[0], "LDAC_1"),
        (firmware_board.PINS.ldac[1], "LDAC_2"),
        (firmware_board.PINS.ldac[2], "LDAC_3"),
        (firmware_board.PINS.midi_tx, "MIDI_TX"),
        (firmware_board.PINS.midi_rx, "MIDI_RX"),
        (firmware_board.PINS.i2c_sda, "SDA_PI"),
        (firmware_board.PINS.i2c_scl, "SCL_PI"),
        (firmware_board.PINS.shutdown, "SHUTDOWN"),
    ],
)
def test_header_carries_the_firmware_s_lines(main, line, net):
    assert _header(main)[str(c.HEADER_PINS[line])] == net


def test_converter_inputs_are_in_the_firmware_s_order(main):
    pins = _one(main, "MCP3208").pins
    nets = [pins[str(channel + 1)] for channel in range(8)]
    assert nets == [f"ADC_{name.upper()}" for name in firmware_board.ADC_INPUTS]


def test_converter_outputs_are_in_the_firmware_s_order(voice):
    pins = _one(voice, "MCP4728").pins
    nets = [pins[str(6 + channel)] for channel in range(4)]
    assert nets == [f"DAC_{name.upper()}" for name in firmware_board.DAC_OUTPUTS]


def test_converter_s_supply_is_its_reference(voice):
    assert _one(voice, "MCP4728").pins["1"] == _one(voice, "REF5040").pins["6"]


def test_ldac_is_pulled_low(voice):
    pulls = [part for part in voice.block("dac") if part.item.prefix == "R"]
    assert [dict(part.pins) for part in pulls] == [{"1": "LDAC", "2": "GND"}]


def test_every_line_of_the_firmware_is_on_the_header(main):
    pins = firmware_board.PINS
    numbers = [getattr(pins, field.name) for field in fields(pins) if field.name != "ldac"]
    assert sorted((*numbers, *pins.ldac)) == sorted({*numbers, *pins.ldac})
    for number in (*numbers, *pins.ldac):
        assert _header(main)[str(c.HEADER_PINS[number])] is not None


@pytest.mark.parametrize(
    "name",
    [
        field.name
        for field in fields(firmware_board.PINS)
        if field.name.startswith("button_") or field.name == "status_led"
    ],
)
def test_buttons_and_status_led_run_from_the_firmware_to_the_panel(main, name):
    assert c.BCM_PINS[name] == getattr(firmware_board.PINS, name)
    assert name in {hole.name for hole in panel(1).holes}
    touched = {controls.BUTTON, devices.LED}
    assert len([part for part in main.block(name) if part.item in touched]) == 1


def test_a_computer_cannot_feed_the_converter_or_the_cards(main):
    # Behind the switch stand only the converter, its capacitors and the bus regulator.
    refs = {ref for ref, _ in main.nets["+5V_CONVERTER"]}
    values = {main.by_ref[ref].value for ref in refs}
    assert values == {
        "TSR 1-2450",
        "10u",
        "1u",
        "AO3401A",
        "BCM857BS",
        "MCP1700-3302",
        "test point",
    }
    for line in ("SDA", "SCL"):
        (switch,) = [p for p in main.parts if p.value == "BSS138" and p.pins["2"] == line]
        assert switch.pins["3"] == f"{line}_PI"
        assert switch.pins["1"] == "+3V3_BUS"


def test_both_rails_are_fused(main):
    fuses = {part.pins["1"]: part.value for part in main.parts if part.item.prefix == "F"}
    assert fuses == {"RACK+12": "MF-MSMF050", "RACK-12": "MF-MSMF014"}


def test_no_line_of_the_pi_sees_a_rail_above_its_own(main):
    lines = {net for pin, net in _header(main).items() if net and net.isupper()}
    five = main.nets["+5V"] + main.nets["+12V"] + main.nets["+5V_CONVERTER"]
    tied = {
        net
        for part in main.parts
        if part.item.prefix == "R" and {(part.ref, pin) for pin in part.pins} & set(five)
        for net in part.pins.values()
    }
    assert not (lines - {"+5V", "GND"}) & tied


def test_stages_are_all_alike(voice):
    stages = [[part.value for part in voice.block(f"output_{name}")] for name in c.DAC_OUTPUTS]
    assert stages.count(stages[0]) == len(stages)


@pytest.mark.parametrize("index", [0, 1])
def test_netlist_names_every_part(index):
    text = benches()[index].netlist()
    for part in boards()[index].parts:
        assert f'(ref "{part.ref}")' in text
