"""Pictures of programs with a window: the patch in Pure Data, the module in VCV Rack."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from PIL import Image

from firmware.instrument.parameters import Key
from pd.vcv.plugin_parameters import keys

ROOT = Path(__file__).parents[1]
_FIELD, _EMPTY = (24, 96, 236, 308), 250
"""The patch's map, which is drawn cell by cell, and how green it is until then."""

_MODULE = (20, 44, 430, 456)
"""Where Rack shows a patch's first module at its usual zoom, with the rails."""
_DISPLAY, _RED = (18, 66, 66, 112), 150
"""The map on the module's display, and how red it is at least."""
_SETTINGS = {"autoCheckUpdates": False, "showTipsOnLaunch": False, "uiTheme": "dark"}


def patch_picture(kit: Path) -> bytes:
    """Show the patch beside a module that plays."""
    with virtual_screen() as display, TemporaryDirectory() as folder:
        push = ("-m", "deploy", "push", kit, "--local", folder)
        subprocess.run((sys.executable, *push), check=True, capture_output=True)
        run = ("-m", "firmware", "run", "--simulated", "--home", folder)
        pd = ("pd", "-noaudio", "-nomidi", ROOT / "pd" / "exnihilo.pd")
        with _program(sys.executable, *run), _program(*pd, environment={"DISPLAY": display}):
            return _shot(display, "exnihilo.pd", _drawn_map)


def _drawn_map(picture: Image.Image) -> bytes | None:
    field = picture.crop(_FIELD).tobytes()
    return field if max(field[1::3]) < _EMPTY else None


def rack_picture(kit: Path) -> bytes:
    """Show the module in Rack, with a kit that plays.

    `RACK_DIR` names a Rack 2 that was built from its sources, which holds its SDK, too.
    """
    rack = Path(os.environ["RACK_DIR"]).resolve()
    plugin = ROOT / "pd" / "vcv" / "plugin"
    build = ("make", "-C", plugin, f"RACK_DIR={rack}")
    subprocess.run(build, check=True, capture_output=True)
    with virtual_screen() as display, TemporaryDirectory() as folder:
        user = Path(folder)
        installed = user / "plugins-lin-x64" / "ExNihilo"
        installed.mkdir(parents=True)
        for name in ("plugin.so", "plugin.json"):
            shutil.copy(plugin / name, installed)
        shutil.copytree(plugin / "res", installed / "res")
        (user / "settings.json").write_text(json.dumps(_SETTINGS), "utf-8")
        (user / "kit.vcv").write_text(json.dumps(rack_patch(kit)), "utf-8")
        command = (rack / "Rack", "-s", rack, "-u", user, user / "kit.vcv")
        screen = {"DISPLAY": display, "LD_LIBRARY_PATH": str(rack)}
        with _program(*command, environment=screen):
            shot = _shot(display, "VCV Rack", _lit_display)
    return _png(Image.open(BytesIO(shot)).convert("RGB").crop(_MODULE))


def rack_patch(kit: Path) -> dict[str, Any]:
    """Return a patch of Rack in which the module runs with a kit."""
    run = list(keys()).index(Key("run"))
    name = {"plugin": "ExNihilo", "model": "ExNihilo", "version": "2.0.0"}
    params = [{"id": run, "value": 1}]
    module = name | {"id": 1, "pos": [0, 0], "params": params, "data": {"kit": str(kit)}}
    return {"version": "2.4.1", "modules": [module], "cables": []}


def _lit_display(picture: Image.Image) -> bytes | None:
    field = picture.crop(_MODULE).crop(_DISPLAY).tobytes()
    return b"" if max(field[0::3]) > _RED else None


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "png", optimize=True)
    return out.getvalue()


def _shot(display: str, title: str, ready: Callable[[Image.Image], bytes | None]) -> bytes:
    """Return a window as PNG, once what `ready` gives is there, twice the same."""
    screen = os.environ | {"DISPLAY": display}
    find = ("xdotool", "search", "--sync", "--onlyvisible", "--name", title)
    found = subprocess.run(find, env=screen, capture_output=True, check=True)
    shoot = ("import", "-window", found.stdout.split()[0].decode(), "-strip", "png:-")
    before = None
    while True:
        shot = subprocess.run(shoot, env=screen, capture_output=True, check=True).stdout
        now = ready(Image.open(BytesIO(shot)).convert("RGB"))
        if now is not None and now == before:
            return shot
        before = now


@contextmanager
def _program(
    *words: str | Path, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[None]:
    """Run a program beside what follows, and stop it afterwards."""
    own = {**os.environ, **environment}
    with subprocess.Popen(words, env=own, stderr=subprocess.DEVNULL) as process:
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
