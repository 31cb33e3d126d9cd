"""What ssh says when it cannot, and a push that is cut off on the way."""

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy import ssh
from firmware.bundle.bundle import read_bundle
from firmware.storage.paths import Home, InstalledBundle

# A network that is cut after so many bytes from the laptop, and may take a process with it.
RELAY = """
import os, select, signal, socket, sys
port, left, victim = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
far = socket.create_connection(("127.0.0.1", port))
while True:
    for ready in select.select([0, far], [], [])[0]:
        data = os.read(0, min(4096, left)) if ready == 0 else far.recv(65536)
        if not data:
            sys.exit()
        if ready != 0:
            os.write(1, data)
            continue
        far.sendall(data)
        left -= len(data)
        if left == 0:
            if victim == "laptop":
                os.kill(int(os.environ["LAPTOP"]), signal.SIGKILL)
            elif victim != "network":
                open(victim, "wb").close()
                sys.stdin.buffer.read()
            sys.exit()
"""


@pytest.mark.parametrize(
    ("code", "said", "hint"),
    [
        (255, "@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@", "ssh-keygen -R module"),
        (255, "Host key verification failed.", "connect once"),
        (255, "root@module: Permission denied (publickey).", "ssh-add"),
        (255, "ssh: Could not resolve hostname module: Name or service not known", "network"),
        (255, "ssh: connect to host module port 22: No route to host", "network"),
        (255, "ssh: connect to host module port 22: Connection timed out", "network"),
        (255, "ssh: connect to host module port 22: Connection refused", "ssh enabled"),
        (255, "client_loop: send disconnect: Broken pipe", "try again"),
        (127, "sh: 1: exnihilo-receive: not found", "deploy provision module"),
        (127, "sh: 1: /usr/bin/python3: not found", "deploy provision module"),
        (1, "python: No module named deploy", "deploy provision module"),
        (126, "python: cannot execute binary file: Exec format error", "provision"),
        (-9, "", "ended"),
    ],
)
def test_every_failure_is_one_line_and_says_what_to_do(code: int, said: str, hint: str) -> None:
    line = ssh.explain("root@module", code, f"debug\n{said}\n")
    assert line.startswith("root@module: ")
    assert hint in line
    assert "\n" not in line


def test_the_modules_user_is_the_default_and_another_may_be_written() -> None:
    assert ssh.command("module", "x")[-5:] == ["-l", "exnihilo", "--", "module", "x"]
    assert "-l" not in ssh.command("root@module", "x")


def test_a_changed_host_key_refuses(deploy: Any, sshd: Any, home: Home, bass: Path) -> None:
    sshd.serve(home)
    known = sshd.folder / "known_hosts"
    right = known.read_text()
    other = (sshd.folder / "key.pub").read_text()
    known.write_text(f"module {other}")
    try:
        done = deploy("push", bass, "root@module")
    finally:
        known.write_text(right)
    assert done.code == 1
    assert "ssh-keygen -R module" in done.err
    assert done.err.count("\n") == 1
    assert not home.bundles.exists()


def test_an_unknown_host_key_asks_as_ssh_does(
    sshd: Any, home: Home, bass: Path, tmp_path: Path
) -> None:
    sshd.serve(home)
    known = sshd.folder / "known_hosts"
    right = known.read_text()
    known.unlink()
    pid, terminal = pty.fork()
    if pid == 0:
        command = [sys.executable, "-m", "deploy", "push", str(bass), "root@module"]
        os.execve(sys.executable, command, sshd.environment)
    try:
        said = b""
        while b"(yes/no" not in said:
            said += os.read(terminal, 1000)
        os.write(terminal, b"yes\n")
        while chunk := _read(terminal):
            said += chunk
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(terminal)
        known.write_text(right)
    assert os.waitstatus_to_exitcode(status) == 0, said
    assert b"ED25519" in said
    assert home.current_bundle() == InstalledBundle(1, "bass")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1000)
    except OSError:  # how a terminal says that nobody writes any more
        return b""


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("exec /opt/nowhere/python -m deploy.receiver.receiver", "deploy provision"),
        ("exec /etc/passwd", "provision"),
        (f"exec {sys.executable} -S -I -m deploy.receiver.receiver", "deploy provision"),
        ("echo Welcome to your Pi; exec cat", "expected a line of JSON"),
        ("kill -9 $$", "lost"),
    ],
)
def test_a_module_that_cannot_receive(
    deploy: Any, sshd: Any, bass: Path, command: str, hint: str
) -> None:
    sshd.run_instead(command)
    done = deploy("push", bass, "root@module", "--json")
    assert done.code == 1
    assert hint in done.err
    assert done.err.count("\n") == 1
    assert done.modules[0]["ok"] is False


def test_no_route_and_a_wrong_user(deploy: Any, sshd: Any, home: Home, bass: Path) -> None:
    sshd.serve(home)
    assert "refuses connections" in deploy("push", bass, "root@nowhere").err
    assert "ssh-add" in deploy("push", bass, "nobody-here@module").err


@pytest.mark.parametrize("host", ["-oProxyCommand=reboot", "a b", "x;reboot", "@", ""])
def test_a_host_is_never_an_option(deploy: Any, host: str, tmp_path: Path) -> None:
    settings = tmp_path / "config" / "exnihilo" / "deploy.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"host = {json.dumps(host)}\n")
    done = deploy("status")
    assert done.code == 2
    assert "not a host" in done.err


def test_a_group_is_pushed_in_turn_and_each_reported(
    deploy: Any, sshd: Any, home: Home, bass: Path, tmp_path: Path
) -> None:
    sshd.serve(home)
    settings = tmp_path / "config" / "exnihilo" / "deploy.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('host = "studio"\n[groups]\nstudio = ["root@nowhere", "root@module"]\n')
    done = deploy("push", bass, "--json")
    assert done.code == 1
    assert [(module["module"], module["ok"]) for module in done.modules] == [
        ("root@nowhere", False),
        ("root@module", True),
    ]
    assert home.current_bundle() == InstalledBundle(1, "bass")


@pytest.fixture
def cut(sshd: Any, home: Home, tmp_path: Path) -> Callable[[Path, int, str], None]:
    """Push over a network that ends after so many bytes, with one end or the other."""
    sshd.serve(home)
    (tmp_path / "relay.py").write_text(RELAY)

    def push(folder: Path, after_bytes: int, victim: str) -> None:
        flag = tmp_path / f"reached-{after_bytes}"
        target = victim if victim in {"laptop", "network"} else str(flag)
        relay = f"{sys.executable} {tmp_path / 'relay.py'} {sshd.port} {after_bytes} {target}"
        wrapper = tmp_path / f"bin-{after_bytes}" / "ssh"
        wrapper.parent.mkdir(exist_ok=True)
        config = sshd.folder / "config"
        wrapper.write_text(
            f"#!/bin/sh\nexport LAPTOP=$PPID\n"
            f"exec /usr/bin/ssh -F {config} -o 'ProxyCommand=exec {relay}' \"$@\"\n"
        )
        wrapper.chmod(0o755)
        environment = {**os.environ, "PATH": f"{wrapper.parent}:{os.environ['PATH']}"}
        with subprocess.Popen(
            [sys.executable, "-m", "deploy", "push", str(folder), "root@module"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as laptop:
            while laptop.poll() is None:
                if flag.exists():
                    for pid in _descendants(sshd.pid, victim):
                        os.kill(pid, signal.SIGKILL)
                    flag.unlink()
                time.sleep(0.02)
        # What lives on at the module ends by itself before anything is judged.
        while any(_descendants(sshd.pid, "deploy.receiver.receiver")):
            time.sleep(0.02)

    return push


def _descendants(pid: int, word: str) -> Iterator[int]:
    """Find the processes below `pid` whose command line has this word."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield from _descendants(child, word)
        try:
            if word in Path(f"/proc/{child}/cmdline").read_text():
                yield child
        except OSError:
            continue


@pytest.mark.soak
def test_cut_anywhere_between_laptop_and_module(
    cut: Callable[[Path, int, str], None],
    home: Home,
    deploy: Any,
    bass: Path,
    variant: Callable[..., Path],
    soak: Callable[[int, int], int],
) -> None:
    assert deploy("push", bass, "root@module").code == 0
    bundle = variant(ballast_bytes=200_000)
    random_ = random.Random(8)
    victims = ("laptop", "network", "sshd:", "deploy.receiver.receiver")
    for turn in range(soak(4, 100)):
        # The keys take some 5 kB, the bundle 260 kB.
        cut(bundle, random_.randrange(1000, 260_000), victims[turn % 4])
        assert home.current_bundle() == InstalledBundle(1, "bass")
        assert home.installed() == (InstalledBundle(1, "bass"),)
        read_bundle(home.folder(InstalledBundle(1, "bass")))
    assert deploy("push", bundle, "root@module").code == 0
    assert home.current_bundle() == InstalledBundle(2, "drums")
    assert list(home.staging.iterdir()) == []
