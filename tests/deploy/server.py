"""A real sshd on the loopback whose one key may run the receiver, as on a module."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firmware.storage.paths import Home

PYTHON = sys.executable


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
        self.run_instead(f"exec {PYTHON} -I -m deploy.receiver.receiver --home {home.root}")

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
Subsystem sftp internal-sftp
MaxStartups 100
"""

SSH_CONFIG = """
Host shell
  IdentityFile {folder}/shell_key
Host module
  IdentityFile {folder}/key
Host module shell
  HostName 127.0.0.1
  Port {port}
  HostKeyAlias module
  User {user}
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile none
Host nowhere
  HostName 127.0.0.1
  Port 1
"""


@contextmanager
def running_sshd(folder: Path) -> Iterator[Sshd]:
    """Run a server with keys and configuration of its own, kept in a folder."""
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout
    for name in ("host_key", "key", "shell_key"):
        _keygen(folder / name)
    public = (folder / "key.pub").read_text()
    shell = (folder / "shell_key.pub").read_text()
    receiver = f'restrict,command="{folder}/receiver" {public}'
    (folder / "authorized_keys").write_text(receiver + shell)
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
    try:
        yield Sshd(folder, port, process.pid)
    finally:
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
        raise RuntimeError(f"sshd did not start with {folder / 'sshd_config'}")
    return process, port
