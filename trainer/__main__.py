"""The command line: `trainer`."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from firmware.cli.base import Parser, program, run

GROUPS = ("loops", "models", "studio")


def parser() -> Parser:
    """Build the parser of `trainer` and its commands."""
    top = program(
        prog="trainer", description="From a folder of audio loops to a kit for the module."
    )
    commands = top.add_subparsers(metavar="COMMAND")
    for group in GROUPS:
        import_module(f"trainer.cli.{group}").add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `trainer` and give its exit code."""
    # OpenBLAS sums otherwise with more threads than one, and a bundle must not show how many.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    return run(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
