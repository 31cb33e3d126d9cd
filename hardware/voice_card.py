# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The voice card: one MCP4728 on its own reference and four equal output stages."""

from hardware import constants as c
from hardware import controls, devices, parts
from hardware.board import Bench
from hardware.main_board import LINK_PINS, decouple, light, quad_pins

TEST_POINTS = ("GND", "+12V", "-12V", "+4V096")
"""Every voltage that the build guide measures on a card, beside its jacks."""


def voice_card() -> Bench:
    """Wire a voice card."""
    bench = Bench("voice")
    bench.power("GND", "+12V", "-12V")
    bench.place_pins("link", controls.VOICE_LINK, LINK_PINS)
    jumper: dict[str, str | None] = {}
    for voice in range(1, c.MAX_VOICES + 1):
        jumper |= {str(2 * voice - 1): f"LDAC_{voice}", str(2 * voice): "LDAC"}
    bench.place_pins("link", controls.VOICE_NUMBER, jumper)
    for rail in ("+12V", "-12V"):
        bench.place("link", parts.rail_capacitor(), p1=rail, p2="GND")
    _reference(bench)
    _converter(bench)
    for name in c.DAC_OUTPUTS:
        _output(bench, name)
    _amplifier(bench)
    light(bench, "gate_led", "GATE_DRIVE", c.LIGHT.stage_ohms)
    for net in TEST_POINTS:
        bench.place("test", parts.TEST_POINT, p1=net)
    return bench


def _reference(bench: Bench) -> None:
    wiring = {"2": "+12V", "4": "GND", "6": "+4V096", "5": "NOISE"}
    pins = {**dict.fromkeys(("1", "3", "7", "8")), **wiring}
    bench.place_pins("reference", devices.REFERENCE_4V096, pins)
    decouple(bench, "reference", "+12V")
    bench.place("reference", parts.capacitor(c.NOISE_FARADS), p1="NOISE", p2="GND")
    decouple(bench, "reference", "+4V096", farads=c.BULK_FARADS)


def _converter(bench: Bench) -> None:
    wiring = {"1": "+4V096", "2": "SCL", "3": "SDA", "4": "LDAC", "10": "GND"}
    wiring |= {str(6 + n): f"DAC_{name.upper()}" for n, name in enumerate(c.DAC_OUTPUTS)}
    bench.place_pins("dac", devices.DAC, {**wiring, "5": None})
    decouple(bench, "dac", "+4V096")
    # A fast write moves the outputs only while LDAC is low.
    bench.place("dac", parts.resistor(c.PULL_OHMS), p1="LDAC", p2="GND")


def _output(bench: Bench, name: str) -> None:
    block, line = f"output_{name}", name.upper()
    plus, minus, out, jack = (f"{line}_{at}" for at in ("PLUS", "MINUS", "DRIVE", "JACK"))
    bench.place(block, parts.resistor(c.OUTPUT.filter_ohms), p1=f"DAC_{line}", p2=plus)
    bench.place(block, parts.capacitor(c.OUTPUT.filter_farads), p1=plus, p2="GND")
    bench.place(block, parts.precise_resistor(c.OUTPUT.bias_ohms), p1="+4V096", p2=minus)
    bench.place(block, parts.precise_resistor(c.OUTPUT.ground_ohms), p1=minus, p2="GND")
    bench.place(block, parts.precise_resistor(c.OUTPUT.feedback_ohms), p1=minus, p2=jack)
    bench.place(block, parts.capacitor(c.OUTPUT.loop_farads), p1=minus, p2=out)
    bench.place(block, parts.strong_resistor(c.OUTPUT.series_ohms), p1=out, p2=jack)
    bench.place(block, controls.JACK, pS="GND", pT=jack, pTN=None)


def _amplifier(bench: Bench) -> None:
    names = tuple(map(str.upper, c.DAC_OUTPUTS))
    units = tuple((f"{name}_DRIVE", f"{name}_MINUS", f"{name}_PLUS") for name in names)
    bench.place_pins("amplifier", devices.OUTPUT_AMPLIFIER, quad_pins(units, "+12V", "-12V"))
    for rail in ("+12V", "-12V"):
        decouple(bench, "amplifier", rail)
