"""Real bundles, real homes, a real sshd on the loopback and a firmware that answers."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from firmware.bundle import Manifest, read_manifest, stored_file, write_bundle
from firmware.home import Home

HERE = Path(__file__).parent
PYTHON = sys.executable


@pytest.fixture(scope="session")
def trained(pytestconfig: pytest.Config) -> Path:
    """Two bundles, made once and kept in pytest's cache."""
    folder = pytestconfig.cache.mkdir("deploy-bundles") / "1"
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


@dataclass(frozen=True)
class Sshd:
    """A server that lets one key run the receiver of one home, as a module does."""

    folder: Path
    port: int
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """What makes `ssh` use this server's keys and know it by the name `module`."""
        return {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}

    def serve(self, home: Home) -> None:
        """Let the next connections reach this home."""
        self.run_instead(f"exec {PYTHON} -I -m deploy.receive --home {home.root}")

    def run_instead(self, command: str) -> None:
        """Let the next connections run this command of a shell."""
        (self.folder / "receiver").write_text(f"#!/bin/sh\n{command}\n")


SSHD_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
"""

SSH_CONFIG = """
Host module other.local
  HostName 127.0.0.1
  Port {port}
  HostKeyAlias module
  User {user}
  IdentityFile {folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile none
Host nowhere
  HostName 127.0.0.1
  Port 1
"""


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    folder = tmp_path_factory.mktemp("sshd")
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout
    for name in ("host_key", "key"):
        _keygen(folder / name)
    public = (folder / "key.pub").read_text()
    (folder / "authorized_keys").write_text(f'restrict,command="{folder}/receiver" {public}')
    (folder / "receiver").touch(0o755)
    (folder / "bin").mkdir()
    (folder / "bin" / "ssh").write_text(
        f'#!/bin/sh\nexec /usr/bin/ssh -F {folder}/config "$@"\n'
    )
    (folder / "bin" / "ssh").chmod(0o755)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    process, port = _start_sshd(folder)
    (folder / "config").write_text(
        SSH_CONFIG.format(port=port, folder=folder, user=user.strip())
    )
    host_public = (folder / "host_key.pub").read_text()
    (folder / "known_hosts").write_text(f"module {host_public}")
    yield Sshd(folder, port, process.pid)
    process.terminate()
    process.wait()
    if process.stderr:
        process.stderr.close()


def _keygen(path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)


def _start_sshd(folder: Path) -> tuple[subprocess.Popen[str], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "sshd_config").write_text(SSHD_CONFIG.format(port=port, folder=folder))
    log = folder / "log"
    process = subprocess.Popen(
        ["/usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd_config"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    for text in process.stderr:
        if "listening" in text:
            break
    else:
        pytest.fail(f"sshd did not start; see {log}")
    return process, port


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
