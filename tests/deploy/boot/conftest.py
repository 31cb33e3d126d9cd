"""Versions whose receiver is a line of shell, and a service manager that runs the unit."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.boot import commands, health
from deploy.boot.seal import seal
from deploy.boot.versions import VersionError, Versions

RECEIVERS = {
    "well": """echo '{"firmware": {"healthy": true}}'""",
    "ill": """echo '{"firmware": {"healthy": false}}'""",
    "fades": """echo '{"firmware": {"healthy": true}}'; echo exit >"$0" """,
    "deaf": "exit 1",
    "slow": "exec sleep 60",
    "crashes": "exit 1",
    "hangs": "exit 1",
    "freezes": "exit 1",
}
"""The receiver of a version, by how the version behaves."""


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits, and the user that runs the tests."""
    monkeypatch.setattr(health, "HEALTHY_S", 0.5)
    monkeypatch.setattr(health, "SETTLE_S", 0.0)
    monkeypatch.setattr(health, "USER", "root")
    monkeypatch.setattr(health.time, "sleep", lambda _: None)
    for function in (health.is_healthy, health.watch):
        monkeypatch.setattr(function, "__defaults__", (lambda _: None,))
    monkeypatch.setattr(health, "LIMIT_S", 2.0)
    monkeypatch.setattr(health, "REPLY_S", 2.0)


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    (tmp_path / "versions").mkdir()
    return Versions(tmp_path, tmp_path / "running", tmp_path / "home")


Lay = Callable[..., str]


@pytest.fixture
def lay(versions: Versions) -> Lay:
    """Install a version that behaves in one of the ways of `RECEIVERS`."""

    def make(name: str, behaviour: str = "well", *, sealed: bool = True) -> str:
        folder = versions.folder(name)
        (folder / "bin").mkdir(parents=True)
        (folder / "behaviour").write_text(behaviour)
        python = folder / "bin" / "python"
        verifies = "case $* in *verify*) echo valid; exit;; esac"
        python.write_text(f"#!/bin/sh\n{verifies}\n{RECEIVERS[behaviour]}\n")
        python.chmod(0o755)
        if sealed:
            seal(folder)
        return name

    return make


@dataclass
class Unit:
    """The services' life as their units describe it; each start is noted with its outcome."""

    versions: Versions
    active: str = "active"
    started_us: tuple[int, int] = (1_000_000, 1_100_000)
    starts: list[tuple[str, str]] = field(default_factory=list)
    watched: bool = False

    def systemctl(self, verb: str, *words: str) -> str:
        """Answer as systemctl does; a start runs until one holds and its trial is over."""
        if verb == "show" and "ActiveState" in words:
            return self.active
        if verb == "show":
            return "{}\n{}".format(*self.started_us)
        if health.TRIAL_UNIT in words:
            self.watched = True
        else:
            self.boot()
        return ""

    def boot(self, most: int = 6) -> None:
        """Start, and start again after a failure, as `Restart=always` does."""
        for _ in range(most):
            if self.start():
                break
        else:
            raise AssertionError(f"it restarts for ever: {self.starts}")
        if self.watched:
            self.watched = False
            with suppress(VersionError):
                commands.run(self.versions, "watch")

    def start(self) -> bool:
        """Start once; tell whether it runs on, well or not."""
        commands.run(self.versions, "start")
        folder = self.versions.running.resolve()
        behaviour = (folder / "behaviour").read_text()
        self.starts.append((folder.name, behaviour))
        return behaviour not in {"crashes", "freezes"}


@pytest.fixture
def unit(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> Unit:
    unit = Unit(versions)
    monkeypatch.setattr(commands, "_systemctl", unit.systemctl)
    return unit
