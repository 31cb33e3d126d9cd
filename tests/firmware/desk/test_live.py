"""`--live` in a real terminal."""

import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firmware.waiting import wait_until

SECONDS = 60.0
WIDTH, HEIGHT = 120, 40


class Terminal:
    """A terminal in which a shell runs, and eyes and hands for it."""

    def __init__(self) -> None:
        self._closed = False
        self._name = f"desk-{uuid.uuid4().hex}"
        # Test runners may say how wide their own terminal is.
        shell = "env -u COLUMNS -u LINES sh"
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        self._tmux("new-session", "-d", "-s", "desk", *size, shell)

    def type(self, *keys: str) -> None:
        self._tmux("send-keys", "-t", "desk", *keys)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-t", "desk", "-p")

    def wait_for(self, pattern: str) -> str:
        def seen() -> str | None:
            screen = self.screen()
            return screen if re.search(pattern, screen) else None

        try:
            return wait_until(seen, SECONDS)
        except AssertionError:
            pytest.fail(f"no {pattern} on\n{self.screen()}")

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-t", "desk", "-x", str(width), "-y", str(height))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._tmux("kill-server")

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ("tmux", "-L", self._name, "-u", *words), check=True, capture_output=True, text=True
        )
        return done.stdout


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    one = Terminal()
    yield one
    one.close()


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def home(tmp_path: Path, port: int) -> Path:
    (tmp_path / "settings.toml").write_text(f"[osc]\nport = {port}\n", "utf-8")
    return tmp_path


def command(bundle: Path, home: Path) -> str:
    return f"{sys.executable} -m firmware sim {bundle} --live --home {home} --sound none"


def test_the_panel_plays_is_played_and_leaves_the_terminal_as_it_was(
    terminal: Terminal, bundle_folder: Path, home: Path
) -> None:
    terminal.type(command(bundle_folder, home) + "; echo left $?; stty -a", "Enter")
    screen = terminal.wait_for(r"plays .* demo")
    assert "▶ X" in screen
    terminal.wait_for(r"1 [·▁▂▃▄▅▆▇█ ]*[▃▄▅▆▇█]")
    terminal.type("Right", "Right", "Right", "Down", ".")
    terminal.wait_for(r"X .* 53 %")
    terminal.wait_for(r"▶ Y .* 60 %")
    terminal.type("1")
    terminal.wait_for(r"1 [·▁▂▃▄▅▆▇█ ]+ mute")
    terminal.type("Space")
    terminal.wait_for(r"stopped .* demo")
    terminal.type("q")
    screen = terminal.wait_for(r"left 0")
    terminal.wait_for(r"[^-]icanon")
    assert "▶" not in screen


def test_a_small_terminal_shows_what_fits_and_the_way_out(
    terminal: Terminal, bundle_folder: Path, home: Path
) -> None:
    terminal.type(command(bundle_folder, home) + "; echo left $?", "Enter")
    terminal.wait_for(r"plays .* demo")
    terminal.resize(60, 18)
    wait_until(lambda: "▶ X" not in terminal.screen(), SECONDS)
    terminal.wait_for(r"\? help  q quit(?s:.*)1 [·▁▂▃▄▅▆▇█ ]*[▃▄▅▆▇█]")
    terminal.type("?")
    terminal.wait_for(r"panic: silence everything")
    terminal.type("Escape")
    terminal.wait_for(r"1 [·▁▂▃▄▅▆▇█ ]*[▃▄▅▆▇█]")
    terminal.type("q")
    terminal.wait_for(r"left 0")


def test_nothing_plays_on_when_the_terminal_is_closed(
    terminal: Terminal, bundle_folder: Path, home: Path, port: int
) -> None:
    terminal.type(command(bundle_folder, home), "Enter")
    terminal.wait_for(r"plays ")
    assert not is_free(port)
    terminal.close()
    wait_until(lambda: is_free(port), SECONDS)


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def test_a_taken_port_is_reported_in_a_line(
    terminal: Terminal, bundle_folder: Path, home: Path, port: int
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", port))
        terminal.type("clear; " + command(bundle_folder, home) + "; echo left $?", "Enter")
        screen = terminal.wait_for(r"left 1")
    assert f"OSC port {port}: Address already in use" in " ".join(screen.split())


def test_without_a_terminal_it_says_so(bundle_folder: Path, home: Path) -> None:
    done = subprocess.run(
        command(bundle_folder, home).split(), check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "needs a terminal" in done.stderr
