"""Power cuts during whole commands over ssh: provisioning with apt and pip, upgrade, repair."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.boot.seal import is_whole
from deploy.boot.versions import VersionError, Versions
from firmware.bundle.bundle import read_bundle
from firmware.instrument.preset import State, parse_state, state_bytes
from firmware.storage.paths import Home
from firmware.storage.state_store import read
from tests.deploy.booted.conftest import CACHE
from tests.deploy.booted.container import Container
from tests.deploy.booted.disks import Disk, disk_in_memory, mounted
from tests.deploy.booted.machine import Machine
from tests.deploy.booted.releases import GOOD, altered
from tests.deploy.booted.steps import deploy_to, status_of
from tests.deploy.booted.userland import made_root
from tests.firmware.waiting import wait_until

pytestmark = pytest.mark.booted

ADMIN = "me@module"
LONGEST_S = 4.0
"""Between two cuts."""

PRESET = State(bundle="before")


class Work:
    """The commands, one after the other; `done` names those that have ended."""

    def __init__(self, machine: Machine, wheels: tuple[Path, Path], house: Path, drums: Path):
        later = ("--wheelhouse", house, ADMIN)
        self.commands: list[tuple[object, ...]] = [
            ("provision", "--wheel", wheels[0], *later),
            ("push", drums, "module"),
            ("upgrade", "--wheel", wheels[1], *later),
            ("repair", "--wheel", wheels[0], *later),
        ]
        self.done: list[str] = []
        self.failures: list[str] = []
        self._machine = machine

    def run(self) -> None:
        for command in self.commands:
            if command[0] == "repair":
                self._machine.run("truncate -s 0 /opt/exnihilo/versions/*/lib/*/*/numpy/*.py")
            done = deploy_to(self._machine, *command)
            if done.code:
                self.failures.append(done.err)
                return
            self.done.append(str(command[0]))


@contextmanager
def working(work: Work) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=work.run)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()


def look_through(folder: Path, done: list[str]) -> None:
    """Hold a disk to what must be on it after these commands."""
    home = Home(folder / "var/lib/exnihilo")
    versions = Versions(folder / "opt/exnihilo", folder / "run/version", home.root)
    current = versions.current()
    if "provision" in done:
        assert current
    if current and "upgrade" not in done:
        assert is_whole(versions.folder(current), deep=True)
    if current:
        try:
            assert is_whole(versions.folder(versions.usable(deep=True)), deep=True)
        except VersionError:
            assert "upgrade" in done  # then all versions were damaged
    for version in home.installed():
        read_bundle(home.folder(version))
    if "push" in done:
        assert home.current_bundle()
    preset = read(home.state / "presets" / "01.json", parse_state)
    assert (preset.value, preset.notes) == (PRESET, ())


def comes_back(disk: Path, folder: Path, work: Work) -> None:
    """Boot a disk whose power was cut; the same command, given again, makes it a module."""
    machine = Container(disk, folder)
    machine.start()
    try:
        command = work.commands[0] if "provision" not in work.done else work.commands[-1]
        done = deploy_to(machine, *command)
        assert done.code == 0, done.err
        machine.run("systemctl start exnihilo.service")
        assert wait_until(lambda: bool(status_of(machine)), 60)
    finally:
        machine.cut_power()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with disk_in_memory(tmp_path) as disk:
        subprocess.run(["cp", "-a", f"{made_root(CACHE)}/.", disk.folder], check=True)
        presets = disk.folder / "var/lib/exnihilo/state/presets"
        presets.mkdir(parents=True)
        (presets / "01.json").write_bytes(state_bytes(PRESET))
        subprocess.run(["sync", "--file-system", disk.folder], check=True)
        yield disk


@pytest.mark.soak
def test_a_module_comes_back_from_a_power_cut_during_any_command(
    disk: Disk,
    wheel: Path,
    wheelhouse: Path,
    drums: Path,
    tmp_path: Path,
    soak: Callable[[int, int], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    machine = Container(disk.folder, tmp_path / "laptop")
    machine.start()
    work = Work(machine, (wheel, altered(wheel, GOOD, tmp_path / "later")), wheelhouse, drums)
    rng, cuts, booted, most, apart = random.Random(3), 0, 0, soak(2, 30), soak(5, 2)
    with working(work) as thread:
        while thread.is_alive():
            time.sleep(rng.uniform(0, LONGEST_S))  # when the power goes is chance
            done = list(work.done)
            image = disk.cut(f"cut{cuts}")
            cuts += 1
            with mounted(image, tmp_path / f"cut{cuts}", "-o", "loop") as cut:
                look_through(cut, done)
                if booted < most and cuts % apart == 0:
                    booted += 1
                    comes_back(cut, tmp_path / f"laptop{cuts}", work)
            image.unlink()
    machine.cut_power()
    assert work.failures == []
    assert booted
    with capsys.disabled():
        sys.stdout.write(f"\n{cuts} power cuts, {booted} booted again\n")
