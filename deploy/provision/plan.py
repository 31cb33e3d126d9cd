"""The plan that makes a fresh Raspberry Pi OS Lite a module: steps, as values, in order.

Nothing here connects or writes; `apply.py` carries the steps out on the module.
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from typing import Any

from deploy.provision.contents import (
    CONFIG_LINES,
    GROUPS,
    HOME,
    LIMITS,
    PACKAGES,
    PROGRAM,
    REQUIREMENTS,
    ROOT,
    SERIAL_CONSOLES,
    SERVICES,
    SSHD,
    SSHD_LOADED,
    SSHD_PATH,
    UDEV,
    UNITS,
    USB_NETWORK,
    USER,
    VERSIONS,
)

_PROGRAM_PARTS = ("seal.py", "versions.py", "health.py", "commands.py")

Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Release:
    """A firmware to install: the wheel's file name and a digest of it.

    `offline` takes every package from the wheels that were sent, none from the network.
    """

    wheel: str
    digest: str
    offline: bool

    @property
    def name(self) -> str:
        """Its folder's name: version and digest, so that two builds never share one."""
        return f"{self.wheel.split('-')[1]}-{self.digest[:8]}"

    @property
    def folder(self) -> str:
        """Where it is installed, beside the others."""
        return f"{ROOT}/versions/{self.name}"


def provision(release: Release) -> tuple[Step, ...]:
    """Return all the steps; the keys of the administrator may push as well."""
    parts = (requirements(), system(), boot(), program(), install(release), services())
    return (*chain.from_iterable(parts), enable(), switch(release))


def upgrade(release: Release) -> tuple[Step, ...]:
    """Return the steps of a new firmware; the old one stays if the new one is not healthy."""
    parts = (requirements(), program(), install(release), services())
    return (*chain.from_iterable(parts), switch(release))


def repair(release: Release) -> tuple[Step, ...]:
    """Return the steps that make a module work again, whatever it has lost.

    A version that is whole is used; only if there is none is the release installed.
    """
    usable = _run(
        "install a firmware", _installation(release), unless=("sh", "-c", f"{VERSIONS} any")
    )
    parts = (requirements(), system(), program(), (usable,), services())
    return (*chain.from_iterable(parts), enable(), _always("start it", f"{VERSIONS} repair"))


def requirements() -> tuple[Step, ...]:
    """Return the conditions to check before anything is changed."""
    advice = "use Raspberry Pi OS Lite 64-bit, Bookworm or Trixie"
    codename = '. /etc/os-release; echo "$VERSION_CODENAME"'
    return (
        _require(("uname", "-m"), ("aarch64",), advice),
        _require(("getconf", "LONG_BIT"), ("64",), advice),
        _require(("sh", "-c", codename), ("bookworm", "trixie"), advice),
    )


def system() -> tuple[Step, ...]:
    """Return the packages, the user, its rights and its keys."""
    return (
        _packages(),
        *_user(),
        {"do": "keys", "path": "/etc/exnihilo/authorized_keys"},
        _file("/etc/security/limits.d/exnihilo.conf", LIMITS),
        _file("/etc/udev/rules.d/60-exnihilo.rules", UDEV),
        # The kernel has the bus without it, and programs have not.
        _file("/etc/modules-load.d/exnihilo.conf", "i2c-dev\n"),
        _file(
            "/etc/NetworkManager/system-connections/exnihilo-usb.nmconnection",
            USB_NETWORK,
            mode=0o600,
        ),
    )


def _packages() -> Step:
    quietly, packages = "DEBIAN_FRONTEND=noninteractive", " ".join(PACKAGES)
    # A power cut may have left them half installed.
    status = f"dpkg-query -W -f '${{Status}}\n' {packages}"
    installed = f'test "$({status} | grep -c "^install ok installed$")" = {len(PACKAGES)}'
    apt = (
        f"{quietly} dpkg --configure -a && apt-get update -q && "
        f"{quietly} apt-get install -qy {packages}"
    )
    return _run("install Debian's packages", ("sh", "-c", apt), unless=("sh", "-c", installed))


def _user() -> tuple[Step, ...]:
    """Return the steps that make the user, its groups and its home."""
    add = ("useradd", "--system", "--home-dir", HOME, "--shell", "/bin/sh", USER)
    groups = ",".join(GROUPS)
    is_member = " && ".join(f"id -nG {USER} | grep -qw {group}" for group in GROUPS)
    made = "; ".join(
        f"getent group {group} >/dev/null || groupadd -r {group}" for group in GROUPS
    )
    return (
        _run(f"add the user {USER}", add, unless=("id", USER)),
        _run(
            f"put {USER} into {groups}",
            ("sh", "-c", f"{made}; usermod -aG {groups} {USER}"),
            unless=("sh", "-c", is_member),
        ),
        _folder(HOME, 0o750, owner=USER),
        _run(
            f"give {HOME} to {USER}",
            ("chown", "-R", f"{USER}:", HOME),
            unless=("sh", "-c", f"! find {HOME} ! -user {USER} | grep -q ."),
        ),
    )


def boot() -> tuple[Step, ...]:
    """Return the edits of the boot files; each keeps what was there before."""
    config, cmdline = "/boot/firmware/config.txt", "/boot/firmware/cmdline.txt"
    return (
        {"do": "block", "path": config, "lines": list(CONFIG_LINES), "keep": True},
        {"do": "words", "path": cmdline, "unwanted": list(SERIAL_CONSOLES), "keep": True},
    )


def program() -> tuple[Step, ...]:
    """Return the program that chooses the version; it seals one that has no seal yet."""
    sources = [
        files("deploy.boot").joinpath(name).read_text("utf-8") for name in _PROGRAM_PARTS
    ]
    text = re.sub(r"from deploy\.boot\.\w+ import", "from __main__ import", "".join(sources))
    current = f"{ROOT}/current"
    unsealed = f"test -e {current}/.complete && ! test -e {current}/.seal"
    return (
        _folder(f"{ROOT}/versions", 0o755),
        _file(PROGRAM, text, mode=0o755),
        _run(
            "seal the version that runs",
            ("sh", "-c", f'{VERSIONS} seal "$(basename "$(readlink {current})")"'),
            unless=("sh", "-c", f"! {{ {unsealed}; }}"),
        ),
    )


def install(release: Release) -> tuple[Step, ...]:
    """Return the virtual environment of a release; its seal is written last."""
    verify = ("sh", "-c", f"{VERSIONS} verify {release.name}")
    return (_run(f"install {release.wheel}", _installation(release), unless=verify),)


def _installation(release: Release) -> tuple[str, ...]:
    folder, pip = release.folder, f"{release.folder}/bin/python -m pip"
    source = "--no-index --find-links {incoming}" if release.offline else ""
    options = "-q --no-input --disable-pip-version-check --only-binary :all:"
    script = " && ".join(
        (
            f"rm -rf {folder}",
            f"python3 -m venv {folder}",
            f"{pip} install {options} {source} --require-hashes -r {{incoming}}/{REQUIREMENTS}",
            f"{pip} install {options} --no-index --no-deps {{incoming}}/{release.wheel}",
            f"{folder}/bin/python -I -m firmware.bundle.verify </dev/null >/dev/null",
            f"{VERSIONS} seal {release.name}",
        )
    )
    return ("sh", "-c", script)


def services() -> tuple[Step, ...]:
    """Return the units and what they need."""
    units = [_file(f"/etc/systemd/system/{name}", _shipped(name), mode=0o644) for name in UNITS]
    gadget = _file("/usr/local/lib/exnihilo/gadget", _shipped("gadget"), mode=0o755)
    needs = f"systemctl show -p NeedDaemonReload --value {' '.join(UNITS)}"
    return (
        *units,
        gadget,
        _file(SSHD_PATH, SSHD),
        _run(
            "reload the units",
            ("systemctl", "daemon-reload"),
            unless=("sh", "-c", f"! {needs} | grep -q yes"),
        ),
        _run(
            "let the key push",
            ("sh", "-c", f"sshd -t && systemctl reload ssh && cp {SSHD_PATH} {SSHD_LOADED}"),
            unless=("cmp", "-s", SSHD_PATH, SSHD_LOADED),
        ),
    )


def enable() -> Step:
    """Return the step that has the units start with the module."""
    names = " ".join(SERVICES)
    calm = (
        "systemctl disable -q NetworkManager-wait-online.service serial-getty@ttyAMA0.service"
    )
    return _run(
        "start the services with the module",
        ("sh", "-c", f"systemctl enable -q {names} && {{ {calm} || true; }}"),
        unless=("systemctl", "is-enabled", "-q", *SERVICES),
    )


def switch(release: Release) -> Step:
    """Return the step that tries a release, and keeps the old one unless it is healthy."""
    is_current = f'test "$(readlink {ROOT}/current)" = versions/{release.name}'
    return _run(
        f"switch to {release.name}",
        ("sh", "-c", f"{VERSIONS} try {release.name}"),
        unless=("sh", "-c", f"{is_current} && ! test -e {ROOT}/next"),
    )


def _shipped(name: str) -> str:
    return files("deploy").joinpath("units", name).read_text("utf-8")


def _require(command: tuple[str, ...], answers: tuple[str, ...], advice: str) -> Step:
    return {"do": "require", "command": command, "answers": answers, "advice": advice}


def _folder(path: str, mode: int, owner: str | None = None) -> Step:
    return {"do": "folder", "path": path, "mode": mode, "owner": owner}


def _file(path: str, content: str, mode: int = 0o644) -> Step:
    return {"do": "file", "path": path, "content": content, "mode": mode}


def _always(why: str, script: str) -> Step:
    return {"do": "run", "why": why, "command": ("sh", "-c", script)}


def _run(why: str, command: tuple[str, ...], *, unless: tuple[str, ...]) -> Step:
    return {"do": "run", "why": why, "command": command, "unless": unless}
