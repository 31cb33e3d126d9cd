# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The main board: power, Raspberry Pi, inputs, clock, MIDI, display; links to the voices."""

from hardware import constants as c
from hardware import controls, devices, parts
from hardware.board import Bench

CV_INPUTS = tuple(name for name in c.ADC_INPUTS if name.startswith("cv_"))
KNOBS = tuple(name for name in c.ADC_INPUTS if name.startswith("knob_"))

_RACK_PINS = {
    **dict.fromkeys(("1", "2"), "RACK-12"),
    **dict.fromkeys(("3", "4", "5", "6", "7", "8"), "GND"),
    **dict.fromkeys(("9", "10"), "RACK+12"),
}
"""Eurorack bus, counted from the red stripe."""

_LINK_NETS = ("+12V", "GND", "-12V", "GND", "SDA", "GND", "SCL", "GND")
LINK_PINS = {str(pin): net for pin, net in enumerate(_LINK_NETS, start=1)}
LINK_PINS |= {str(7 + 2 * voice): f"LDAC_{voice}" for voice in range(1, c.MAX_VOICES + 1)}
LINK_PINS |= {str(8 + 2 * voice): "GND" for voice in range(1, c.MAX_VOICES + 1)}
"""The ribbon to the voice cards; a card's jumper chooses the LDAC of its voice."""

TEST_POINTS = (
    *("GND", "+12V", "-12V", "+5V_CONVERTER", "+5V", "+3V3_BUS", "+3V3A", "BIAS"),
    *(f"ADC_{name.upper()}" for name in CV_INPUTS),
    *("CLOCK_IN", "RESET_IN"),
)
"""Every voltage that the build guide measures on this board."""

AMPLIFIER_UNITS = (("1", "2", "3"), ("7", "6", "5"), ("8", "9", "10"), ("14", "13", "12"))
"""Output, inverting and non-inverting pin of each amplifier in a quad package."""


def main_board() -> Bench:
    """Wire the main board."""
    bench = Bench("main")
    bench.power("GND", "+12V", "-12V", "CONVERTER", "+5V", "+3V3")
    _power(bench)
    _pi_supply(bench)
    _reference(bench)
    _bus(bench)
    _pi(bench)
    _converter(bench)
    for name in KNOBS:
        _knob(bench, name)
    for name in CV_INPUTS:
        _cv_input(bench, name)
    _bias(bench)
    for name in ("clock_in", "reset_in"):
        _clock_input(bench, name)
    _amplifiers(bench)
    _drivers(bench)
    _clock_out(bench)
    _midi(bench)
    _display(bench)
    _encoder(bench)
    _buttons(bench)
    _status(bench)
    for net in TEST_POINTS:
        bench.place("test", parts.TEST_POINT, p1=net)
    return bench


def quad_pins(units: tuple[tuple[str, str, str], ...], plus: str, minus: str) -> dict[str, str]:
    """Name the pins of a quad amplifier from (output, inverting, non-inverting) nets."""
    pins = {"4": plus, "11": minus}
    for numbers, nets in zip(AMPLIFIER_UNITS, units, strict=True):
        pins |= dict(zip(numbers, nets, strict=True))
    return pins


def decouple(
    bench: Bench, block: str, rail: str, *, farads: float = c.DECOUPLING_FARADS
) -> None:
    """Put a capacitor from a rail to ground."""
    bench.place(block, parts.capacitor(farads), p1=rail, p2="GND")


def light(bench: Bench, block: str, net: str, ohms: float) -> None:
    """Put an LED with its resistor from a driven net to ground."""
    bench.place(block, parts.resistor(ohms), p1=net, p2=f"{net}_LED")
    bench.place(block, devices.LED, p1="GND", p2=f"{net}_LED")


def _power(bench: Bench) -> None:
    bench.place_pins("power", controls.RACK_POWER, _RACK_PINS)
    bench.place("power", parts.PLUS_FUSE, p1="RACK+12", p2="FUSED+12")
    bench.place("power", devices.SCHOTTKY, p1="+12V", p2="FUSED+12")
    bench.place("power", parts.MINUS_FUSE, p1="RACK-12", p2="FUSED-12")
    bench.place("power", devices.SCHOTTKY, p1="FUSED-12", p2="-12V")
    bulk = parts.electrolytic(c.POWER.bulk_farads)
    bench.place("power", bulk, p1="+12V", p2="GND")
    bench.place("power", bulk, p1="GND", p2="-12V")
    bench.place("power", parts.CHOKE, p1="+12V", p2="CONVERTER")
    bench.place("power", bulk, p1="CONVERTER", p2="GND")
    bench.place("power", devices.CONVERTER_5V, p1="CONVERTER", p2="GND", p3="+5V_CONVERTER")
    decouple(bench, "power", "+5V_CONVERTER", farads=c.BULK_FARADS)


def _pi_supply(bench: Bench) -> None:
    """Wire a switch that closes while the converter's 5 V is above the Pi's.

    Its two transistors compare the two sides; a computer on the Pi's USB socket cannot feed
    the converter through it.
    """
    gate, base = "SWITCH_GATE", "SWITCH_BASE"
    bench.place("pi_supply", devices.SWITCH, p1=gate, p2="+5V", p3="+5V_CONVERTER")
    pair = {"1": "+5V_CONVERTER", "2": base, "6": base, "4": "+5V", "5": base, "3": gate}
    bench.place_pins("pi_supply", devices.COMPARATOR_PAIR, pair)
    bench.place("pi_supply", parts.resistor(c.POWER.base_ohms), p1=base, p2="GND")
    bench.place("pi_supply", parts.resistor(c.POWER.gate_ohms), p1=gate, p2="GND")
    bench.place("pi_supply", parts.electrolytic(c.POWER.pi_farads), p1="+5V", p2="GND")


def _reference(bench: Bench) -> None:
    bench.place("reference", devices.REFERENCE_3V3, p1="+5V", p2="+3V3A", p3="GND")
    decouple(bench, "reference", "+5V")
    decouple(bench, "reference", "+3V3A", farads=c.BULK_FARADS)


def _bus(bench: Bench) -> None:
    """Wire the I2C bus through switches that are open while the voice cards have no power."""
    regulator = devices.REGULATOR_3V3
    bench.place("bus", regulator, p1="GND", p2="+3V3_BUS", p3="+5V_CONVERTER")
    decouple(bench, "bus", "+5V_CONVERTER", farads=c.NOISE_FARADS)
    decouple(bench, "bus", "+3V3_BUS", farads=c.NOISE_FARADS)
    for line in ("SDA", "SCL"):
        bench.place("bus", devices.BUS_SWITCH, p1="+3V3_BUS", p2=line, p3=f"{line}_PI")
        bench.place("bus", parts.resistor(c.BUS.pull_up_ohms), p1="+3V3_BUS", p2=line)


def _pi(bench: Bench) -> None:
    pins: dict[str, str | None] = {str(pin): None for pin in range(1, 41)}
    pins |= dict.fromkeys(("1", "17"), "+3V3")
    pins |= dict.fromkeys(("2", "4"), "+5V")
    pins |= dict.fromkeys(("6", "9", "14", "20", "25", "30", "34", "39"), "GND")
    named = {name: name.upper() for name in c.BCM_PINS}
    nets = {**named, "i2c_sda": "SDA_PI", "i2c_scl": "SCL_PI"}
    pins |= {str(c.HEADER_PINS[line]): nets[name] for name, line in c.BCM_PINS.items()}
    bench.place_pins("pi", controls.PI, pins)
    bench.place_pins("links", controls.VOICE_LINK, LINK_PINS)
    bench.place("pi", controls.SHUTDOWN_PINS, p1="SHUTDOWN", p2="GND")


def _converter(bench: Bench) -> None:
    pins = {
        str(channel + 1): f"ADC_{name.upper()}" for channel, name in enumerate(c.ADC_INPUTS)
    }
    pins |= {"9": "GND", "14": "GND", "15": "+3V3A", "16": "+3V3A"}
    pins |= {"10": "SPI_ADC_SELECT", "11": "SPI_MOSI", "12": "SPI_MISO", "13": "SPI_CLOCK"}
    bench.place_pins("adc", devices.ADC, pins)
    decouple(bench, "adc", "+3V3A")
    decouple(bench, "adc", "+3V3A", farads=c.NOISE_FARADS)


def _knob(bench: Bench, name: str) -> None:
    pin = f"ADC_{name.upper()}"
    bench.place(name, controls.POT, p1="GND", p2=pin, p3="+3V3A")
    decouple(bench, name, pin, farads=c.POT_FARADS)


def _cv_input(bench: Bench, name: str) -> None:
    jack, node, out = (f"{name.upper()}_{place}" for place in ("JACK", "SUM", "OUT"))
    pin = f"ADC_{name.upper()}"
    bench.place(name, controls.JACK, pS="GND", pT=jack, pTN="GND")
    bench.place(name, parts.precise_resistor(c.INPUT.input_ohms), p1=jack, p2=node)
    bench.place(name, parts.precise_resistor(c.INPUT.feedback_ohms), p1=node, p2=out)
    bench.place(name, parts.capacitor(c.INPUT.feedback_farads), p1=node, p2=out)
    bench.place(name, parts.resistor(c.INPUT.series_ohms), p1=out, p2=pin)
    bench.place(name, parts.capacitor(c.INPUT.pin_farads), p1=pin, p2="GND")


def _bias(bench: Bench) -> None:
    bench.place("bias", parts.precise_resistor(c.BIAS.top_ohms), p1="+3V3A", p2="BIAS_DIVIDER")
    bench.place("bias", parts.precise_resistor(c.BIAS.bottom_ohms), p1="BIAS_DIVIDER", p2="GND")
    bench.place("bias", parts.capacitor(c.DECOUPLING_FARADS), p1="BIAS_DIVIDER", p2="GND")


def _clock_input(bench: Bench, name: str) -> None:
    line = name.upper()
    jack, node, threshold, out = (f"{line}_{at}" for at in ("JACK", "NODE", "LEVEL", "OUT"))
    bench.place(name, controls.JACK, pS="GND", pT=jack, pTN="GND")
    bench.place(name, parts.resistor(c.CLOCK.input_ohms), p1=jack, p2=node)
    bench.place(name, parts.resistor(c.CLOCK.bias_ohms), p1=node, p2="BIAS")
    bench.place(name, parts.capacitor(c.CLOCK.filter_farads), p1=node, p2="GND")
    bench.place(name, parts.resistor(c.CLOCK.threshold_ohms), p1="BIAS", p2=threshold)
    bench.place(name, parts.resistor(c.CLOCK.hysteresis_ohms), p1=threshold, p2=out)
    bench.place(name, parts.resistor(c.CLOCK.line_ohms), p1=out, p2=line)


def _amplifiers(bench: Bench) -> None:
    units = [(f"{name}_OUT", f"{name}_SUM", "BIAS") for name in map(str.upper, CV_INPUTS)]
    units += [("BIAS", "BIAS", "BIAS_DIVIDER")]
    units += [(f"{n}_OUT", f"{n}_NODE", f"{n}_LEVEL") for n in ("CLOCK_IN", "RESET_IN")]
    for first in (0, 4):
        pins = quad_pins(tuple(units[first : first + 4]), "+3V3A", "GND")
        bench.place_pins("amplifiers", devices.INPUT_AMPLIFIER, pins)
        decouple(bench, "amplifiers", "+3V3A")


def _drivers(bench: Bench) -> None:
    pins = {"14": "+5V", "7": "GND", "1": "GND", "2": "MIDI_TX", "3": "MIDI_DATA"}
    pins |= {"4": "GND", "5": "CLOCK_OUT", "6": "CLOCK_DRIVE"}
    pins |= {"10": "+5V", "9": "GND", "13": "+5V", "12": "GND"}
    bench.place_pins("drivers", devices.BUFFER, {**pins, "8": None, "11": None})
    decouple(bench, "drivers", "+5V")


def _clock_out(bench: Bench) -> None:
    # Held low until the firmware takes the line.
    bench.place("clock_out", parts.resistor(c.PULL_OHMS), p1="CLOCK_OUT", p2="GND")
    series = parts.resistor(c.CLOCK_OUT_OHMS)
    bench.place("clock_out", series, p1="CLOCK_DRIVE", p2="CLOCK_OUT_JACK")
    bench.place("clock_out", controls.JACK, pS="GND", pT="CLOCK_OUT_JACK", pTN=None)
    light(bench, "clock_out", "CLOCK_DRIVE", c.LIGHT.stage_ohms)


def _midi(bench: Bench) -> None:
    # Idle high until the firmware takes the line, or a listener would see a break.
    bench.place("midi_out", parts.resistor(c.PULL_OHMS), p1="+3V3", p2="MIDI_TX")
    out, in_ = parts.resistor(c.MIDI.out_ohms), parts.resistor(c.MIDI.in_ohms)
    bench.place("midi_out", out, p1="+5V", p2="MIDI_OUT_RING")
    bench.place("midi_out", out, p1="MIDI_DATA", p2="MIDI_OUT_TIP")
    bench.place("midi_out", controls.MIDI_JACK, pS="GND", pT="MIDI_OUT_TIP", pR="MIDI_OUT_RING")
    # The shield of an input stays open, as MIDI wants no ground between instruments.
    bench.place("midi_in", controls.MIDI_JACK, pS=None, pT="MIDI_IN_TIP", pR="MIDI_IN_RING")
    bench.place("midi_in", in_, p1="MIDI_IN_RING", p2="MIDI_IN_ANODE")
    bench.place("midi_in", devices.SIGNAL_DIODE, p1="MIDI_IN_ANODE", p2="MIDI_IN_TIP")
    wiring = {"1": "MIDI_IN_ANODE", "2": "MIDI_IN_TIP", "3": None}
    wiring |= {"4": "MIDI_RX", "5": "GND", "6": "+3V3"}
    bench.place_pins("midi_in", devices.OPTOCOUPLER, wiring)
    bench.place("midi_in", parts.resistor(c.MIDI.pull_up_ohms), p1="+3V3", p2="MIDI_RX")
    decouple(bench, "midi_in", "+3V3")


def _display(bench: Bench) -> None:
    nets = ("GND", "+3V3", "SPI_CLOCK", "SPI_MOSI", "OLED_RESET", "OLED_DC", "SPI_OLED_SELECT")
    bench.place_pins(
        "oled", controls.OLED, {str(n): net for n, net in enumerate(nets, start=1)}
    )
    decouple(bench, "oled", "+3V3", farads=c.BULK_FARADS)


def _encoder(bench: Bench) -> None:
    pins = {"A": "ENCODER_A", "B": "ENCODER_B", "C": "GND", "S1": "ENCODER_SWITCH", "S2": "GND"}
    bench.place_pins("encoder", controls.ENCODER, pins)
    for line in ("ENCODER_A", "ENCODER_B", "ENCODER_SWITCH"):
        bench.place("encoder", parts.resistor(c.PULL_OHMS), p1="+3V3", p2=line)
        bench.place("encoder", parts.capacitor(c.DEBOUNCE_FARADS), p1=line, p2="GND")


def _buttons(bench: Bench) -> None:
    for name in c.BUTTONS:
        line = name.upper()
        bench.place(name, controls.BUTTON, p1=line, p2="GND")
        bench.place(name, parts.resistor(c.PULL_OHMS), p1="+3V3", p2=line)
        bench.place(name, parts.capacitor(c.DEBOUNCE_FARADS), p1=line, p2="GND")


def _status(bench: Bench) -> None:
    light(bench, "status_led", "STATUS_LED", c.LIGHT.pi_ohms)
