"""The page about the three command lines, made from their parsers."""

import argparse
from collections.abc import Iterator
from importlib import import_module

PROGRAMS = {"trainer": "parser", "firmware": "parser", "deploy": "build_parser"}
"""The function of each program's `__main__` that builds its parser."""

_HEAD = """# Commands

This page is made from the programs themselves: `trainer COMMAND --help` prints the same.
Every command also takes the options at the end of the page.

"""
_COMMON = {"--json", "--debug", "--version", "--help"}
_FOOT = """## Options of every command

| option | meaning |
|---|---|
| `--help` | print the options of a command |
| `--version` | print the version (of a program: `trainer --version`) |
| `--json` | print the [answer as JSON](json.md) on standard output, and nothing else there |
| `--debug` | show the traceback of an error |
"""


def page() -> str:
    """Return the page in Markdown."""
    sections = (_program(name, build) for name, build in PROGRAMS.items())
    return _HEAD + "".join(sections) + _FOOT


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each program."""
    return {
        name: getattr(import_module(f"{name}.__main__"), build)()
        for name, build in PROGRAMS.items()
    }


def commands(
    parser: argparse.ArgumentParser,
) -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """Yield every command below a parser, with its one-line help."""
    for group in _groups(parser):
        helps = {one.dest: one.help or "" for one in group._choices_actions}  # noqa: SLF001
        for name, command in group.choices.items():
            if list(_groups(command)):
                yield from commands(command)
            else:
                yield command, helps.get(name, "")


def _groups(
    parser: argparse.ArgumentParser,
) -> Iterator["argparse._SubParsersAction[argparse.ArgumentParser]"]:
    # argparse has no public way to list commands.
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield action


def _program(name: str, build: str) -> str:
    parser = getattr(import_module(f"{name}.__main__"), build)()
    lines = [f"## {name}", "", " ".join((parser.description or "").split()), ""]
    for command, what in commands(parser):
        lines += _command(command, what)
    return "\n".join([*lines, ""])


def _command(command: argparse.ArgumentParser, what: str) -> list[str]:
    text = " ".join((command.description or what).split())
    lines = [f"### {command.prog}", "", text, ""]
    rows = [row for action in command._actions if (row := _row(action))]  # noqa: SLF001
    if rows:
        lines += ["| argument | meaning |", "|---|---|", *rows, ""]
    examples = list(_examples(command))
    if examples:
        lines += ["```text", *examples, "```", ""]
    return lines


def _row(action: argparse.Action) -> str:
    if action.help == argparse.SUPPRESS or set(action.option_strings) & _COMMON:
        return ""
    if not action.option_strings:
        name = f"`{_metavar(action)}`"
    elif action.nargs == 0:
        name = ", ".join(f"`{one}`" for one in action.option_strings)
    else:
        name = ", ".join(f"`{one} {_metavar(action)}`" for one in action.option_strings)
    return f"| {_cell(name)} | {_cell(' '.join((action.help or '').split()))} |"


def _metavar(action: argparse.Action) -> str:
    if action.metavar is not None:
        return str(action.metavar)
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    return action.dest.upper()


def _examples(command: argparse.ArgumentParser) -> Iterator[str]:
    lines = (command.epilog or "").splitlines()
    program = command.prog.split()[0]
    for line in lines:
        start = line.find(f"{program} ")
        if start >= 0:
            yield line[start:].rstrip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
