"""`deploy image`: prepare a card so that it sets itself up as a module at its first start.

Raspberry Pi OS since Trixie runs cloud-init at its first start, with files of the boot
partition. Raspberry Pi Imager writes `user-data` (host name, user, ssh key), `network-config`
and `meta-data`. This adds `vendor-data`, which cloud-init reads beside them: a script that
carries out the plan of `deploy provision` from the card, without a network.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.provision import plan
from deploy.provision.provision import Wheels, program, requirements, stream
from firmware.errors import UserError
from firmware.storage.files import write_whole

FOLDER = "exnihilo"
LOG = "log.txt"
PYTHON = "3.13"
"""Python of Raspberry Pi OS Trixie."""

_PLAN, _PROGRAM, _SCRIPT = "plan.bin", "provision.py", "first-start.sh"
_GLIBC = ("2_17", "2_27", "2_28", "2_31", "2_34")
_SEED = ("config.txt", "meta-data", "user-data")
_MOUNTED = f"/boot/firmware/{FOLDER}"
_UNIT = "exnihilo-first-start.service"

VENDOR_DATA = f"""#!/bin/sh
# Makes this Raspberry Pi an Ex Nihilo module. Written by `deploy image`, run by cloud-init.
cat >/etc/systemd/system/{_UNIT} <<UNIT
[Unit]
Description=Set this Raspberry Pi up as an Ex Nihilo module
ConditionPathExists={_MOUNTED}/{_PLAN}

[Service]
Type=oneshot
ExecStart=/bin/sh {_MOUNTED}/{_SCRIPT}

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --quiet {_UNIT}
systemctl start --no-block {_UNIT}
"""
"""A unit, since cloud-init would not run a script again that a power cut has ended."""

FIRST_START = f"""#!/bin/sh
# Carries out the plan beside it, at each start until it has succeeded once.
cd {_MOUNTED} || exit 1
SUDO_USER=$(id -nu 1000) python3 {_PROGRAM} <{_PLAN} >{LOG} 2>&1 || exit 1
sync
rm {_PLAN}
systemctl --no-block reboot
"""


def write_image(boot: Path, wheels: Wheels) -> int:
    """Add the module to a boot partition; return how many bytes. Raises `UserError`."""
    check_seed(boot)
    folder = boot / FOLDER
    steps = plan.provision(wheels.release())
    contents = b"".join(stream(b"", steps, wheels, dry_run=False))
    write_whole(folder / _PROGRAM, program().encode())
    write_whole(folder / _SCRIPT, FIRST_START.encode())
    write_whole(folder / _PLAN, contents)
    write_whole(boot / "vendor-data", VENDOR_DATA.encode())
    return len(contents)


def check_seed(boot: Path) -> None:
    """Refuse what is not a boot partition that the imager has set up. Raises `UserError`."""
    missing = [name for name in _SEED if not (boot / name).is_file()]
    if missing:
        raise UserError(
            f"{boot}: has no {missing[0]}, so it is not the boot partition of Raspberry Pi OS "
            "Trixie; write the card with Raspberry Pi Imager, or use `deploy provision`"
        )
    user_data = (boot / "user-data").read_text("utf-8", "replace")
    if not re.search(r"^\s*ssh_authorized_keys:", user_data, re.MULTILINE):
        raise UserError(
            f"{boot}: holds no ssh key; write the card again with ssh turned on in the imager, "
            "public keys only, and your public key"
        )


def download_wheels(folder: Path) -> None:
    """Fetch the packages of a module into a folder. Raises `UserError`."""
    listed = folder / "requirements.txt"
    listed.write_text(requirements_for(PYTHON), "utf-8")
    done = subprocess.run(
        download_command(folder, listed), capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["pip gives no reason"]
        raise UserError(f"the packages could not be fetched: {last[0]}")


def requirements_for(python: str) -> str:
    """Return the pinned lines that Linux with this Python needs, without their conditions.

    pip would ask the conditions of the system that it runs on. Raises `UserError`.
    """
    kept = []
    for line in requirements().replace("\\\n", "").splitlines():
        pinned, hashes = line.split("--hash", 1)
        name, _, condition = pinned.partition(";")
        if not condition.strip() or _holds(condition.strip(), python):
            kept.append(f"{name.strip()} --hash{hashes}\n")
    return "".join(kept)


def _holds(condition: str, python: str) -> bool:
    if condition == "sys_platform == 'linux'":
        return True
    found = re.fullmatch(r"python_full_version (<|>=) '([\d.]+)'", condition)
    if not found:
        raise UserError(f"a package is required under a condition unknown here: {condition}")
    ours, bound = ([int(part) for part in text.split(".")] for text in (python, found[2]))
    return (ours < bound) is (found[1] == "<")


def download_command(folder: Path, listed: Path) -> Sequence[str]:
    """Return the command of pip that fetches the wheels of a module."""
    platforms = [f"--platform=manylinux_{glibc}_aarch64" for glibc in _GLIBC]
    abis = [f"--abi={abi}" for abi in (f"cp{PYTHON.replace('.', '')}", "abi3", "none")]
    return (
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--require-hashes", "--implementation=cp"),
        *(f"--python-version={PYTHON}", *abis, *platforms),
        *(f"--dest={folder}", f"--requirement={listed}"),
    )
