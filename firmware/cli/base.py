"""The common part of the three command lines: options, exit codes and error messages."""

import argparse
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from firmware import __version__
from firmware.errors import UsageError, UserError

FAILURE = 1
WRONG_USE = 2
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """A parser that accepts no abbreviated options and reports a mistake in one line."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        """Take the arguments of `ArgumentParser`."""
        super().__init__(*arguments, **{"allow_abbrev": False, **settings})

    def add_subparsers(self, **settings: Any) -> Any:
        """Take commands; without one, the parser prints its own help."""
        self.set_defaults(func=self._print_help)
        return super().add_subparsers(**settings)

    def _print_help(self, _: argparse.Namespace) -> int:
        self.print_help()
        return 0

    def error(self, message: str) -> NoReturn:
        """Exit with the mistake and a hint at --help."""
        self.exit(WRONG_USE, f"{self.prog}: {message}; see --help\n")


def program(**settings: Any) -> Parser:
    """Return the parser of a whole program, which has `--version`."""
    parser = Parser(**settings)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def common_options() -> argparse.ArgumentParser:
    """Return the options that every command has; pass it to `add_parser(parents=[...])`."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON on standard output"
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def run(build: Callable[[], Parser], arguments: Sequence[str] | None = None) -> int:
    """Parse the arguments, call the command's `func` and return the exit code.

    0 for success, 2 for wrong use, 1 for a failure, reported in one line on standard error.
    `--debug` lets the traceback through.
    """
    try:
        return _run(build(), sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED


def _run(parser: Parser, arguments: Sequence[str]) -> int:
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        # Reported here, since argparse would name the wrong parser.
        mistake = f"no such option: {unknown[0]}; --help shows those of a command"
        if not unknown[0].startswith("-"):
            mistake = f"{unknown[0]}: unexpected argument"
        say(f"{parser.prog}: {mistake}")
        return WRONG_USE
    try:
        code: int = options.func(options)
        sys.stdout.flush()
    except (UserError, OSError, ImportError) as error:
        if options.debug:
            raise
        say(f"{parser.prog}: {_one_line(error)}")
        return WRONG_USE if isinstance(error, UsageError) else FAILURE
    return code


def log_to_stderr() -> None:
    """Send what the firmware's modules log to standard error, a line each.

    The journal adds the time and the unit.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("firmware")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)


def printable(text: str) -> str:
    """Return a text whose control characters, and bytes of names not in UTF-8, are escaped.

    A file's name is nobody's promise: an escape sequence in it could rewrite the terminal.
    """
    encoded = text.encode("utf-8", "backslashreplace").decode()
    return _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", encoded)


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def say(line: str) -> None:
    """Print a line for the user, on standard error."""
    print(printable(line), file=sys.stderr, flush=True)  # noqa: T201 - this is the command line


def show(text: str) -> None:
    """Print a result for the user, on standard output."""
    try:
        print(printable(text), flush=True)  # noqa: T201 - as above
    except BrokenPipeError:
        # The reader has closed the pipe, as `head` does. The rest is not flushed either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def answer(document: Any) -> None:
    """Print a result as JSON on standard output."""
    show(json.dumps(document, allow_nan=False))


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    if isinstance(error, ImportError) and error.name:
        return f"{error.name} is not installed; see the README for the extra that installs it"
    return " ".join(str(error).split()) or type(error).__name__
