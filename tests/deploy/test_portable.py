"""What a laptop needs loads where the system has no flock, no terminals and no Unix sockets."""

import subprocess
import sys
from pathlib import Path

import pytest

from firmware.storage.paths import Home, InstalledBundle
from tests.deploy.server import Sshd

BLOCKED = """
import importlib, socket, sys
for name in ("fcntl", "termios", "pwd", "grp", "resource"):
    sys.modules[name] = None
del socket.AF_UNIX
main = importlib.import_module(sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
"""


@pytest.mark.parametrize(
    "modules",
    [
        ("deploy.__main__", "deploy.client.commands", "deploy.client.push"),
        ("trainer.__main__", "trainer.cli.train", "trainer.cli.loops", "trainer.cli.models"),
        ("trainer.studio.server", "trainer.studio.work", "trainer.cli.studio"),
        ("trainer.data.project_file", "trainer.pipeline.train_kit"),
    ],
)
def test_it_loads_without_what_only_unix_has(modules: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", BLOCKED, *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


PUSH = (
    BLOCKED.replace("for name in sys.argv[2:]", "for name in ()")
    + "sys.exit(main.main(sys.argv[2:]))"
)


def test_a_push_over_ssh_without_them(sshd: Sshd, home: Home, bass: Path) -> None:
    sshd.serve(home)
    command = [sys.executable, "-c", PUSH, "deploy.__main__", "push", str(bass), "root@module"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=sshd.environment
    )
    assert done.returncode == 0, done.stderr
    assert home.current_bundle() == InstalledBundle(1, "bass")
