# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The LEDs: bright enough, safe backwards, and without weight on the stages they sit on."""

from hardware.board import Board
from hardware.spice.deck import Figure, deck, lines
from hardware.spice.ngspice import simulate
from hardware.spice.outputs import RAILS, dac_volts

_BUFFER_OHMS = 25.0
_PIN_OHMS = 50.0
"""Outputs of the 74AHCT125 and of the Pi, assumed."""

LED_MILLIAMPS = (1.0, 2.5)
"""Bright enough to see, little enough for every output that carries one."""


def light_decks(main: Board, voice: Board) -> dict[str, str]:
    """Write the decks of the three kinds of LED."""
    lit = lines(voice, ("output_gate", "gate_led"))
    dark = lines(voice, ("output_gate",))
    gate = f"Vdac dac_gate 0 {dac_volts(5.0)}\nRload gate_jack 0 100k"
    low = "Vdac dac_gate 0 0\nRload gate_jack 0 100k"
    clock = f"Vdrive drive 0 5\nRdrive drive clock_drive {_BUFFER_OHMS}\nRoff clock_out 0 1meg"
    status = f"Vdrive drive 0 3.3\nRdrive drive status_led {_PIN_OHMS}"
    save = ".save v(gate_jack) v(gate_drive) v(gate_drive_led)"
    return {
        "gate_led": deck("Gate LED, lit", lit, RAILS, gate, ".op", save),
        "gate_led_low": deck("Gate LED, lowest code", lit, RAILS, low, ".op", save),
        "gate_no_led": deck("Gate without LED", dark, RAILS, gate, ".op", ".save v(gate_jack)"),
        "clock_led": deck(
            "Clock LED", lines(main, ("clock_out",)), clock, "Rload clock_out_jack 0 100k",
            ".op", ".save v(clock_drive) v(clock_drive_led)",
        ),
        "status_led": deck(
            "Status LED", lines(main, ("status_led",)), status,
            ".op", ".save v(status_led) v(status_led_led)",
        ),
    }  # fmt: skip


def light_figures(main: Board, voice: Board) -> list[Figure]:
    """Measure the LEDs."""
    waves = {name: simulate(text) for name, text in light_decks(main, voice).items()}

    def volts(name: str, net: str) -> float:
        return float(waves[name][f"v({net})"][0])

    figures = []
    for name, net, board in (
        ("gate_led", "gate_drive", voice),
        ("clock_led", "clock_drive", main),
        ("status_led", "status_led", main),
    ):
        (ohms,) = [
            part.item.magnitude
            for part in board.parts
            if part.pins.get("2") == f"{net.upper()}_LED" and part.item.prefix == "R"
        ]
        amps = (volts(name, net) - volts(name, f"{net}_led")) / (ohms or 1)
        title = f"current of the {name.removesuffix('_led')} LED"
        figures.append(Figure("LEDs", title, amps * 1e3, "mA", *LED_MILLIAMPS))
    shift = volts("gate_led", "gate_jack") - volts("gate_no_led", "gate_jack")
    reverse = volts("gate_led_low", "gate_drive_led")
    return [
        *figures,
        Figure("LEDs", "gate output, shift by its LED", shift * 1e3, "mV", -1, 1),
        Figure("LEDs", "gate LED, backwards at the lowest code", reverse, "V", -4.9),
    ]
