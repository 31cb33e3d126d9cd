# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The manual's chapters about jacks, calibration and MIDI, in Markdown.

They are written around the circuit's and the settings' own numbers.
"""

from collections.abc import Iterator

from firmware.board.calibration import OCTAVES_VOLTS
from firmware.board.constants import CLOCK_THRESHOLDS_VOLTS, CV_OUTPUT
from firmware.instrument.parameters import CV_TARGETS, label
from firmware.instrument.preset import PRESETS
from firmware.storage.settings import MidiSettings
from hardware.constants import BUTTONS, MAX_VOICES
from hardware.panel.callouts import svg_with_callouts
from hardware.panel.geometry import panel
from hardware.power_budget import rails, tens


def generated() -> Iterator[tuple[str, bytes]]:
    """Yield the path below `docs/` and the content of the chapters made here."""
    yield "manual/panel.md", jacks().encode()
    yield "manual/calibration.md", f"{calibration()}\n{midi()}".encode()
    yield "pictures/panel-callouts.svg", svg_with_callouts(panel(), callouts()).encode()


def callouts() -> tuple[tuple[str, ...], ...]:
    """Return, per number on the picture, the holes that it stands beside."""
    return tuple(holes for holes, _, _ in _rows())


def _rows() -> list[tuple[tuple[str, ...], str, str]]:
    """Return, per number: the holes, the words printed there, and what they are for."""
    return [*_control_rows(), *_input_rows(), *_output_rows()]


def _control_rows() -> list[tuple[tuple[str, ...], str, str]]:
    position = "the position on the map and the threshold of the selected voice"
    lights = "lit by the Pi while it runs; lit with each pulse of CLK OUT"
    return [
        (("encoder",), "SELECT", "the encoder: turn to choose or change, press to open"),
        (("knob_x", "knob_y", "knob_threshold"), "knobs X, Y, THRESHOLD", position),
        (BUTTONS, "1, 2, 3, SHIFT", "a button for each voice, and one to hold with others"),
        (("status_led", "clock_led"), "STAT, CLK", lights),
    ]


def _input_rows() -> list[tuple[tuple[str, ...], str, str]]:
    low, high = CLOCK_THRESHOLDS_VOLTS
    clock = f"rises at {high:.1f} V, falls at {low:.1f} V; any rack level up to +-12 V"
    cvs = "CV added to the knobs, linear over +-10 V; 5 V is full travel"
    targets = ", ".join(map(label, CV_TARGETS))
    return [
        (("cv_x", "cv_y", "cv_threshold"), "X, Y, THR", cvs),
        (("cv_assign_1", "cv_assign_2"), "CV 1, CV 2", f"CV for any of: {targets}"),
        (("clock_in",), "CLK IN", clock),
        (("reset_in",), "RESET", f"back to the first step; {clock}"),
    ]


def _output_rows() -> list[tuple[tuple[str, ...], str, str]]:
    lowest, highest = CV_OUTPUT.lowest_volts, CV_OUTPUT.highest_volts
    millivolts = (CV_OUTPUT.volts(1) - CV_OUTPUT.volts(0)) * 1e3
    pitch = f"1 V per octave, 0 V is C4; {lowest:.2f} to +{highest:.2f} V"
    velocity = f"0 to 5 V, in steps of {millivolts:.1f} mV like every output"
    accent = "a 5 V gate with every step that is louder than the accent's threshold"
    gate = "5 V while the step sounds; the LED beside it shows it"
    return [
        (("clock_out",), "CLK OUT", "5 V, as clock, reset or end of cycle"),
        (("midi_in", "midi_out"), "MIDI IN, MIDI OUT", "TRS type A, 5 V"),
        (_outputs("pitch"), "PITCH", pitch),
        (_outputs("velocity"), "VELOCITY", velocity),
        (_outputs("accent"), "ACCENT", accent),
        (_outputs("gate"), "GATE", gate),
    ]


def _outputs(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{voice}" for voice in range(1, MAX_VOICES + 1))


def jacks() -> str:
    """Describe every jack and knob on the panel, by their numbers on the picture."""
    drawn = rails()
    typical, peak, negative = map(
        tens, (drawn.plus_typical_ma, drawn.plus_peak_ma, drawn.minus_peak_ma)
    )
    table = "".join(
        f"| {number} | {name} | {what} |\n" for number, (_, name, what) in enumerate(_rows(), 1)
    )
    return (
        "# The panel\n\n"
        "![The panel for three voices, with numbers](../pictures/panel-callouts.svg)\n\n"
        f"|  | where | what |\n|---|---|---|\n{table}\n"
        "Inputs take anything up to +-12 V, with the module on or off. You may short the "
        "outputs. The pitch stays when its gate falls. All outputs are at 0 V from power-on "
        "until something plays.\n\n"
        f"With {MAX_VOICES} voices and a Raspberry Pi Zero 2 W the module draws about "
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
        "# Calibration and MIDI\n\n## Calibration\n\n"
        "Calibrate after half an hour in the closed case. Stop the firmware first; it uses the "
        "same chips. Voices count from 1.\n\n"
        f"| after `firmware calibrate` | what it does |\n|---|---|\n{table}\n"
        "`deploy backup` saves it to the laptop.\n"
    )


def midi() -> str:
    """Describe MIDI."""
    settings = MidiSettings()
    return (
        "## MIDI\n\n"
        f"Voices 1 to {MAX_VOICES} are channels 1 to {MAX_VOICES}. `settings.toml` chooses the "
        "ports and the control changes.\n\n| message | what it does |\n|---|---|\n"
        "| notes out | each sounding step, velocity at least 1 |\n"
        f"| control change {settings.x} | X of the channel's voice |\n"
        f"| control change {settings.y} | Y |\n"
        f"| control change {settings.threshold} | threshold |\n"
        f"| program change 0 to {PRESETS - 1} | recalls a preset |\n"
        f"| program change {PRESETS} to 127 | loads a kit |\n"
        "| clock, start, stop, continue, position | followed when the clock is set to MIDI |\n"
    )
