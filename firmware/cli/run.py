"""`firmware run`: the module, real or simulated, until it is stopped."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from firmware.cli.base import common_options, say
from firmware.storage.paths import Home
from firmware.storage.settings import Settings, read_settings

MODULE_HOME = Path("/var/lib/exnihilo")

_EXAMPLE = """example:
  firmware run                                   on the module
  firmware run --simulated --home out/home       on a computer, with simulated chips
"""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `run` to the command line of `firmware`."""
    run = commands.add_parser(
        "run",
        parents=[common_options()],
        help="run the module until it is stopped",
        description="Start player and panel, and restart them if they die. The outputs are at "
        "0 V before the first step and after the last.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("--simulated", action="store_true", help="use simulated chips")
    run.add_argument("--rack", type=Path, help="folder of a running simulated rack")
    run.add_argument("--home", type=Path, help=f"home folder ({MODULE_HOME}, or yours)")
    run.add_argument("--settings", type=Path, help="settings (HOME/settings.toml)")
    run.set_defaults(func=_run)


def default_home(*, simulated: bool) -> Path:
    """Return the module's home folder, or the user's on a computer."""
    if not simulated:
        return MODULE_HOME
    from platformdirs import user_data_path

    return user_data_path("exnihilo")


def _run(options: argparse.Namespace) -> int:
    # Loaded here: other commands need no chips or processes.
    from firmware.supervisor.supervisor import Module, Supervisor

    simulated = options.simulated or options.rack is not None
    home = Home(options.home or default_home(simulated=simulated))
    home.prepare()
    settings_path = options.settings or home.settings
    settings = checked_settings(settings_path)
    with ExitStack() as stack:
        rack = options.rack
        if options.simulated and rack is None:
            # On the module it would be in the player's locked memory, with NumPy.
            from firmware.simulator.serving import served_rack

            rack = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="exnihilo-")))
            stack.enter_context(served_rack(rack))
            say(f"simulated rack: {rack}")
        Supervisor(Module(home, settings_path, settings, rack)).run()
    return 0


def checked_settings(path: Path) -> Settings:
    """Read the settings and report every mistake; the module runs in spite of them."""
    settings, mistakes = read_settings(path)
    for mistake in mistakes:
        say(f"{mistake}; using the default")
    return settings
