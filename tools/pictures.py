"""The pictures of README, site and manual, made from the real programs.

    make pictures

makes them from the demo's loops and kit. `docs/pictures/made.json` says from what each was
made, by hash: a test says when one is stale.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from firmware.storage.files import write_whole

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
MADE = FOLDER / "made.json"
LOOPS, KIT, SIM = (ROOT / "out" / name for name in ("loops", "bundle", "sim"))
_FIELD, _EMPTY = (24, 96, 236, 308), 250
"""The patch's map, which is drawn cell by cell, and how green it is until then."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: what makes it, and the files that decide how it looks, as patterns."""

    make: Callable[[], bytes]
    inputs: tuple[str, ...]


def main() -> None:
    """Make the pictures that the command line names, or all."""
    made = json.loads(MADE.read_text("utf-8")) if MADE.exists() else {}
    for name in sys.argv[1:] or PICTURES:
        write_whole(FOLDER / name, PICTURES[name].make())
        made[name] = digest(PICTURES[name])
    write_whole(MADE, (json.dumps(made, indent=1, sort_keys=True) + "\n").encode())


def digest(picture: Picture) -> str:
    """Return the hash of a picture's inputs: their paths and contents."""
    whole = hashlib.sha256()
    for path in sorted(path for pattern in picture.inputs for path in ROOT.glob(pattern)):
        whole.update(path.relative_to(ROOT).as_posix().encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _map() -> bytes:
    from trainer.report.pictures import map_picture  # noqa: PLC0415 - slow to load
    from trainer.report.views import views_of_bundle  # noqa: PLC0415

    return map_picture(views_of_bundle(KIT)[1])


def _patterns() -> bytes:
    return (SIM / "patterns.png").read_bytes()


def _patch() -> bytes:
    """Show the patch beside a module that plays."""
    with virtual_screen() as display, TemporaryDirectory() as folder:
        environment = os.environ | {"DISPLAY": display}
        find = ("xdotool", "search", "--sync", "--onlyvisible", "--name", "exnihilo.pd")
        push = ("-m", "deploy", "push", KIT, "--local", folder)
        subprocess.run((sys.executable, *push), check=True, capture_output=True)
        run = ("-m", "firmware", "run", "--simulated", "--home", folder)
        pd = ("pd", "-noaudio", "-nomidi", ROOT / "pd" / "exnihilo.pd")
        with _program(sys.executable, *run), _program(*pd, environment=environment):
            found = subprocess.run(find, env=environment, capture_output=True, check=True)
            window = found.stdout.split()[0].decode()
            shoot = ("import", "-window", window, "-strip", "png:-")
            before = b""
            while True:
                shot = subprocess.run(shoot, env=environment, capture_output=True, check=True)
                picture = Image.open(BytesIO(shot.stdout)).convert("RGB")
                field = picture.crop(_FIELD).tobytes()
                if max(field[1::3]) < _EMPTY and field == before:
                    return shot.stdout
                before = field


@contextmanager
def _program(*words: str | Path, environment: dict[str, str] | None = None) -> Iterator[None]:
    """Run a program beside what follows, and stop it afterwards."""
    with subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def virtual_screen() -> Iterator[str]:
    """Give the name of a screen that nobody sees, for programs with a window."""
    reading, writing = os.pipe()
    command = ("Xvfb", "-displayfd", str(writing), "-screen", "0", "1100x760x24")
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as said:
            yield f":{said.readline().strip()}"
        server.terminate()


PICTURES = {
    "map.png": Picture(_map, ("trainer/report/pictures.py", "trainer/report/views.py")),
    "patterns.png": Picture(_patterns, ("firmware/desk/export.py",)),
    "pd.png": Picture(_patch, ("pd/exnihilo.pd", "pd/exnihilo-*.pd")),
}


if __name__ == "__main__":
    main()
