"""Power cuts: the disk as it is at any moment of real work, mounted again and looked through.

An ext4 on a loop device whose file lies in memory. The file is what the kernel has written to
the device so far; two equal copies in a row are the device at one moment.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.boot.seal import is_whole
from firmware.bundle.bundle import read_bundle
from firmware.instrument.preset import parse_state
from firmware.storage.paths import Home
from firmware.storage.settings import parse_calibration
from firmware.storage.state_store import read
from tests.deploy.crash_work import calibration_of, versions_in

SIZE_BYTES = 48 << 20
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]
LONGEST_S = 1.5
"""Between two cuts; the file system writes by itself every second."""


def root(*command: object) -> None:
    """Run a command as root."""
    subprocess.run([*AS_ROOT, *map(str, command)], check=True, capture_output=True)


@contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Path]:
    """Mount an image, as a module does that is switched on."""
    folder.mkdir()
    root("mount", "-o", "loop,commit=1", image, folder)
    try:
        yield folder
    finally:
        root("umount", folder)
        folder.rmdir()


def photograph(device: Path, image: Path) -> None:
    """Copy what is on the device at one moment."""
    before = b""
    while (now := device.read_bytes()) != before:
        before = now
    image.write_bytes(before)


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory."""
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=place, prefix="exnihilo-") as folder:
        yield Path(folder)


@contextmanager
def working(folder: Path, bundles: tuple[Path, ...]) -> Iterator["subprocess.Popen[str]"]:
    """Do the work of `crash_work.py` on a mounted disk."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.deploy.crash_work", folder, *bundles],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(60)


def look_through(folder: Path) -> str:
    """Hold a disk to what must be on it; give the version that starts."""
    versions, home = versions_in(folder), Home(folder / "home")
    assert is_whole(versions.folder(versions.current()), deep=True)
    started = versions.start()
    assert is_whole(versions.folder(started), deep=True)
    chosen = home.current_bundle()
    assert chosen
    read_bundle(home.folder(chosen))
    for version in home.installed():
        read_bundle(home.folder(version))
    preset = read(home.state / "presets" / "01.json", parse_state)
    assert preset.value
    assert preset.notes == ()
    number = int(preset.value.bundle)
    assert number >= 1
    calibration = read(home.calibration, parse_calibration)
    # It is written after the preset.
    assert calibration.value in (calibration_of(number), calibration_of(number - 1))
    assert calibration.notes == ()
    assert versions.repair() == versions.current()
    assert versions.trial() is None
    return started


@pytest.mark.soak
def test_a_module_is_whole_after_a_power_cut_at_any_moment(
    memory: Path,
    drums: Path,
    bass: Path,
    soak: Callable[[int, int], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    device, image = memory / "device", memory / "image"
    with device.open("wb") as file:
        file.truncate(SIZE_BYTES)
    owner = f"root_owner={os.geteuid()}:{os.getegid()}"
    root("mkfs.ext4", "-q", "-E", owner, device)
    rng, started = random.Random(5), []
    with mounted(device, memory / "disk") as disk, working(disk, (drums, bass)) as process:
        for _ in range(soak(40, 400)):
            time.sleep(rng.uniform(0, LONGEST_S))  # when the power goes is chance
            photograph(device, image)
            with mounted(image, memory / "cut") as cut:
                started.append(look_through(cut))
        assert process.poll() is None
    assert len(set(started)) > 2
    with capsys.disabled():
        sys.stderr.write(f"\n{len(started)} power cuts over {len(set(started))} versions\n")
