# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The switch between converter and Pi, and the I2C bus with the rack on and off."""

import numpy as np

from hardware import constants as c
from hardware.board import Board
from hardware.spice.deck import Figure, deck, lines
from hardware.spice.ngspice import simulate

PI_AMPS = 0.7
"""The Pi and all else on its 5 V, at their peak."""

_CONVERTER_OHMS = 0.05
_OFF_OHMS = 10.0
"""Output of a converter that runs, and of one that stands still; assumed."""

_PI_PULL_OHMS = 1.8e3
"""On the Raspberry Pi's own board."""

_DAC_SINK_OHMS = 133.0
"""MCP4728, DS22187E: 0.4 V at 3 mA, at most."""

_CABLE_FARADS, _PI_FARADS = 100e-12, 50e-12
"""Ribbon and three converters; header and traces. Assumed."""


def supply_decks(board: Board) -> dict[str, str]:
    """Write the decks of the switch: running, with a computer at the Pi, with the rack off."""
    circuit = lines(board, ("pi_supply",))
    save = ".save v(p5v) v(p5v_converter) i(Vconverter)"

    def make(title: str, ohms: float, volts: float, *fixture: str) -> str:
        converter = f"Vconverter source 0 {volts}\nRout source p5v_converter {ohms}"
        return deck(title, circuit, converter, *fixture, save)

    computer = ("Vusb p5v 0 5", ".dc Vusb 4.5 5.25 0.001")
    return {
        "switch_running": make(
            "Switch, rack on", _CONVERTER_OHMS, 5.0, f"Iload p5v 0 {PI_AMPS}", ".op"
        ),
        "switch_computer": make("Switch, rack and USB on", _CONVERTER_OHMS, 5.0, *computer),
        "switch_off": make("Switch, USB on, rack off", _OFF_OHMS, 0.0, *computer),
    }


def supply_figures(board: Board) -> list[Figure]:
    """Measure the switch; current into the converter counts as backwards."""
    waves = {name: simulate(text) for name, text in supply_decks(board).items()}
    running = waves["switch_running"]
    drop = float(running["v(p5v_converter)"][0] - running["v(p5v)"][0])
    backwards = {
        name: float(waves[name]["i(vconverter)"].max()) * 1e3
        for name in ("switch_computer", "switch_off")
    }
    stage = "5 V switch"
    return [
        Figure(stage, f"drop at {PI_AMPS} A", drop * 1e3, "mV", 0, 120),
        Figure(
            stage, "into the converter, rack on", backwards["switch_computer"], "mA", high=1
        ),
        Figure(stage, "into the converter, rack off", backwards["switch_off"], "mA", high=1),
    ]


def bus_decks(board: Board) -> dict[str, str]:
    """Write the decks of SDA: idle with the rack off, pulled from either side, released."""
    circuit = lines(board, ("bus",))
    pi = f"Vpi pi 0 3.3\nRpi pi sda_pi {_PI_PULL_OHMS}\nRscl pi scl_pi {_PI_PULL_OHMS}"
    on, off = "Vbus p3v3_bus 0 3.3", "Vbus p3v3_bus 0 0"
    five = "Vconverter p5v_converter 0 5"
    load = f"Ccable sda 0 {_CABLE_FARADS}\nCpi sda_pi 0 {_PI_FARADS}"
    save = ".save v(sda) v(sda_pi)"
    release = "Vpull pull 0 pulse(3.3 0 0.1u 5n 5n 1.15u 2.5u)\nSpull sda_pi 0 pull 0 sw"
    switch = ".model sw SW(Ron=1e9 Roff=25 Vt=1.65)"
    dark = "Rcard sda 0 100k"
    return {
        "bus_off": deck("SDA, rack off", circuit, pi, off, five, dark, ".op", save),
        "bus_pi": deck("SDA, Pi pulls", circuit, pi, on, five, "Rlow sda_pi 0 25", ".op", save),
        "bus_dac": deck(
            "SDA, DAC pulls", circuit, pi, on, five, f"Rlow sda 0 {_DAC_SINK_OHMS}", ".op", save
        ),
        "bus_rise": deck(
            "SDA, released", circuit, pi, on, five, load, release, switch, ".tran 1n 2.5u", save
        ),
    }


def bus_figures(board: Board) -> list[Figure]:
    """Measure the bus against the levels of an MCP4728 on 4.096 V and of the Pi on 3.3 V."""
    waves = {name: simulate(text) for name, text in bus_decks(board).items()}
    low_dac, high_dac = 0.3 * c.DAC_REFERENCE_VOLTS, 0.7 * c.DAC_REFERENCE_VOLTS
    rise = waves["bus_rise"]
    time, sda = rise["time"], rise["v(sda)"]
    after = time > 1.2e-6
    start, end = (
        time[after][np.flatnonzero(sda[after] > level)[0]] for level in (low_dac, high_dac)
    )
    stage = "I2C bus"
    dark = float(waves["bus_off"]["v(sda)"][0])
    pi, dac = float(waves["bus_pi"]["v(sda)"][0]), float(waves["bus_dac"]["v(sda_pi)"][0])
    high = float(sda[0])
    return [
        Figure(stage, "cards' side, rack off", dark, "V", -0.01, 0.1),
        Figure(stage, "cards' side, high", high, "V", high_dac + 0.1, 3.31),
        Figure(stage, "cards' side, Pi pulls low", pi, "V", high=low_dac / 2),
        Figure(stage, "Pi's side, DAC pulls low", dac, "V", high=0.8),
        Figure(stage, "rise, 30 to 70 %", float(end - start) * 1e9, "ns", high=300),
    ]
