"""Versions whose receiver is a line of shell, and a service manager that runs the unit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.boot import commands, health
from deploy.boot.seal import seal
from deploy.boot.versions import VersionError, Versions

RECEIVERS = {
    "well": """echo '{"firmware": {"healthy": true}}'""",
    "ill": """echo '{"firmware": {"healthy": false}}'""",
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
    monkeypatch.setattr(health.is_healthy, "__defaults__", (lambda _: None,))


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
    """The service's life as its unit describes it; every start is noted with its outcome."""

    versions: Versions
    monkeypatch: pytest.MonkeyPatch
    active: str = "active"
    starts: list[tuple[str, str]] = field(default_factory=list)

    def systemctl(self, verb: str, *_: str) -> str:
        """Answer as systemctl does; `restart` runs until a start holds."""
        if verb == "show":
            return self.active
        self.boot()
        return ""

    def boot(self, most: int = 6) -> None:
        """Start, and start again after a failure, as `Restart=always` does."""
        for _ in range(most):
            if self.start():
                return
        raise AssertionError(f"it restarts for ever: {self.starts}")

    def start(self) -> bool:
        """Start once; tell whether it runs on."""
        commands.run(self.versions, "start")
        folder = self.versions.running.resolve()
        behaviour = (folder / "behaviour").read_text()
        result = {"crashes": "exit-code", "hangs": "timeout", "freezes": "watchdog"}.get(
            behaviour, ""
        )
        if not result:
            try:
                commands.run(self.versions, "confirm")
            except VersionError:
                result = "exit-code"
        self.starts.append((folder.name, result))
        self.monkeypatch.setenv("SERVICE_RESULT", result or "success")
        if result:
            commands.run(self.versions, "stopped")
        return not result


@pytest.fixture
def unit(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> Unit:
    unit = Unit(versions, monkeypatch)
    monkeypatch.setattr(commands, "_systemctl", unit.systemctl)
    return unit
