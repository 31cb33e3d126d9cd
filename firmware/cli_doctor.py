"""`firmware doctor`: what is wrong with this module, and how to mend it."""

import argparse
import os
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from firmware.cli import FAILURE, answer, common_options, say
from firmware.cli_run import default_home
from firmware.home import Home

if TYPE_CHECKING:
    from firmware.doctor import Chips

_EXAMPLE = """example:
  firmware doctor              on the module
  firmware doctor --json       for a machine
"""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `doctor` to the command line of `firmware`."""
    doctor = commands.add_parser(
        "doctor",
        parents=[common_options()],
        help="test every chip, port, permission and file",
        description="Find and test each chip, line, permission, clock, MIDI port and file. "
        "Exits with 1 if anything is wrong.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--home", type=Path, help="home folder")
    doctor.add_argument("--settings", type=Path, help="settings (HOME/settings.toml)")
    doctor.add_argument("--rack", type=Path, help="a simulated rack that is served already")
    doctor.set_defaults(func=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from firmware.doctor import examine
    from firmware.realtime import claim

    home = Home(options.home or default_home(simulated=options.rack is not None))
    chips = rack_chips(options.rack) if options.rack else board_chips()
    checks = []
    settings = options.settings or home.settings
    examined = examine(
        home, settings, chips, board=options.rack is None, claim=partial(claim, 1)
    )
    for check in examined:
        checks.append(check)
        if not options.json:
            say(f"{'ok   ' if check.well else 'WRONG'} {check.name}: {check.found}")
            if check.remedy:
                say(f"      {check.remedy}")
    if options.json:
        answer({"checks": [asdict(check) for check in checks]})
    return 0 if all(check.well for check in checks) else FAILURE


def board_chips() -> "Chips":
    """Give this Raspberry Pi's chips."""
    from firmware.chips import dacs_on
    from firmware.chips.bus import open_i2c
    from firmware.chips.gpio import CLOCK_LINES, ENCODER_LINES, open_inputs
    from firmware.chips.mcp3208 import open_adc
    from firmware.chips.oled import open_oled
    from firmware.doctor import Chips
    from firmware.midi_ports import open_board

    return Chips(
        dacs=lambda: dacs_on(open_i2c()),
        adc=open_adc,
        oled=open_oled,
        clock_lines=partial(open_inputs, CLOCK_LINES),
        encoder_lines=partial(open_inputs, ENCODER_LINES),
        midi=partial(open_board, os.O_RDWR),
    )


def rack_chips(folder: Path) -> "Chips":
    """Give a simulated rack's chips."""
    from firmware.doctor import Chips
    from firmware.simulator.remote import RemoteRack

    rack = RemoteRack(folder)
    return Chips(
        dacs=lambda: rack.player().dacs,
        adc=rack.adc,
        oled=rack.oled,
        clock_lines=lambda: rack.player().clock_inputs,
        encoder_lines=rack.encoder,
        midi=partial(rack.open_midi, os.O_RDWR),
    )
