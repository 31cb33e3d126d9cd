"""`firmware doctor`: tests a module and names the remedy for each fault."""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.cli.base import FAILURE, answer, common_options, say
from firmware.cli.run import default_home
from firmware.storage.paths import Home

if TYPE_CHECKING:
    from firmware.cli.board_checks import Check

_EXAMPLE = """example:
  firmware doctor              on the module
  firmware doctor --json       for scripts
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
    doctor.add_argument("--rack", type=Path, help="folder of a running simulated rack")
    doctor.set_defaults(func=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from firmware.cli.checks import examine
    from firmware.drivers.backend import open_backend
    from firmware.drivers.realtime import claim
    from firmware.instrument.parameters import label

    home = Home(options.home or default_home(simulated=options.rack is not None))
    devices = open_backend(options.rack)
    checks = []
    settings = options.settings or home.settings
    examined = examine(
        home, settings, devices, board=options.rack is None, claim=partial(claim, 1)
    )
    for check in examined:
        checks.append(check)
        if not options.json:
            say(f"{'ok   ' if check.well else 'WRONG'} {label(check.name)}: {check.found}")
            if check.remedy:
                say(f"      {check.remedy}")
    if options.json:
        answer({"checks": [_document(check) for check in checks]})
    return 0 if all(check.well for check in checks) else FAILURE


def _document(check: "Check") -> dict[str, Any]:
    """Return a check as `deploy doctor` has it; `well` and `found` are deprecated."""
    same = {"name": check.name, "ok": check.well, "detail": check.found, "remedy": check.remedy}
    return {**same, "well": check.well, "found": check.found}
