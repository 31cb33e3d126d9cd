"""The command line: `firmware`."""

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module

from firmware.cli.base import Parser, log_to_stderr, program, run

GROUPS = ("sim", "run", "calibrate", "doctor")


def parser(groups: Sequence[str] = GROUPS) -> Parser:
    """Build the parser of `firmware` and of some of its commands, or all."""
    top = program(prog="firmware", description="The module, and the module simulated.")
    commands = top.add_subparsers(metavar="COMMAND")
    for group in groups:
        import_module(f"firmware.cli.{group}").add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `firmware` and give its exit code.

    Of the commands only the named one is loaded: the player is forked from `firmware run`, and
    locks in memory all that this has loaded.
    """
    log_to_stderr()
    given = sys.argv[1:] if arguments is None else arguments
    named = [group for group in GROUPS if group in given[:1]]
    return run(partial(parser, named or GROUPS), arguments)


if __name__ == "__main__":
    sys.exit(main())
