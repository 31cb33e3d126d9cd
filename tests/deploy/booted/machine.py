"""A userland that is booted, reached by ssh, switched off, and booted again."""

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.deploy.booted.userland import ADMIN

BOOT_S = 60.0

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


class Machine:
    """A root, run by systemd-nspawn in a network of its own."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Use a root that nothing else uses, and keep keys in a folder; `start` boots it."""
        self.root = root
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0
        folder.mkdir()
        self._make_keys()

    def start(self) -> None:
        """Boot; return when sshd answers."""
        self._process = subprocess.Popen(
            [
                *("systemd-nspawn", "--quiet", "--boot", f"--directory={self.root}"),
                *("--machine=exnihilo", "--keep-unit", "--register=no", "--private-network"),
                # As on a Pi: the service's own limits, and nothing else, bound it.
                *("--capability=all", "--rlimit=RTPRIO=infinity", "--rlimit=MEMLOCK=infinity"),
                *("--console=pipe", "--kill-signal=SIGRTMIN+3"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=(self._folder / "console").open("ab"),
            stderr=subprocess.STDOUT,
        )
        deadline_s = time.monotonic() + BOOT_S
        while not self._answers():
            assert time.monotonic() < deadline_s, (self._folder / "console").read_text()
            assert self._process.poll() is None, (self._folder / "console").read_text()
            time.sleep(0.1)

    def cut_power(self) -> None:
        """End every process of it at once."""
        assert self._process
        os.kill(self._leader, signal.SIGKILL)
        self._process.wait()

    def run(self, script: str, *, check: bool = True) -> str:
        """Run a shell script in it as root; return what it printed."""
        done = subprocess.run(
            ["nsenter", "--all", f"--target={self._leader}", "sh", "-c", script],
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

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

    @property
    def environment(self) -> dict[str, str]:
        """What makes `ssh` reach it by the name `module`."""
        return {**os.environ, "PATH": f"{self._folder / 'bin'}:{os.environ['PATH']}"}

    def _answers(self) -> bool:
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        leaders = children.read_text().split()
        if not leaders:
            return False
        self._leader = int(leaders[0])
        self._write_ssh()
        done = subprocess.run(
            ["ssh", "-o", "ConnectTimeout=5", "module", "true"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    def _make_keys(self) -> None:
        key = self._folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        home = self.root / "home" / ADMIN
        (home / ".ssh").mkdir(mode=0o700, exist_ok=True)
        (home / ".ssh" / "authorized_keys").write_bytes((key.with_suffix(".pub")).read_bytes())
        owner = home.stat()
        for path in (home / ".ssh", home / ".ssh" / "authorized_keys"):
            os.chown(path, owner.st_uid, owner.st_gid)
        host_key = (self.root / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
        (self._folder / "known_hosts").write_text(f"module {host_key}")
        (self._folder / "config").write_text(
            SSH_CONFIG.format(admin=ADMIN, folder=self._folder)
        )
        (self._folder / "bin").mkdir()

    def _write_ssh(self) -> None:
        """An ssh that works from inside of its network."""
        ssh = self._folder / "bin" / "ssh"
        network = f"nsenter --net=/proc/{self._leader}/ns/net"
        ssh.write_text(
            f'#!/bin/sh\nexec {network} /usr/bin/ssh -F {self._folder}/config "$@"\n'
        )
        ssh.chmod(0o755)
