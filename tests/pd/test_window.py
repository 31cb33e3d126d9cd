"""The patch in a real window, moved with the mouse."""

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from pd.field_logic import SIDE
from pd.window import FIELD
from tests.firmware.waiting import wait_until
from tests.pd.live import Module, Teller, Window, wait_for_value
from tests.pd.patches import running_patch

TITLE = "exnihilo.pd"
FIELD_AT = (20, 60)
RESET_AT, RUN_AT, DIVISION_AT = (101, 351), (31, 351), (460, 321)
HALF = FIELD // 2


@pytest.fixture
def display() -> Iterator[str]:
    """Return a screen that nobody sees."""
    reading, writing = os.pipe()
    command = ("Xvfb", "-displayfd", str(writing), "-screen", "0", "1100x760x24")
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as said:
        number = said.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


class Mouse:
    """A hand in the patch's window."""

    def __init__(self, display: str) -> None:
        self._environment = dict(os.environ, DISPLAY=display)
        self._origin = wait_until(self._find)
        self._at: tuple[int, int] | None = None

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self._to(start)
        self._do("mousedown", "1")
        middle = ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
        for place in (middle, end):
            self._to(place)
        self._do("mouseup", "1")

    def click(self, place: tuple[int, int]) -> None:
        self._to(place)
        self._do("click", "1")

    def colour(self, place: tuple[int, int]) -> str:
        """Return the colour of a pixel."""
        x, y = (o + p for o, p in zip(self._origin, place, strict=True))
        command = ("import", "-window", "root", "-crop", f"1x1+{x}+{y}", "txt:-")
        shown = subprocess.run(
            command, check=True, env=self._environment, capture_output=True, text=True
        )
        return shown.stdout.split()[-1]

    def _to(self, place: tuple[int, int]) -> None:
        if place == self._at:
            # xdotool would wait in vain for the mouse to move.
            return
        self._at = place
        x, y = (o + p for o, p in zip(self._origin, place, strict=True))
        self._do("mousemove", "--sync", str(x), str(y))

    def _do(self, *words: str) -> str:
        done = subprocess.run(
            ("xdotool", *words),
            check=False,
            env=self._environment,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def _find(self) -> tuple[int, int] | None:
        """Find where the patch begins: the canvas is the biggest part of its window."""
        windows = self._do("search", "--onlyvisible", "--name", TITLE).split()
        if not windows:
            return None
        # Newer versions of Pd open the last patch below the others.
        self._do("windowraise", windows[-1])
        shape = dict(
            line.split("=")
            for line in self._do("getwindowgeometry", "--shell", windows[-1]).splitlines()
        )
        return int(shape["X"]), int(shape["Y"]) + MENU


MENU = 32


def test_the_field_is_dragged_and_buttons_are_pressed(
    module: Module, tmp_path: Path, display: str
) -> None:
    with running_patch(tmp_path, module.port, display=display) as tap:
        Window(tap).wait_until_there(there=True)
        wait_for_value(module, "/voice/1/x", 0.5)
        mouse = Mouse(display)
        centre = (FIELD_AT[0] + HALF, FIELD_AT[1] + HALF)
        mouse.drag(centre, (centre[0] + HALF // 2, centre[1] - HALF // 2))
        for name in ("/voice/1/x", "/voice/1/y"):
            wait_until(partial(is_near, module, name, 0.75))
        mouse.click(RUN_AT)
        wait_for_value(module, "/run", 0)
        assert complaints(tmp_path) == []


def test_the_field_shows_the_map_and_the_loops_of_the_selected_voice(
    teller: Teller, tmp_path: Path, display: str
) -> None:
    with running_patch(tmp_path, teller.port, display=display):
        mouse = Mouse(display)
        teller.hear("/subscribe")
        teller.tell("/hello", "1", 3)
        teller.hear("/unsubscribe")
        bare = mouse.colour(in_field(2, 13))
        dense = ["0"] * SIDE * SIDE
        dense[13 * SIDE + 2] = "9"
        teller.tell("/voice/2/map", "9" * SIDE * SIDE)
        teller.tell("/voice/1/map", "".join(dense))
        teller.tell("/voice/1/loops", 0.78125, 0.21875)
        wait_until(lambda: mouse.colour(in_field(2, 13)) != bare)
        assert mouse.colour(in_field(3, 13)) == mouse.colour(in_field(2, 12))
        wait_until(lambda: mouse.colour(in_field(12, 3)) != mouse.colour(in_field(13, 3)))
        assert complaints(tmp_path) == []


def complaints(folder: Path) -> list[str]:
    """Return what Pd wrote, but for how long it waited for its own window (0.55)."""
    lines = (folder / "pd.log").read_text().splitlines()
    return [line for line in lines if not line.startswith("netsend/netreceive: blocked")]


def in_field(column: int, row: int) -> tuple[int, int]:
    """Return the middle of a cell of the map."""
    across, up = ((2 * n + 1) * FIELD // (2 * SIDE) for n in (column, row))
    return FIELD_AT[0] + across, FIELD_AT[1] + FIELD - up


def test_divisions_are_dragged_across_those_that_do_not_exist(
    module: Module, tmp_path: Path, display: str
) -> None:
    with running_patch(tmp_path, module.port, display=display) as tap:
        Window(tap).wait_until_there(there=True)
        wait_for_value(module, "/voice/1/division", 1)
        mouse = Mouse(display)
        x, y = DIVISION_AT
        # A pixel at a time, because motions that follow each other may become one.
        for down, division in ((1, -2), (1, -3), (-1, -2), (-1, 1), (-1, 2)):
            mouse.drag(DIVISION_AT, (x, y + down))
            wait_for_value(module, "/voice/1/division", division)


def is_near(module: Module, name: str, wanted: float) -> bool:
    (value,) = module.listen()[name]
    return value == pytest.approx(wanted, abs=0.03)
