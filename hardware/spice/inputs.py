# SPDX-License-Identifier: CERN-OHL-P-2.0
"""CV and clock inputs: transfer, survival, bandwidth, thresholds."""

import numpy as np
import numpy.typing as npt

from hardware import constants as c
from hardware.board import Board
from hardware.spice.deck import Figure, deck, lines
from hardware.spice.ngspice import simulate

_BLOCKS = ("bias", "cv_x")
_POWERED = f"Vrail p3v3a 0 {c.ANALOG_VOLTS}"
_UNPOWERED = "Vrail p3v3a 0 0"
_SAVE = ".save v(jack) v(adc_cv_x) v(cv_x_sum) i(Vjack)"
_JACK = "Rjack jack cv_x_jack 1m"


def cv_input_decks(board: Board) -> dict[str, str]:
    """Write the decks of a CV input."""
    circuit = lines(board, _BLOCKS)
    sweep = ("Vjack jack 0 0", _JACK, ".dc Vjack -12 12 0.05", _SAVE)
    ac = ("Vjack jack 0 dc 0 ac 1", _JACK, ".ac dec 50 1 100k", ".save v(adc_cv_x)")
    return {
        "cv_input_transfer": deck("CV input, powered", circuit, _POWERED, *sweep),
        "cv_input_unpowered": deck(
            "CV input, rack on, module off", circuit, _UNPOWERED, *sweep
        ),
        "cv_input_bandwidth": deck("CV input, bandwidth", circuit, _POWERED, *ac),
    }


def cv_input_figures(board: Board) -> list[Figure]:
    """Measure a CV input."""
    waves = {name: simulate(text) for name, text in cv_input_decks(board).items()}
    powered = waves["cv_input_transfer"]
    jack, pin = powered["v(jack)"], powered["v(adc_cv_x)"]
    linear = np.abs(jack) <= 10.0
    gain, offset = np.polyfit(jack[linear], pin[linear], 1)
    residual = np.abs(pin[linear] - (gain * jack[linear] + offset)).max()
    off = waves["cv_input_unpowered"]
    response = waves["cv_input_bandwidth"]
    level = 20 * np.log10(np.abs(response["v(adc_cv_x)"] / c.INPUT.gain()))
    hertz = response["frequency"].real
    stage = "CV input"
    summing = powered["v(cv_x_sum)"]
    return [
        Figure(stage, "gain", gain, "V/V", -0.1501, -0.1499),
        Figure(stage, "pin at 0 V", offset, "V", 1.645, 1.655),
        Figure(stage, "worst residual over +-10 V", residual * 1e3, "mV", high=0.4),
        Figure(stage, "pin, lowest up to +-12 V", pin.min(), "V", 0.0, None),
        Figure(stage, "pin, highest up to +-12 V", pin.max(), "V", None, 3.3),
        Figure(stage, "summing node, lowest", summing.min(), "V", -0.3),
        Figure(stage, "summing node, highest", summing.max(), "V", None, 3.6),
        Figure(stage, "current at +-12 V", _peak(powered["i(vjack)"]) * 1e6, "uA", high=200),
        Figure(stage, "current at +-12 V, off", _peak(off["i(vjack)"]) * 1e6, "uA", high=200),
        Figure(stage, "ADC pin at +-12 V, off", _peak(off["v(adc_cv_x)"]), "V", high=0.3),
        Figure(stage, "-3 dB", float(np.interp(3, -level, hertz)), "Hz", 900, 1300),
        Figure(stage, "level at 20 kHz", float(np.interp(20e3, hertz, level)), "dB", high=-20),
    ]


def clock_input_decks(board: Board) -> dict[str, str]:
    """Write the decks of a clock input: a slow sweep of +-12 V, and a 5 V pulse."""
    circuit = lines(board, ("bias", "clock_in"))
    save = ".save v(jack) v(clock_in) v(clock_in_node) i(Vjack)"
    pin = "Cpin clock_in 0 10p"
    jack = "Rjack jack clock_in_jack 1m"
    slow = "Vjack jack 0 pwl(0 -12 1 12 2 -12)"
    edge = "Vjack jack 0 pulse(0 5 100u 100n 100n 1m 10m)"
    return {
        "clock_input_thresholds": deck(
            "Clock input, slow sweep", circuit, _POWERED, slow, jack, pin, ".tran 50u 2", save
        ),
        "clock_input_unpowered": deck(
            "Clock input, module off", circuit, _UNPOWERED, slow, jack, pin, ".tran 1m 2", save
        ),
        "clock_input_delay": deck(
            "Clock input, 5 V pulse", circuit, _POWERED, edge, jack, pin, ".tran 0.2u 2m", save
        ),
    }


def clock_input_figures(board: Board) -> list[Figure]:
    """Measure a clock input."""
    waves = {name: simulate(text) for name, text in clock_input_decks(board).items()}
    slow = waves["clock_input_thresholds"]
    jack, pin = slow["v(jack)"], slow["v(clock_in)"]
    low = pin < c.ANALOG_VOLTS / 2
    first, last = np.flatnonzero(low)[[0, -1]]
    rising, falling = float(jack[first]), float(jack[last])
    edge = waves["clock_input_delay"]
    down = edge["time"][np.flatnonzero(edge["v(clock_in)"] < c.ANALOG_VOLTS / 2)[0]]
    node = slow["v(clock_in_node)"]
    off = waves["clock_input_unpowered"]
    once = np.count_nonzero(np.diff(low.astype(int)))
    stage = "clock input"
    return [
        Figure(stage, "threshold, rising", rising, "V", 1.0, 2.0),
        Figure(stage, "threshold, falling", falling, "V", 1.0, 2.0),
        Figure(stage, "hysteresis", rising - falling, "V", 0.4, 0.9),
        Figure(stage, "edges of one slow sweep", once, "", 2, 2),
        Figure(stage, "amplifier input, lowest", node.min(), "V", -0.3),
        Figure(stage, "amplifier input, highest", node.max(), "V", None, 3.6),
        Figure(stage, "pin, lowest up to +-12 V", pin.min(), "V", -0.01),
        Figure(stage, "pin, highest up to +-12 V", pin.max(), "V", None, 3.31),
        Figure(stage, "delay of a 5 V edge", (down - 100e-6) * 1e6, "us", high=20),
        Figure(stage, "current at +-12 V", _peak(slow["i(vjack)"]) * 1e6, "uA", high=200),
        Figure(stage, "current at +-12 V, off", _peak(off["i(vjack)"]) * 1e6, "uA", high=200),
        Figure(stage, "pin at +-12 V, off", _peak(off["v(clock_in)"]), "V", high=0.5),
    ]


def _peak(wave: npt.NDArray[np.float64]) -> float:
    return float(np.abs(wave).max())
