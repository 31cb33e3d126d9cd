"""A Debian 12 userland, made once, that a person could have put on a fresh Pi.

It has sshd, an administrator with `sudo`, the boot files of Raspberry Pi OS, and the packages
that provisioning installs in apt's cache, as the userland has no network. It differs from a Pi
in this: `uname -m` answers as one, the service uses the simulated rack's chips, as a container
has no buses, and the USB gadget is not started, as it has no controller.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

from deploy.provision.contents import PACKAGES

RELEASE = "bookworm"
EDITION = 1
"""Raised with each change here, so that a cached root is not used any more."""

INSTALLED = ("systemd-sysv", "dbus", "openssh-server", "sudo", "python3", "kmod", "udev")
ADMIN = "me"

UNAME = """#!/bin/sh
[ "$*" = -m ] && exec echo aarch64
exec /usr/bin/uname "$@"
"""

RACK = """[Service]
ExecStart=
ExecStart=/run/exnihilo-version/bin/firmware run --simulated --home /var/lib/exnihilo
"""

NO_CONTROLLER = "[Unit]\nConditionVirtualization=no\n"

FILES = {
    "usr/local/bin/uname": UNAME,
    "etc/systemd/system/exnihilo.service.d/rack.conf": RACK,
    "etc/systemd/system/exnihilo-gadget.service.d/none.conf": NO_CONTROLLER,
    "boot/firmware/config.txt": "dtparam=audio=on\n",
    "boot/firmware/cmdline.txt": "console=serial0,115200 console=tty1 root=PARTUUID=1-02\n",
    f"etc/sudoers.d/{ADMIN}": f"{ADMIN} ALL=(ALL) NOPASSWD: ALL\n",
    "etc/machine-id": "",
    "etc/hostname": "exnihilo\n",
    "etc/hosts": "127.0.0.1 localhost exnihilo\n",
}


def made_root(cache: Path, *more: str) -> Path:
    """Return the root, with more packages if wanted; made first if the cache does not hold it.

    Needs to be root.
    """
    root = cache / "-".join((RELEASE, str(EDITION), *more))
    if not root.is_dir():
        part = cache / "part"
        shutil.rmtree(part, ignore_errors=True)
        _run(
            *("mmdebstrap", "--quiet", "--variant=minbase", "--dpkgopt=force-unsafe-io"),
            # The lists stay, for apt has no network in the userland.
            *("--skip=cleanup/apt", f"--include={','.join((*INSTALLED, *more))}"),
            f"--customize-hook=chroot $1 useradd --create-home --shell /bin/bash {ADMIN}",
            f"--customize-hook=chroot $1 apt-get -qq install -d {' '.join(PACKAGES)}",
            *(RELEASE, part),
        )
        for name, text in FILES.items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_text(text)
        (part / "usr/local/bin/uname").chmod(0o755)
        part.rename(root)
    return root


def fetched_wheels(
    cache: Path, requirements: str, *, python: str = "3.11", machine: str = "x86_64"
) -> Path:
    """Return a folder of the wheels that a userland's Python needs."""
    wheels = cache / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    chosen = cache / "requirements.txt"
    chosen.write_text(requirements_of(requirements, python))
    options = ("-q", "--only-binary=:all:", "--require-hashes", "--dest", wheels)
    platforms = [
        word
        for version in ("2_17", "2_27", "2_28", "2_34")
        for word in ("--platform", f"manylinux_{version}_{machine}")
    ]
    abi = f"cp{python.replace('.', '')}"
    abis = [word for name in (abi, "abi3", "none") for word in ("--abi", name)]
    pythons = ("--python-version", python, "--implementation", "cp")
    pip = (sys.executable, "-m", "pip", "download", "--no-deps")
    _run(*pip, *options, *pythons, *platforms, *abis, "--requirement", chosen)
    return wheels


def requirements_of(requirements: str, python: str) -> str:
    """Keep the pinned lines for a Python: pip asks the markers of its own."""
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    kept = []
    for pinned in requirements.replace("\\\n", "").splitlines():
        requirement, hashes = pinned.split("--hash", 1)
        marker = Requirement(requirement.strip()).marker
        if not marker or marker.evaluate(environment):
            kept.append(f"{requirement.split(';')[0]} --hash{hashes}\n")
    return "".join(kept)


def _run(*command: object) -> None:
    subprocess.run([*map(str, command)], check=True, stdout=subprocess.DEVNULL)
