# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Inrush of the 12 V input, MIDI current, the clock output's level and survival."""

import numpy as np

from hardware import constants as c
from hardware.board import Board
from hardware.power_budget import ZERO_2W, rails
from hardware.spice.deck import Figure, deck, lines
from hardware.spice.ngspice import simulate

_BUFFER_OHMS = 25.0
"""An output of the 74AHCT125, assumed."""


def power_decks(board: Board) -> dict[str, str]:
    """Write the inrush decks: a supply that ramps up, and a live plug."""
    watts = rails(ZERO_2W, voices=c.MAX_VOICES).peak_converter_watts
    # The converter draws constant power once it runs, nothing below 7 V.
    load = f"Bload converter 0 I = V(converter) > 7 ? {watts:.3f}/V(converter) : 0"
    fuse = f"Rfuse rackp12 fusedp12 {c.POWER.fuse_ohms}"
    cards = f"Ccards p12v 0 {c.MAX_VOICES * c.BULK_FARADS}"
    circuit = [line.replace("+", "p") for line in lines(board, ("power",))]
    circuit = [line for line in circuit if not line.startswith(("R", "D2"))]
    save = ".save i(Vrack) v(converter)"
    ramp = "Vrack rack 0 pwl(0 0 5m 12 1 12)\nRrack rack rackp12 0.2"
    plug = "Vrack rack 0 pwl(0 0 100n 12 1 12)\nRrack rack rackp12 0.2"
    rest = (load, fuse, cards, "Rref p3v3a 0 1k", "Rfive p5v 0 1k", "Rneg n12v 0 1k")
    return {
        "inrush_ramp": deck(
            "Supply ramps up in 5 ms", circuit, ramp, *rest, ".tran 2u 20m", save
        ),
        "inrush_plug": deck("Live plug", circuit, plug, *rest, ".tran 0.1u 2m 0 0.1u", save),
    }


def power_figures(board: Board) -> list[Figure]:
    """Measure the inrush."""
    waves = {name: simulate(text) for name, text in power_decks(board).items()}
    ramp, plug = (
        float(np.abs(waves[f"inrush_{n}"]["i(vrack)"]).max()) for n in ("ramp", "plug")
    )
    return [
        Figure("power", "peak current, 5 ms ramp", ramp, "A", high=1.0),
        Figure("power", "peak current, live plug", plug, "A", high=25),
    ]


def midi_decks(board: Board) -> dict[str, str]:
    """Write the MIDI loop and the clock output decks."""
    out = lines(board, ("midi_out",))
    in_ = lines(board, ("midi_in",))
    drive = f"Vfive p5v 0 5\nVlow low 0 0\nRlow low midi_data {_BUFFER_OHMS}\nVidle p3v3 0 3.3"
    listener = "Rfar midi_out_ring led 220\nDfar led midi_out_tip led\nRtx midi_tx 0 1meg"
    source = "Vfar far 0 {volts}\nRring far midi_in_ring {ohms}\nRtip midi_in_tip 0 {tip}"
    opto = "Dopto midi_in_anode midi_in_tip led\nVidle p3v3 0 3.3\nRrx midi_rx 0 1meg"
    clock = lines(board, ("clock_out",))
    level = f"Vdrive drive 0 5\nRdrive drive clock_drive {_BUFFER_OHMS}\nRoff clock_out 0 1meg"
    op = ".op"
    return {
        "midi_out": deck("MIDI out", out, drive, listener, op, ".save i(Vlow) v(led)"),
        "midi_in_5": deck(
            "MIDI in, 5 V sender",
            in_,
            source.format(volts=5, ohms=220, tip=220),
            opto,
            op,
            ".save i(Vfar)",
        ),
        "midi_in_3": deck(
            "MIDI in, 3.3 V sender",
            in_,
            source.format(volts=3.3, ohms=33, tip=10),
            opto,
            op,
            ".save i(Vfar)",
        ),
        "clock_out": deck(
            "Clock output",
            clock,
            level,
            "Rload clock_out_jack 0 100k",
            op,
            ".save v(clock_out_jack)",
        ),
        "clock_out_short": deck(
            "Clock output on -12 V",
            clock,
            level,
            "Vshort clock_out_jack 0 -12",
            op,
            ".save i(Vdrive)",
        ),
    }


def midi_figures(board: Board) -> list[Figure]:
    """Measure the MIDI loops and the clock output."""
    waves = {name: simulate(text) for name, text in midi_decks(board).items()}

    def peak(name: str, vector: str) -> float:
        return float(np.abs(waves[name][vector]).max())

    return [
        Figure(
            "MIDI out",
            "current into 220R and a diode",
            peak("midi_out", "i(vlow)") * 1e3,
            "mA",
            4,
            8,
        ),
        Figure(
            "MIDI in",
            "current from a 5 V sender",
            peak("midi_in_5", "i(vfar)") * 1e3,
            "mA",
            4,
            8,
        ),
        Figure(
            "MIDI in",
            "current from a 3.3 V sender",
            peak("midi_in_3", "i(vfar)") * 1e3,
            "mA",
            4,
            10,
        ),
        Figure(
            "clock output",
            "level into 100k",
            peak("clock_out", "v(clock_out_jack)"),
            "V",
            4.5,
            5.1,
        ),
        Figure(
            "clock output",
            "current on -12 V",
            peak("clock_out_short", "i(vdrive)") * 1e3,
            "mA",
            high=20,
        ),
    ]
