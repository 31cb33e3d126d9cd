"""Changing the firmware beside a playing one, with a real socket and a pretended systemctl."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.receiver.switch import SwitchError, switch
from firmware.bundle import store
from firmware.bundle.manifest import BundleError
from firmware.storage.paths import Home, InstalledBundle


class Systemd:
    """Runs the version that `current` names, as the unit does: one file in it says how."""

    def __init__(self, root: Path, home: Home, start: Callable[..., Any]) -> None:
        self.root = root
        self.home = home
        self.start = start
        self.process: subprocess.Popen[str] | None = None
        self.started: list[str] = []

    def __call__(self, verb: str, *_: str) -> bool:
        if verb == "is-active":
            return self.process is not None
        assert verb == "restart"
        self.stop()
        self.run()
        return True

    def run(self) -> None:
        version = (self.root / "current").resolve()
        self.started.append(version.name)
        if (behaviour := (version / "behaviour").read_text()) != "broken":
            self.process = self.start(self.home, behaviour)

    def stop(self) -> None:
        if self.process:
            assert self.process.stdin
            self.process.stdin.close()
            self.process.wait()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def lay(root: Path, name: str, behaviour: str = "well", *, complete: bool = True) -> None:
    folder = root / "versions" / name
    folder.mkdir(parents=True)
    (folder / "behaviour").write_text(behaviour)
    if complete:
        (folder / ".complete").touch()


@pytest.fixture
def systemd(root: Path, home: Home, firmware: Any) -> Iterator[Systemd]:
    lay(root, "1-old")
    (root / "current").symlink_to("versions/1-old")
    systemd = Systemd(root, home, firmware)
    systemd.run()
    yield systemd
    systemd.stop()


def no_wait(_: float) -> None:
    pass


def current(root: Path) -> str:
    return (root / "current").resolve().name


def test_a_healthy_one_stays(root: Path, home: Home, systemd: Systemd) -> None:
    lay(root, "2-new")
    switch(root, home, "2-new", systemd, no_wait)
    assert current(root) == "2-new"
    assert systemd.started == ["1-old", "2-new"]


@pytest.mark.parametrize("behaviour", ["broken", "ill"])
def test_one_that_is_not_healthy_makes_way_for_the_old(
    root: Path, home: Home, systemd: Systemd, behaviour: str
) -> None:
    lay(root, "2-new", behaviour)
    with pytest.raises(SwitchError, match="1-old runs again"):
        switch(root, home, "2-new", systemd, no_wait)
    assert current(root) == "1-old"
    assert systemd.started == ["1-old", "2-new", "1-old"]


def test_only_the_last_two_are_kept(root: Path, home: Home, systemd: Systemd) -> None:
    for name in ("2", "3", "4"):
        lay(root, name)
        switch(root, home, name, systemd, no_wait)
    assert sorted(path.name for path in (root / "versions").iterdir()) == ["3", "4"]


def test_one_half_installed_is_refused(root: Path, home: Home, systemd: Systemd) -> None:
    lay(root, "2-new", complete=False)
    with pytest.raises(SwitchError, match="not wholly installed"):
        switch(root, home, "2-new", systemd, no_wait)
    assert systemd.started == ["1-old"]


def test_before_the_first_start_only_the_link_changes(root: Path, home: Home) -> None:
    lay(root, "1-first")
    switch(root, home, "1-first", lambda *_: False, no_wait)
    assert current(root) == "1-first"


def test_a_runtime_that_misreads_the_chosen_bundle_is_refused(
    root: Path, home: Home, systemd: Systemd, drums: Path
) -> None:
    store.make_home(home)
    folder = home.folder(InstalledBundle(1, "drums"))
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_bytes((drums / "manifest.json").read_bytes())
    store.set_current(home, InstalledBundle(1, "drums"))
    lay(root, "2-new")
    with pytest.raises(BundleError):
        switch(root, home, "2-new", systemd, no_wait)
    assert systemd.started == ["1-old"]
