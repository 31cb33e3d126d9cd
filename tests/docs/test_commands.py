"""Every command of every page runs as it is written, except where a page says why not."""

import os
import pty
import re
import select
import shlex
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from firmware.osc.packet import decode, encode
from tests.docs.conftest import free_port, run
from tests.docs.markdown import DOCS, PAGES, blocks, name_of
from tests.test_boundaries import ROOT
from tools.command_reference import parsers
from tools.window_pictures import virtual_screen

MARKS = {
    "": "runs",
    "needs hardware": "a module, or ssh to one",
    "runs until stopped": "started, seen to work and stopped",
    "run once": "by `.ci/run` itself, as it installs or takes minutes",
    "needs the SDK of Rack": "VCV publishes it, not Debian",
    "takes hours": "the long campaigns",
    "changes the checkout": "for maintainers",
}
CLIENTS = {"supercollider", "ruby", "haskell", "js"}
LANGUAGES = {"sh", "text", "toml", "python", "cpp", "json", *CLIENTS}
OUR_PROGRAMS = ("trainer", "firmware", "deploy")
SECONDS = 120.0
STARTED = "Threshold"
"""What the terminal's front panel shows when it works."""


def pages_with(*marks: str, language: str = "sh") -> list[Path]:
    return [
        page
        for page in PAGES
        if any(one.language == language and one.mark in marks for one in blocks(page))
    ]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_what_it_is_and_how_it_runs(page: Path) -> None:
    for block in blocks(page):
        assert block.language in LANGUAGES, block.text
        assert block.mark in MARKS, block.mark
    assert not re.search(
        r"^    (?:trainer|firmware|deploy|make|pip|ssh) ", page.read_text(), re.M
    )


@pytest.mark.parametrize("page", pages_with("run once"), ids=name_of)
def test_ci_runs_what_is_run_once(page: Path) -> None:
    in_ci = {line.strip() for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()}
    for block in blocks(page):
        if block.mark == "run once":
            for line in block.text.splitlines():
                assert line.split("#")[0].strip() in in_ci, line


@pytest.mark.parametrize("page", pages_with(""), ids=name_of)
def test_commands_run(page: Path, scratch: Path, environment: dict[str, str]) -> None:
    text = "\n".join(one.text for one in blocks(page) if one.language == "sh" and not one.mark)
    printed = run(text, scratch, environment)
    for line in shown_lines(page):
        assert re.search(re.sub(r"\d+", r"\\d+", re.escape(line)), printed), line


def shown_lines(page: Path) -> list[str]:
    """Return what a tutorial shows below its commands; the figures may differ."""
    if page.parent.name != "tutorials":
        return []
    pairs = pairwise(blocks(page))
    texts = [
        after.text
        for before, after in pairs
        if (before.language, before.mark, after.language) == ("sh", "", "text")
    ]
    return [line for text in texts for line in text.splitlines()]


@pytest.mark.parametrize("page", pages_with(*MARKS), ids=name_of)
def test_commands_exist_with_these_options(page: Path) -> None:
    known = parsers()
    for block in blocks(page):
        if block.language != "sh":
            continue
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True) if line.count('"') % 2 == 0 else []
            if words and words[0] in OUR_PROGRAMS:
                _, unknown = known[words[0]].parse_known_args(words[1:])
                assert unknown == [], line


@pytest.fixture
def display() -> Iterator[str]:
    with virtual_screen() as name:
        yield name


@pytest.mark.parametrize("page", pages_with("runs until stopped"), ids=name_of)
def test_programs_run_until_they_are_stopped(
    page: Path, scratch: Path, environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    for block in blocks(page):
        if block.language != "sh" or block.mark != "runs until stopped":
            continue
        program = block.text.split()[0]
        if program == "pd":
            screen = environment | {"DISPLAY": request.getfixturevalue("display")}
            with subprocess.Popen(
                ["bash", "-c", f"exec {block.text}"], cwd=scratch, env=screen
            ):
                run("xdotool search --sync --name exnihilo.pd windowkill", scratch, screen)
        else:
            in_terminal(block.text, scratch, environment)


def in_terminal(command: str, cwd: Path, environment: dict[str, str]) -> None:
    """Start the front panel in a terminal, wait until it shows, and quit it by its key."""
    terminal, child = pty.openpty()
    termios.tcsetwinsize(child, (40, 120))
    with subprocess.Popen(
        ["bash", "-c", command],
        cwd=cwd,
        env=environment,
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
    ) as process:
        os.close(child)
        written = read_terminal(terminal, STARTED)
        assert STARTED in written, written[-2000:]
        os.write(terminal, b"q")
        written += read_terminal(terminal, None)
        os.close(terminal)
        assert process.wait(SECONDS) == 0, written[-2000:]


def read_terminal(terminal: int, word: str | None) -> str:
    """Read a terminal until a word was written, or until its program has ended."""
    written = ""
    end = time.monotonic() + SECONDS
    with suppress(OSError):
        while time.monotonic() < end and (word is None or word not in written):
            if select.select([terminal], [], [], 1.0)[0]:
                written += os.read(terminal, 65536).decode(errors="replace")
    return written


@pytest.mark.parametrize("page", pages_with("", language="python"), ids=name_of)
def test_python_runs(page: Path, scratch: Path, environment: dict[str, str]) -> None:
    for block in blocks(page):
        if block.language == "python" and not block.mark and "import" in block.text:
            run(f"{sys.executable} -c {shlex.quote(block.text)}", scratch, environment)


def test_the_client_subscribes_and_sets_a_value() -> None:
    """The example of a client, on ports of its own."""
    (text,) = [one.text for one in blocks(DOCS / "clients.md") if one.language == "python"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as module:
        module.bind(("127.0.0.1", 0))
        module.settimeout(SECONDS)
        ports = {"9000": str(module.getsockname()[1]), "9003": str(free_port())}
        written = re.sub("9000|9003", lambda found: ports[found[0]], text)
        with subprocess.Popen(
            [sys.executable, "-u", "-c", written], stdout=subprocess.PIPE
        ) as client:
            received = [decode(module.recv(1024))[0] for _ in range(2)]
            assert tuple(one[0] for one in received) == ("/voice/1/x", "/subscribe")
            pattern = encode("/voice/1/pattern", *[1, 0] * 16)
            module.sendto(pattern, ("127.0.0.1", int(ports["9003"])))
            assert client.stdout is not None
            assert client.stdout.readline().startswith(b"(1, 0, 1")
            client.terminate()
