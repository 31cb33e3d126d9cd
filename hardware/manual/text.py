# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The manual's chapters in Markdown.

What the firmware describes itself (pages, OSC) is taken from there; the jacks, calibration
and MIDI are written here around the circuit's and the settings' own numbers.
"""

from firmware.board.calibration import OCTAVES_VOLTS
from firmware.board.constants import CLOCK_THRESHOLDS_VOLTS, CV_OUTPUT
from firmware.instrument.parameters import CV_TARGETS
from firmware.instrument.preset import PRESETS
from firmware.storage.settings import MidiSettings
from hardware.constants import MAX_VOICES
from hardware.power_budget import rails, tens
from tools import manual_pages as pages
from tools import osc_reference


def chapters() -> list[str]:
    """Give the chapters in their order."""
    return [jacks(), pages.manual_text(), calibration(), midi(), osc_reference.page()]


def jacks() -> str:
    """Describe every jack and knob on the panel."""
    low, high = CLOCK_THRESHOLDS_VOLTS
    lowest, highest = CV_OUTPUT.lowest_volts, CV_OUTPUT.highest_volts
    millivolts = (CV_OUTPUT.volts(1) - CV_OUTPUT.volts(0)) * 1e3
    clock = f"rises at {high:.1f} V, falls at {low:.1f} V; any rack level up to +-12 V"
    rows = [
        ("knobs X, Y, THRESHOLD", "the place on the map and the threshold of the chosen voice"),
        ("SELECT", "the encoder: turn to choose or change, press to open"),
        ("1, 2, 3, SHIFT", "a button for each voice, and one to hold with others"),
        ("STAT, CLK", "lit by the Pi while it runs; lit with each pulse of CLK OUT"),
        ("X, Y, THR", "CV added to the knobs, linear over +-10 V; 5 V is full travel"),
        ("CV 1, CV 2", f"CV for any of: {', '.join(CV_TARGETS)}"),
        ("CLK IN", clock),
        ("RESET", f"back to the first step; {clock}"),
        ("CLK OUT", "5 V, as clock, reset or end of cycle"),
        ("MIDI IN, MIDI OUT", "TRS type A, 5 V"),
        ("PITCH", f"1 V per octave, 0 V is C4; {lowest:.2f} to +{highest:.2f} V"),
        ("VELOCITY", f"0 to 5 V, in steps of {millivolts:.1f} mV like every output"),
        ("ACCENT", "a 5 V gate with every step that is louder than the accent's threshold"),
        ("GATE", "5 V while the step sounds; the LED beside it shows it"),
    ]
    drawn = rails()
    typical, peak, negative = map(
        tens, (drawn.plus_typical_ma, drawn.plus_peak_ma, drawn.minus_peak_ma)
    )
    table = "".join(f"| {name} | {what} |\n" for name, what in rows)
    return (
        "# The panel\n\nInputs are made for anything up to +-12 V, with the module on or off; "
        "outputs may be shorted. Pitch stands when its gate falls. All outputs are at 0 V from "
        f"power-on until something plays.\n\n| where | what |\n|---|---|\n{table}\n"
        f"With {MAX_VOICES} voices and a Raspberry Pi Zero 2 W it draws about "
        f"{typical} mA from +12 V, {peak} mA at most, and {negative} mA from -12 V "
        "(estimated). Connect a computer by USB only through a cable whose 5 V wire is cut.\n"
    )


def calibration() -> str:
    """Describe calibration."""
    points = f"{OCTAVES_VOLTS[0]:g} to +{OCTAVES_VOLTS[-1]:g} V, {len(OCTAVES_VOLTS)} points"
    output = "output 1 pitch"
    rows = (
        (output, f"measures every octave, {points}, with a meter"),
        (f"{output} --by ear", "the same against a tuned oscillator"),
        (f"{output} --by loop --input cv_x", "coarse: by a cable to an input measured before"),
        ("input cv_x", "0 V, then 5 V at the jack; the page *inputs* does it too"),
        ("commission", "writes 0 V for power-on into the chips, once"),
        ("show", "prints what was measured"),
    )
    table = "".join(f"| `{command}` | {what} |\n" for command, what in rows)
    return (
        "# Calibration\n\nAfter half an hour in the closed case. Stop the firmware first; it "
        "plays the same chips. Voices count from 1.\n\n"
        f"| after `firmware calibrate` | what it does |\n|---|---|\n{table}\n"
        "`deploy backup` saves it to the laptop.\n"
    )


def midi() -> str:
    """Describe MIDI."""
    settings = MidiSettings()
    return (
        "# MIDI\n\n"
        f"Voices 1 to {MAX_VOICES} are channels 1 to {MAX_VOICES}. `settings.toml` chooses the "
        "ports and the control changes.\n\n| message | what it does |\n|---|---|\n"
        "| notes out | each sounding step, velocity at least 1 |\n"
        f"| control change {settings.x} | X of the channel's voice |\n"
        f"| control change {settings.y} | Y |\n"
        f"| control change {settings.threshold} | threshold |\n"
        f"| program change 0 to {PRESETS - 1} | recalls a preset |\n"
        f"| program change {PRESETS} to 127 | loads a bundle |\n"
        "| clock, start, stop, continue, position | followed when the clock is set to MIDI |\n"
    )
