"""A machine that a test boots, reaches by ssh as a laptop would, and switches off."""

import os
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from tests.deploy.booted.userland import ADMIN

SSH_CONFIG = """
Host module
  HostName 127.0.0.1
  HostKeyAlias module
  User {admin}
  IdentityFile {folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile none
"""

SSH = """#!/bin/sh
exec {prefix} /usr/bin/ssh -F {folder}/config "$@"
"""


class Machine(ABC):
    """A machine whose console and keys are in a folder of the laptop's; `start` boots it.

    `slowness` is how many times longer than a container it takes for anything.
    """

    slowness = 1.0
    boot_s = 60.0
    connect_s = 5

    def __init__(self, folder: Path) -> None:
        """Take a folder that has `key`, a private key, and `known_hosts`."""
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "bin").mkdir()

    def start(self) -> None:
        """Boot; return when sshd answers."""
        with (self._folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
        deadline_s = time.monotonic() + self.boot_s
        while not self._answers():
            if time.monotonic() > deadline_s or self._process.poll() is not None:
                self.cut_power()
                raise AssertionError(self.console())
            time.sleep(0.1)

    @abstractmethod
    def cut_power(self) -> None:
        """End it at once, whatever it does."""

    @abstractmethod
    def run(self, script: str, *, check: bool = True) -> str:
        """Run a shell script in it as root; return what it printed."""

    def ssh(self, host: str, command: str) -> str:
        """Run a command by ssh as another would; return all it printed."""
        done = subprocess.run(
            ["ssh", "-o", "BatchMode=yes", host, command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def console(self) -> str:
        """Return what it has printed on its console."""
        return (self._folder / "console").read_text(errors="replace")

    @property
    def environment(self) -> dict[str, str]:
        """What makes `ssh` reach it by the name `module`."""
        return {**os.environ, "PATH": f"{self._folder / 'bin'}:{os.environ['PATH']}"}

    @abstractmethod
    def _command(self) -> list[str]:
        """Return the program that is the machine, with its arguments."""

    @abstractmethod
    def _reachable(self) -> bool:
        """Write the ssh that reaches it; tell whether it has come so far."""

    def _answers(self) -> bool:
        if not self._reachable():
            return False
        done = subprocess.run(
            ["ssh", "-o", f"ConnectTimeout={self.connect_s}", "module", "true"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    def _write_ssh(self, *, prefix: str = "", options: str = "") -> None:
        """Write an ssh that reaches it, and the configuration of that."""
        config = SSH_CONFIG.format(admin=ADMIN, folder=self._folder)
        (self._folder / "config").write_text(config + options)
        ssh = self._folder / "bin" / "ssh"
        ssh.write_text(SSH.format(prefix=prefix, folder=self._folder))
        ssh.chmod(0o755)
