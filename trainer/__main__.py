"""The command line: `trainer`."""

import argparse
import sys
from collections.abc import Sequence

from firmware.cli import run
from trainer import cli_loops, cli_models


def parser() -> argparse.ArgumentParser:
    """Build the parser of `trainer` and its commands."""
    top = argparse.ArgumentParser(
        prog="trainer", description="From a folder of audio loops to a bundle for the module."
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    cli_loops.add_commands(commands)
    cli_models.add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `trainer` and give its exit code."""
    return run(parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
