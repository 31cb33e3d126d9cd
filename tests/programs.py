"""Programs that tests run for real, and what to do where one is missing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))

NEEDS = {
    "deploy": ("ssh", "/usr/sbin/sshd"),
    "deploy/booted": ("mmdebstrap", "systemd-nspawn", "mkfs.xfs"),
    "deploy/emulated": (
        *("mmdebstrap", "qemu-system-aarch64", "qemu-img", "qemu-aarch64-static"),
        *("depmod", "dtc", "cpio", "mkfs.ext4"),
    ),
    "deploy/client/test_find.py": ("avahi-daemon", "ip"),
    "deploy/test_crash_images.py": ("mkfs.ext4", "losetup", "/dev/loop-control"),
    "deploy/provision/test_apply.py": ("shellcheck",),
    "deploy/provision/test_units.py": ("shellcheck", "systemd-analyze"),
    "docs/test_clients.py": ("sclang",),
    "firmware/desk/test_live.py": ("tmux",),
    "firmware/midi/test_bridge.py": ("jackd",),
    "firmware/portable": ("g++",),
    "firmware/portable/test_wasm.py": ("clang-14", "wasm-ld-14", "node"),
    "hardware": ("ngspice", "/usr/share/kicad/symbols", "/usr/share/kicad/footprints"),
    "pd": ("pd",),
    "pd/test_plugin.py": ("g++",),
    "pd/test_window.py": ("Xvfb", "xdotool", "import"),
}
"""By the place of the tests: programs, or files by their paths, that they cannot do without."""

BROWSER = "chromium"
"""What the fixture of this name starts."""


def leave_out(items: list[pytest.Item]) -> None:
    """Skip the tests whose programs are not installed, and say which.

    Never in CI, which installs them all (`.ci/run`): there the tests run, and fail.
    """
    if os.environ.get("CI") == "true":
        return
    for item in items:
        missing = [name for name in _needed(item) if not _is_here(name)]
        if missing:
            item.add_marker(pytest.mark.skip(f"not installed: {', '.join(missing)}"))


def _needed(item: pytest.Item) -> Iterator[str]:
    for place, names in NEEDS.items():
        if item.path.is_relative_to(TESTS / place):
            yield from names
    if BROWSER in getattr(item, "fixturenames", ()):
        yield BROWSER


def _is_here(name: str) -> bool:
    if name.startswith("/"):
        return Path(name).exists()
    return shutil.which(name, path=PLACES) is not None
