"""The checks of `firmware doctor` for a Raspberry Pi only: machine, devices, overlays."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Check:
    """A check's subject, whether it passed, its finding, and the remedy."""

    name: str
    well: bool
    found: str
    remedy: str = ""


DEVICES = {
    "/dev/i2c-1": ("dtparam=i2c_arm=on,i2c_arm_baudrate=400000 in config.txt", "i2c"),
    "/dev/spidev0.0": ("dtparam=spi=on in config.txt", "spi"),
    "/dev/spidev0.1": ("dtparam=spi=on in config.txt", "spi"),
    "/dev/gpiochip0": ("a kernel with the GPIO character device", "gpio"),
    "/dev/ttyAMA0": ("enable_uart=1 and dtoverlay=disable-bt in config.txt", "dialout"),
}
"""The devices of the board: what makes each appear, and the group that may use it."""

CONFIG = Path("/boot/firmware/config.txt")
OVERLAYS = ("i2c_arm_baudrate=400000", "spi=on", "enable_uart=1", "midi-uart0")
_MODEL = Path("/proc/device-tree/model")


def check_board() -> Iterator[Check]:
    """Check the machine, its devices and its boot configuration."""
    yield check_model(_MODEL)
    for path, (remedy, group) in DEVICES.items():
        yield check_device(Path(path), remedy, group)
    yield check_config(CONFIG)


def check_model(path: Path) -> Check:
    """Check the model of the machine."""
    try:
        model = path.read_text("ascii").rstrip("\0\n")
    except (OSError, UnicodeDecodeError):
        remedy = "run this on the module; on a computer, `firmware sim --live` shows faults"
        return Check("machine", well=False, found="no Raspberry Pi", remedy=remedy)
    return Check("machine", well=True, found=model)


def check_device(path: Path, remedy: str, group: str) -> Check:
    """Check whether a device exists and may be used."""
    if not path.exists():
        return Check(str(path), well=False, found="missing", remedy=remedy)
    if not os.access(path, os.R_OK | os.W_OK):
        remedy = f"sudo usermod -a -G {group} exnihilo"
        return Check(str(path), well=False, found="no permission to use it", remedy=remedy)
    return Check(str(path), well=True, found="usable")


def check_config(path: Path) -> Check:
    """Check the board's overlays in the boot configuration."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        return Check("boot configuration", well=False, found=f"{path}: {error.strerror}")
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    missing = [overlay for overlay in OVERLAYS if overlay not in text]
    found = f"lacks {', '.join(missing)}" if missing else "has all overlays"
    remedy = "deploy provision HOST writes them" if missing else ""
    return Check("boot configuration", well=not missing, found=found, remedy=remedy)
