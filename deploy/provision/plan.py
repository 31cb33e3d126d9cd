"""The plan that makes a fresh Raspberry Pi OS Lite a module: steps, as values, in order.

Nothing here connects or writes; `apply.py` carries the steps out on the module.
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain

from deploy.provision.contents import (
    PROGRAM,
    REQUIREMENTS,
    ROOT,
    SERVICES,
    SSHD,
    SSHD_LOADED,
    SSHD_PATH,
    UNITS,
    VERSIONS,
)
from deploy.provision.steps import Step, always, file, finds_none, folder, run
from deploy.provision.system import boot, requirements, system

LOAD_SSHD = "sshd -t && systemctl try-reload-or-restart ssh"

_PROGRAM_PARTS = ("seal.py", "versions.py", "health.py", "commands.py")


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
    usable = run(
        "install a firmware", _installation(release), unless=("sh", "-c", f"{VERSIONS} any")
    )
    parts = (requirements(), system(), program(), clearing(), (usable,), services())
    # Whatever sshd has loaded, it loads what is there now.
    start = always("start it", f"{LOAD_SSHD} && {VERSIONS} repair")
    return (*chain.from_iterable(parts), enable(), start)


def program() -> tuple[Step, ...]:
    """Return the program that chooses the version; it seals one that has no seal yet."""
    sources = [
        files("deploy.boot").joinpath(name).read_text("utf-8") for name in _PROGRAM_PARTS
    ]
    text = re.sub(r"from deploy\.boot\.\w+ import", "from __main__ import", "".join(sources))
    current = f"{ROOT}/current"
    unsealed = f"test -e {current}/.complete && ! test -e {current}/.seal"
    return (
        folder(f"{ROOT}/versions", 0o755),
        folder(PROGRAM.rpartition("/")[0], 0o755),
        file(PROGRAM, text, mode=0o755),
        run(
            "seal the version that runs",
            ("sh", "-c", f'{VERSIONS} seal "$(basename "$(readlink {current})")"'),
            unless=("sh", "-c", f"! {{ {unsealed}; }}"),
        ),
    )


def clearing() -> tuple[Step, ...]:
    """Return the steps that make installed versions usable and remove half installed ones."""
    wrong = (
        f"{ROOT} ! -user root -o -type d ! -perm -755 -o -type f ! -perm -444 "
        "-o -path '*/bin/firmware' ! -perm -111"
    )
    owned = f"chown -hR root: {ROOT} && chmod -R u=rwX,go=rX {ROOT}"
    unsealed = rf'find {ROOT}/versions -mindepth 1 -maxdepth 1 ! -exec test -s "{{}}/.seal" \;'
    return (
        run(
            "make the installed versions readable",
            ("sh", "-c", f"{owned}; chmod -f a+x {ROOT}/versions/*/bin/firmware || true"),
            unless=finds_none(wrong),
        ),
        run(
            "remove what is not wholly installed",
            ("sh", "-c", f"{unsealed} -exec rm -rf {{}} +"),
            unless=("sh", "-c", f"! {unsealed} | grep -q ."),
        ),
    )


def install(release: Release) -> tuple[Step, ...]:
    """Return the virtual environment of a release; its seal is written last."""
    verify = ("sh", "-c", f"{VERSIONS} verify {release.name}")
    return (run(f"install {release.wheel}", _installation(release), unless=verify),)


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
    units = [file(f"/etc/systemd/system/{name}", _shipped(name), mode=0o644) for name in UNITS]
    gadget = file("/usr/local/lib/exnihilo/gadget", _shipped("gadget"), mode=0o755)
    needs = f"systemctl show -p NeedDaemonReload --value {' '.join(UNITS)}"
    return (
        *units,
        gadget,
        file(SSHD_PATH, SSHD),
        run(
            "reload the units",
            ("systemctl", "daemon-reload"),
            unless=("sh", "-c", f"! {needs} | grep -q yes"),
        ),
        run(
            "let the key push",
            ("sh", "-c", f"{LOAD_SSHD} && cp {SSHD_PATH} {SSHD_LOADED}"),
            unless=("cmp", "-s", SSHD_PATH, SSHD_LOADED),
        ),
    )


def enable() -> Step:
    """Return the step that has the units start with the module."""
    names = " ".join(SERVICES)
    calm = (
        "systemctl disable -q NetworkManager-wait-online.service serial-getty@ttyAMA0.service"
    )
    return run(
        "start the services with the module",
        ("sh", "-c", f"systemctl enable -q {names} && {{ {calm} || true; }}"),
        # Of several units it says yes if one is enabled.
        unless=("sh", "-c", " && ".join(f"systemctl is-enabled -q {n}" for n in SERVICES)),
    )


def switch(release: Release) -> Step:
    """Return the step that tries a release, and keeps the old one unless it is healthy."""
    is_current = f'test "$(readlink {ROOT}/current)" = versions/{release.name}'
    return run(
        f"switch to {release.name}",
        ("sh", "-c", f"{VERSIONS} try {release.name}"),
        unless=("sh", "-c", f"{is_current} && ! test -e {ROOT}/next"),
    )


def _shipped(name: str) -> str:
    return files("deploy").joinpath("units", name).read_text("utf-8")
