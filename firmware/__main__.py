"""The command line: `firmware`."""

import sys
from collections.abc import Sequence
from importlib import import_module

from firmware.cli.base import Parser, log_to_stderr, program, run

GROUPS = ("sim", "run", "calibrate", "doctor")


def parser() -> Parser:
    """Build the parser of `firmware` and its commands."""
    top = program(prog="firmware", description="The module, and the module simulated.")
    commands = top.add_subparsers(metavar="COMMAND")
    for group in GROUPS:
        import_module(f"firmware.cli.{group}").add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `firmware` and give its exit code."""
    log_to_stderr()
    return run(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
