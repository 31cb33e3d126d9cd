"""Real bundles, real homes, a real sshd on the loopback and a firmware that answers."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from firmware.bundle.bundle import read_manifest, write_bundle
from firmware.bundle.manifest import Manifest, stored_file
from firmware.storage.paths import Home
from tests.deploy.server import Sshd, running_sshd

HERE = Path(__file__).parent
PYTHON = sys.executable


@pytest.fixture(scope="session")
def trained(pytestconfig: pytest.Config) -> Path:
    """Two bundles, made once and kept in pytest's cache."""
    folder = pytestconfig.cache.mkdir("deploy-bundles") / "5"
    if not folder.is_dir():
        part = Path(tempfile.mkdtemp(dir=folder.parent))
        subprocess.run(
            [PYTHON, HERE / "make_bundles.py", part], check=True, capture_output=True
        )
        if not folder.exists():
            part.rename(folder)
    return folder


@pytest.fixture(scope="session")
def drums(trained: Path) -> Path:
    """Three voices, int16x8."""
    return trained / "drums"


@pytest.fixture(scope="session")
def bass(trained: Path) -> Path:
    """One voice, float32."""
    return trained / "bass"


Variant = Callable[..., Path]


@pytest.fixture
def variant(drums: Path, tmp_path: Path) -> Variant:
    """Make another bundle of the drums: `variant(seed=2)`, `variant(ballast_bytes=9)`."""

    def make(folder: str = "variant", ballast_bytes: int = 0, **changes: Any) -> Path:
        manifest: Manifest = replace(read_manifest(drums), **changes)
        contents = {voice.file: (drums / voice.file).read_bytes() for voice in manifest.voices}
        if ballast_bytes:
            data = os.urandom(ballast_bytes)
            manifest = replace(manifest, extras=(stored_file("report.html", data),))
            contents["report.html"] = data
        write_bundle(tmp_path / folder, manifest, contents)
        return tmp_path / folder

    return make


@pytest.fixture
def home() -> Iterator[Home]:
    """An empty home with a short path, since a socket's may hold only 107 bytes."""
    root = Path(tempfile.mkdtemp(prefix="xn"))
    yield Home(root)
    shutil.rmtree(root)


Firmware = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def firmware() -> Iterator[Firmware]:
    """Start a firmware on a home; it has said `ready` when this returns."""
    with ExitStack() as stack:

        def start(home: Home, behaviour: str = "well") -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(
                    [PYTHON, HERE / "stand_in.py", home.root, behaviour],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            assert process.stdout
            for text in process.stdout:
                if text == "ready\n":
                    break
            return process

        yield start


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """One server for all tests."""
    with running_sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@dataclass(frozen=True)
class Done:
    """What the command line said."""

    code: int
    out: str
    err: str

    @property
    def modules(self) -> list[dict[str, Any]]:
        modules: list[dict[str, Any]] = json.loads(self.out)["modules"]
        return modules


Deploy = Callable[..., Done]


@pytest.fixture
def deploy(sshd: Sshd, tmp_path: Path) -> Deploy:
    """Run `deploy` as a person does; settings come from the test's own folder."""
    environment = {**sshd.environment, "XDG_CONFIG_HOME": str(tmp_path / "config")}

    def run(*arguments: object, **more: Any) -> Done:
        done = subprocess.run(
            [PYTHON, "-m", "deploy", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
            **more,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run
