# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The output stage: transfer, load, settling, peaking, short circuit, gate edge."""

import numpy as np

from firmware.board.constants import CV_OUTPUT
from hardware import constants as c
from hardware.board import Board
from hardware.spice.deck import Figure, deck, lines
from hardware.spice.models import DAC_SLEW_VOLTS_PER_SECOND
from hardware.spice.ngspice import Waves, simulate

CENT_VOLTS = 1 / 1200
RAIL_VOLTS = 11.6
"""What is left of 12 V behind the fuse and the diode."""

RAILS = (
    f"Vplus p12v 0 {RAIL_VOLTS}\nVminus n12v 0 -{RAIL_VOLTS}\n"
    f"Vref p4v096 0 {c.DAC_REFERENCE_VOLTS}"
)


def dac_volts(jack_volts: float) -> float:
    """Give the converter's voltage for jack volts, to its nearest code."""
    return c.DAC_REFERENCE_VOLTS * CV_OUTPUT.code(jack_volts) / (1 << c.DAC_BITS)


def _step(start_volts: float, end_volts: float) -> str:
    """Write the converter's move between two jack voltages, at its own slew rate."""
    start, end = dac_volts(start_volts), dac_volts(end_volts)
    seconds = abs(end - start) / DAC_SLEW_VOLTS_PER_SECOND
    return f"Vdac dac_pitch 0 pwl(0 {start} 10u {start} {10e-6 + seconds:.9g} {end} 1 {end})"


def output_decks(board: Board) -> dict[str, str]:
    """Write the decks of the pitch output; its three neighbours have the same parts."""
    circuit = lines(board, ("output_pitch",))
    save = ".save v(pitch_jack) v(pitch_plus) v(pitch_drive) v(dac_pitch)"

    def make(title: str, *fixture: str) -> str:
        return deck(title, circuit, RAILS, *fixture, save)

    decks = {}
    for ohms in (1e6, 1e5, 1e4):
        sweep = ("Vdac dac_pitch 0 0", ".dc Vdac 0 4.095 0.005")
        load = f"Rload pitch_jack 0 {ohms}"
        decks[f"output_transfer_{ohms:.0f}"] = make("Pitch output, transfer", load, *sweep)
    for farads, name in ((1e-10, "100p"), (1e-9, "1n"), (1e-8, "10n")):
        load = f"Rload pitch_jack 0 100k\nCload pitch_jack 0 {farads}"
        source = f"Vdac dac_pitch 0 dc {dac_volts(1.0)} ac 1"
        ac = ".ac dec 100 10 10meg"
        decks[f"output_peaking_{name}"] = make("Pitch output, cable", load, source, ac)
    cable = "Rload pitch_jack 0 100k\nCload pitch_jack 0 1n"
    tran = ".tran 0.05u 200u 0 0.05u"
    for start, end in ((0, 1), (-3, 5), (5, -3)):
        name = f"output_settling_{start}_{end}"
        decks[name] = make("Pitch output, settling", cable, _step(start, end), tran)
    decks["output_gate"] = make("Gate output, edge", cable, _step(0, 5), tran)
    for volts in (0, 12, -12):
        short = f"Vshort jack 0 {volts}\nRshort pitch_jack jack 0.1"
        sweep = (f"Vdac dac_pitch 0 {dac_volts(5.0)}", ".dc Vdac 0 4.095 4.095")
        decks[f"output_short_{volts}"] = make("Pitch output, shorted", short, *sweep)
    return decks


def output_figures(board: Board) -> list[Figure]:
    """Measure the output stage."""
    waves = {name: simulate(text) for name, text in output_decks(board).items()}
    stage = "pitch output"
    figures = _transfer(stage, waves)
    for start, end in ((0, 1), (-3, 5), (5, -3)):
        seconds = _settling(waves[f"output_settling_{start}_{end}"])
        name = f"to 1 cent, {start} to {end} V, 1 nF"
        figures.append(Figure(stage, name, seconds * 1e6, "us", high=100))
    for name, limit in (("100p", 1.0), ("1n", 1.0), ("10n", 4.0)):
        response = waves[f"output_peaking_{name}"]
        level = 20 * np.log10(np.abs(response["v(pitch_jack)"] / response["v(pitch_plus)"]))
        peak = float((level - level[0]).max())
        figures.append(Figure(stage, f"peaking with {name}F", peak, "dB", high=limit))
    for volts in (0, 12, -12):
        short = waves[f"output_short_{volts}"]
        amps = np.abs(short["v(pitch_drive)"] - short["v(pitch_jack)"]).max()
        amps /= c.OUTPUT.series_ohms
        watts = amps**2 * c.OUTPUT.series_ohms
        figures += [
            Figure(stage, f"current shorted to {volts:+d} V", amps * 1e3, "mA", high=45),
            Figure(stage, f"heat of its resistor at {volts:+d} V", watts * 1e3, "mW", high=500),
        ]
    edge = waves["output_gate"]
    figures.append(Figure("gate output", "0 to 5 V, 10 to 90 %", _rise(edge), "us", high=20))
    return figures


def _transfer(stage: str, waves: dict[str, Waves]) -> list[Figure]:
    light, heavy = waves["output_transfer_1000000"], waves["output_transfer_10000"]
    dac, jack = light["v(dac_pitch)"], light["v(pitch_jack)"]
    gain, offset = np.polyfit(dac, jack, 1)
    shift = np.abs(heavy["v(pitch_jack)"] - jack).max() / CENT_VOLTS
    zero = float(np.interp(dac_volts(0.0), dac, jack))
    return [
        Figure(stage, "gain", gain, "V/V", CV_OUTPUT.gain - 1e-3, CV_OUTPUT.gain + 1e-3),
        Figure(stage, "lowest", jack[0], "V", None, -3.0),
        Figure(stage, "highest", jack[-1], "V", 5.0, None),
        Figure(stage, "power-on code", zero * 1e3, "mV", -1.25, 1.25),
        Figure(
            stage, "offset from nominal", (offset - CV_OUTPUT.offset_volts) * 1e3, "mV", -1, 1
        ),
        Figure(stage, "load, 1M to 10k", shift, "cents", high=0.1),
    ]


def _settling(waves: Waves) -> float:
    """Seconds from the converter's first move until the jack stays within one cent."""
    time, jack = waves["time"], waves["v(pitch_jack)"]
    away = np.flatnonzero(np.abs(jack - jack[-1]) > CENT_VOLTS)
    return float(time[away[-1] + 1] - 10e-6)


def _rise(waves: Waves) -> float:
    """Microseconds from a tenth to nine tenths."""
    time, jack = waves["time"], waves["v(pitch_jack)"]
    share = (jack - jack[0]) / (jack[-1] - jack[0])
    start, end = (time[np.flatnonzero(share > level)[0]] for level in (0.1, 0.9))
    return float(end - start) * 1e6
