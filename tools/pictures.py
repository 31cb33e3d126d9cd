"""The pictures of README, site and manual, made from the real programs.

    make pictures

makes them from the demo's loops and kit, and `python -m tools.pictures NAME` one of them.
`docs/pictures/made.json` says from what each was made, by hash: a test says when one is stale.
Those of the boards and of Rack need programs that Debian does not package: `board_pictures.py`
and `window_pictures.py` say which.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from firmware.storage.files import write_whole
from tools.board_pictures import boards_picture
from tools.studio_picture import studio_picture
from tools.window_pictures import patch_picture, rack_picture

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
MADE = FOLDER / "made.json"
LOOPS, KIT, SIM = (ROOT / "out" / name for name in ("loops", "kit", "sim"))


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


_BOARDS = ("hardware/pcb/*/*.kicad_pcb",)
_PATCH = ("pd/exnihilo.pd", "pd/exnihilo-*.pd")
_RACK = tuple(
    f"pd/vcv/plugin/{name}"
    for name in ("res/*", "src/layout.h", "src/display.cpp", "src/*widget*.cpp")
)
_STUDIO = (
    *("trainer/studio/page/index.html", "trainer/studio/page/style.css"),
    *("trainer/studio/page/*-drawing.js", "trainer/report/page/*-drawing.js"),
)

PICTURES = {
    "boards.png": Picture(boards_picture, _BOARDS),
    "map.png": Picture(_map, ("trainer/report/pictures.py", "trainer/report/views.py")),
    "patterns.png": Picture(_patterns, ("firmware/desk/export.py",)),
    "pd.png": Picture(partial(patch_picture, KIT), _PATCH),
    "rack-module.png": Picture(partial(rack_picture, KIT), _RACK),
    "studio.png": Picture(partial(studio_picture, LOOPS, KIT), _STUDIO),
}


if __name__ == "__main__":
    main()
