import argparse
import logging
from collections.abc import Callable
from contextlib import suppress

import pytest

import deploy.__main__
import firmware.__main__
import trainer.__main__
from firmware import __version__
from firmware.cli import base
from firmware.cli.base import Parser, common_options, log_to_stderr, run
from firmware.errors import UsageError, UserError


def command(action: Callable[[argparse.Namespace], int]) -> Callable[[], Parser]:
    def build() -> Parser:
        parser = Parser(prog="tool", parents=[common_options()])
        parser.add_argument("--bars", type=int)
        parser.set_defaults(func=action)
        return parser

    return build


def raising(error: BaseException) -> Callable[[argparse.Namespace], int]:
    def action(_: argparse.Namespace) -> int:
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            UserError("a.wav: silent; record\nit again"),
            1,
            "tool: a.wav: silent; record it again",
        ),
        (UsageError("--bars 0: choose 1 or more"), 2, "tool: --bars 0: choose 1 or more"),
        (FileNotFoundError(2, "No such file", "x"), 1, "tool: x: No such file"),
        (KeyboardInterrupt(), 130, "stopped"),
        (
            ModuleNotFoundError("No module named 'rtmidi'", name="rtmidi"),
            1,
            "tool: rtmidi is not installed; see the README for the extra that installs it",
        ),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command(raising(error)), []) == code
    assert capsys.readouterr().err == line + "\n"


def test_debug_lets_the_traceback_through() -> None:
    with pytest.raises(UserError):
        run(command(raising(UserError("no"))), ["--debug"])


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(command(raising(ZeroDivisionError())), [])


def test_success_is_0_and_an_option_that_is_not_there_is_2_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(command(lambda _: 0), []) == 0
    assert run(command(lambda _: 0), ["--nonsense"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "no such option: --nonsense" in line


def test_an_interrupt_while_the_command_is_still_loading_is_reported_alike(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def build() -> Parser:
        raise KeyboardInterrupt

    assert run(build, []) == 130
    assert capsys.readouterr().err == "stopped\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--bars", "x"], "tool: argument --bars: invalid int value: 'x'; see --help"),
        (["--bar", "3"], "tool: no such option: --bar; --help shows those of a command"),
    ],
)
def test_a_wrong_value_or_half_an_option_is_one_line(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with suppress(SystemExit):
        assert run(command(lambda _: 0), arguments) == 2
    assert capsys.readouterr().err == line + "\n"


def test_what_modules_log_is_a_line_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(2):  # a second call adds no second line
        log_to_stderr()
    logging.getLogger("firmware.supervisor.supervisor").error("the %s died", "player")
    assert capsys.readouterr().err == "the player died\n"


PROGRAMS = (
    pytest.param(firmware.__main__.main, "firmware", id="firmware"),
    pytest.param(trainer.__main__.main, "trainer", id="trainer"),
    pytest.param(deploy.__main__.main, "deploy", id="deploy"),
)


@pytest.mark.parametrize(("main", "name"), PROGRAMS)
def test_every_program_says_its_version(
    main: Callable[[list[str]], int], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{name} {__version__}\n"


@pytest.mark.parametrize(("main", "name"), PROGRAMS)
def test_a_program_without_a_command_prints_its_help(
    main: Callable[[list[str]], int], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.startswith(f"usage: {name} ")


@pytest.mark.parametrize(
    ("main", "group"),
    [(firmware.__main__.main, "calibrate"), (trainer.__main__.main, "dataset")],
)
def test_a_group_without_a_command_prints_its_help(
    main: Callable[[list[str]], int], group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([group]) == 0
    assert f" {group} " in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("loop \x1b[2J.wav", r"loop \x1b[2J.wav"),
        ("a\udcff.wav", r"a\udcff.wav"),
        ("\x9b31m\r\x7f", r"\x9b31m\x0d\x7f"),
        ("Köln\té\n", "Köln\té\n"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(
    text: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    base.say(text)
    base.show(text)
    assert capsys.readouterr() == (f"{shown}\n", f"{shown}\n")
