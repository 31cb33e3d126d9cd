"""A real server on a project of its own, and a real Chromium that may reach nothing else."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.trainer.studio.kits import copied
from trainer.__main__ import main
from trainer.data.demo_loops import write_demo_loops
from trainer.data.project_file import load

READY_S = 240
TRAINED_MS = 900_000
"""Long: on a busy machine the worker, which yields to all else, gets little of it."""

expect.set_options(timeout=READY_S * 1000)
LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass
class Server:
    """A server that runs, and where its project is."""

    address: str
    project: Path
    process: "subprocess.Popen[str]"

    def kill(self) -> None:
        """End it as a power cut does, with all that it started."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(READY_S)


Start = Callable[..., Server]


@pytest.fixture(scope="session")
def demo_loops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of 28 loops; only to be read."""
    folder = tmp_path_factory.mktemp("loops")
    write_demo_loops(folder, 28, 1, lambda _event: None)
    return folder


@contextmanager
def servers(folder: Path) -> Iterator[Start]:
    """Start servers that keep what is theirs in a folder; they end with the context."""
    environment = {
        **os.environ,
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    with ExitStack() as stack:

        def run(*arguments: object) -> Server:
            process = stack.enter_context(
                subprocess.Popen(
                    [
                        *(sys.executable, "-m", "trainer", "studio", "--no-open"),
                        *map(str, arguments),
                    ],
                    stderr=subprocess.PIPE,
                    text=True,
                    env=environment,
                )
            )
            stack.callback(process.kill)
            assert process.stderr
            for line in process.stderr:
                found = re.search(r"the studio of (.+) is at (http://\S+)", line)
                if found:
                    return Server(found[2], Path(found[1]), process)
            raise AssertionError("the server ended")

        yield run


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start servers; they end with the test."""
    with servers(tmp_path) as start:
        yield start


@pytest.fixture(scope="session")
def shared(
    tmp_path_factory: pytest.TempPathFactory, demo_loops: Path, kit: Path
) -> Iterator[Server]:
    """Give a server for all tests that change nothing but where the page stands."""
    folder = tmp_path_factory.mktemp("shared")
    assert main(["encode", str(demo_loops), "--project", str(folder / "mine")]) == 0
    copied(kit, folder / "mine" / "trainings" / "1")
    with servers(folder) as start:
        yield start(folder / "mine")


@dataclass
class Visit:
    """A page of the studio, and what went wrong in it."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def open(self, server: Server) -> Page:
        self.page.goto(server.address)
        self.page.wait_for_selector("body[data-ready]", timeout=READY_S * 1000)
        return self.page


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Give a new browser window; the test fails on any request that leaves this machine, on
    any error of a script and on anything that the content policy refuses."""
    context = chromium.new_context(accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(READY_S * 1000)
    found = Visit(page)

    def check(route: Route) -> None:
        if urlsplit(route.request.url).hostname in LOOPBACK:
            route.continue_()
        else:
            found.errors.append(f"a request to {route.request.url}")
            route.abort()

    context.route(lambda url: not url.startswith(("data:", "blob:")), check)
    page.on("pageerror", lambda error: found.errors.append(f"{error} {error.stack}"))
    page.on(
        "console",
        lambda message: (
            found.errors.append(message.text)
            if "Content Security Policy" in message.text
            else None
        ),
    )
    yield found
    context.close()
    assert found.errors == []


@pytest.fixture
def project(tmp_path: Path, demo_loops: Path) -> Path:
    """Give a project of 28 loops that were analysed."""
    folder = tmp_path / "mine"
    assert main(["encode", str(demo_loops), "--project", str(folder), "--no-cache"]) == 0
    assert len(load(folder).loops) == 28
    return folder
