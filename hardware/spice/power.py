# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Inrush of the 12 V input, MIDI current, the clock output's level and survival."""

import numpy as np

from hardware import constants as c
from hardware.board import Board
from hardware.power_budget import rails
from hardware.spice.deck import Figure, deck, lines
from hardware.spice.ngspice import simulate

_BUFFER_OHMS = 25.0
"""An output of the 74AHCT125, assumed."""

_RISE = "V(converter)*4-28"
_RACK_OHMS, _RACK_HENRIES = 0.2, 0.2e-6
"""A rack's supply and 20 cm of ribbon, assumed."""


def power_decks(board: Board) -> dict[str, str]:
    """Write the inrush decks: a supply that ramps up, and a live plug."""
    watts = rails(c.MAX_VOICES).peak_converter_watts
    beside = (
        f"Rrack rack cable {_RACK_OHMS}\nLrack cable rackp12 {_RACK_HENRIES}",
        "Rminus rackn12 0 1meg",
        f"Rfuse rackp12 fusedp12 {c.POWER.fuse_ohms}",
        f"Ccards p12v 0 {c.MAX_VOICES * c.RAIL_FARADS}",
        # The converter draws constant power once it runs, nothing below 7 V.
        f"Bload converter 0 I = {watts / 2:.3f}/max(V(converter),1)*(1+tanh({_RISE}))",
        "Rfive p5v_converter 0 1k",
        ".save i(Vrack) v(converter) v(p12v)",
    )

    def make(title: str, seconds: float, analysis: str) -> str:
        source = f"Vrack rack 0 pwl(0 0 {seconds} {c.SUPPLY_VOLTS} 1 {c.SUPPLY_VOLTS})"
        return deck(title, lines(board, ("power",)), source, *beside, analysis)

    return {
        "inrush_ramp": make("Supply ramps up in 5 ms", 5e-3, ".tran 2u 20m"),
        "inrush_plug": make("Live plug", 100e-9, ".tran 0.1u 2m 0 0.1u"),
    }


def power_figures(board: Board) -> list[Figure]:
    """Measure the inrush, and what the capacitors behind the diode must stand."""
    waves = {name: simulate(text) for name, text in power_decks(board).items()}
    ramp, plug = (
        float(np.abs(waves[name]["i(vrack)"]).max()) for name in ("inrush_ramp", "inrush_plug")
    )
    overshoot = max(
        float(waves["inrush_plug"][f"v({net})"].max()) for net in ("p12v", "converter")
    )
    return [
        Figure("power", "peak current, 5 ms ramp", ramp, "A", high=1.0),
        Figure("power", "peak current, live plug", plug, "A", high=25),
        Figure("power", "highest voltage, live plug", overshoot, "V", high=25),
    ]


def midi_decks(board: Board) -> dict[str, str]:
    """Write the MIDI loop and the clock output decks."""
    sender = lines(board, ("midi_out",))
    out = (
        f"Vfive p5v 0 5\nVlow low 0 0\nRlow low midi_data {_BUFFER_OHMS}\nVpi p3v3 0 3.3",
        "Rfar midi_out_ring led 220\nDfar led midi_out_tip led\nRtx midi_tx 0 1meg",
    )
    return {
        "midi_out": deck("MIDI out", sender, *out, ".op", ".save i(Vlow) v(led)"),
        "midi_in_5": _midi_in(board, "MIDI in, 5 V sender", 5.0, 220, 220),
        "midi_in_3": _midi_in(board, "MIDI in, 3.3 V sender", 3.3, 33, 10),
        "clock_out": _clock_out(board, "Clock output", "Rload clock_out_jack 0 100k"),
        "clock_out_short": _clock_out(
            board, "Clock output on -12 V", f"Vshort clock_out_jack 0 -{c.SUPPLY_VOLTS}"
        ),
    }


def _midi_in(board: Board, title: str, volts: float, ring_ohms: int, tip_ohms: int) -> str:
    """Drive the input by a sender of the given voltage and resistors."""
    far = f"Vfar far 0 {volts}\nRring far midi_in_ring {ring_ohms}"
    rest = f"Rtip midi_in_tip 0 {tip_ohms}\nDopto midi_in_anode midi_in_tip led"
    idle = "Vpi p3v3 0 3.3\nRrx midi_rx 0 1meg"
    return deck(title, lines(board, ("midi_in",)), far, rest, idle, ".op", ".save i(Vfar)")


def _clock_out(board: Board, title: str, load: str) -> str:
    drive = f"Vdrive drive 0 5\nRdrive drive clock_drive {_BUFFER_OHMS}\nRoff clock_out 0 1meg"
    save = ".save i(Vdrive) v(clock_out_jack)"
    return deck(title, lines(board, ("clock_out",)), drive, load, ".op", save)


def midi_figures(board: Board) -> list[Figure]:
    """Measure the MIDI loops and the clock output."""
    waves = {name: simulate(text) for name, text in midi_decks(board).items()}

    def milliamps(name: str, vector: str) -> float:
        return float(np.abs(waves[name][vector]).max()) * 1e3

    out, short = milliamps("midi_out", "i(vlow)"), milliamps("clock_out_short", "i(vdrive)")
    five, three = milliamps("midi_in_5", "i(vfar)"), milliamps("midi_in_3", "i(vfar)")
    level = float(waves["clock_out"]["v(clock_out_jack)"][0])
    return [
        Figure("MIDI out", "current into 220R and a diode", out, "mA", 4, 8),
        Figure("MIDI in", "current from a 5 V sender", five, "mA", 4, 8),
        Figure("MIDI in", "current from a 3.3 V sender", three, "mA", 4, 10),
        Figure("clock output", "level into 100k", level, "V", 4.5, 5.1),
        Figure("clock output", "current on -12 V", short, "mA", high=20),
    ]
