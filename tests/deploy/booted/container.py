"""A userland in a container that is booted, reached by ssh, switched off, booted again."""

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.deploy.booted.machine import Machine
from tests.deploy.booted.userland import ADMIN


class Container(Machine):
    """A root, run by systemd-nspawn in a network of its own."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Use a root that nothing else uses, and keep keys in a new folder."""
        folder.mkdir()
        super().__init__(folder)
        self.root = root
        self.options: tuple[str, ...] = ()
        self._leader = 0
        self._make_keys()

    def cut_power(self) -> None:
        """End every process of it at once."""
        assert self._process
        if self._leader:
            os.kill(self._leader, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()
        self._leader = 0

    def wait_for_restart(self, seconds: float) -> None:
        """Wait until it has restarted by itself and sshd answers again.

        Where `/run` is on a disk, systemd-nspawn ends rather than start it again.
        """
        assert self._process
        leader, deadline_s = self._leader, time.monotonic() + seconds
        while self._process.poll() is None:
            if self._answers() and self._leader != leader:
                return
            assert time.monotonic() < deadline_s, self.console()
            time.sleep(0.3)
        self.start()

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

    def _command(self) -> list[str]:
        return [
            *("systemd-nspawn", "--quiet", "--boot", f"--directory={self.root}"),
            # A name of its own, for others may boot one at the same time.
            *(
                f"--machine=exnihilo-{os.getpid()}",
                "--keep-unit",
                "--register=no",
                "--private-network",
            ),
            # As on a Pi: the service's own limits, and nothing else, bound it.
            *("--capability=all", "--rlimit=RTPRIO=infinity", "--rlimit=MEMLOCK=infinity"),
            *("--console=pipe", "--kill-signal=SIGRTMIN+3"),
            *self.options,
        ]

    def _reachable(self) -> bool:
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        leaders = children.read_text().split()
        if leaders:
            self._leader = int(leaders[0])
            self._write_ssh(prefix=f"nsenter --net=/proc/{self._leader}/ns/net")
        return bool(leaders)

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
