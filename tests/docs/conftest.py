"""A scratch folder for each page's commands, filled once for all of them."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS
from tests.test_boundaries import ROOT
from trainer.__main__ import main

_TRAINER = """#!{python}
# The trainer, with a training that is too short to be good, as only what it does is tested.
import sys
from trainer.__main__ import main
words = sys.argv[1:]
if words[:1] == ["train"] and "--pick" not in words:
    words += ["--steps", "60"]
sys.exit(main(words))
"""


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory, bundle_folder: Path) -> Path:
    """Loops, a dataset, projects and kits, as the pages' readers have them."""
    folder = tmp_path_factory.mktemp("stocked")
    loops = folder / "loops"
    assert main(["demo-loops", str(loops), "--count", "35"]) == 0
    for number, path in enumerate(sorted(loops.rglob("*.wav"))[:3]):
        shutil.copy(path, loops / ("amen.wav", "pad_1.wav", "pad_2.wav")[number])
        path.unlink()
    shutil.copy(sorted((loops / "kick").glob("*.wav"))[0], loops / "kick" / "kick01.wav")
    sorted((loops / "kick").glob("*.wav"))[1].unlink()
    assert main(["encode", str(loops), "-o", str(folder / "dataset.npz")]) == 0
    assert main(["encode", str(loops), "--project", str(folder / "yours")]) == 0
    for name in ("kit", "drums", "bass"):
        shutil.copytree(bundle_folder, folder / name)
        manifest = folder / name / "manifest.json"
        text = manifest.read_text("utf-8")
        manifest.write_text(text.replace('"name": "demo"', f'"name": "{name}"', 1), "utf-8")
    shutil.copytree(DOCS / "reference" / "kit-vectors", folder / "kit-vectors")
    return folder


@pytest.fixture
def scratch(stocked: Path, tmp_path: Path) -> Path:
    """A copy of all that, in a folder that also looks like the checkout."""
    folder = tmp_path / "scratch"
    shutil.copytree(stocked, folder)
    shutil.copytree(stocked / "kit", folder / "out" / "kit")
    for path in ROOT.iterdir():
        if path.name not in {"out", "build", ".git"}:
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def environment(scratch: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a reader: an own home, and the programs on PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "trainer").write_text(_TRAINER.format(python=sys.executable))
    (programs / "trainer").chmod(0o755)
    home = tmp_path / "home"
    (home / ".local/share/exnihilo").mkdir(parents=True)
    (home / ".local/share/exnihilo/settings.toml").write_text(f"[osc]\nport = {free_port()}\n")
    (home / "loops").symlink_to(scratch / "loops")
    paths = (programs, Path(sys.executable).parent)
    kept = {name: os.environ[name] for name in ("NUMBA_CACHE_DIR",) if name in os.environ}
    return {
        **kept,
        "PATH": os.pathsep.join([*map(str, paths), os.environ["PATH"]]),
        "HOME": str(home),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def run(text: str, cwd: Path, environment: dict[str, str]) -> str:
    """Run a block's lines as a shell would, and stop at the first that fails.

    Return what it printed, on standard output and then on standard error.
    """
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", text],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout + done.stderr
