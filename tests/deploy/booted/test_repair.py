"""`deploy repair` on modules that were damaged by hand, worse than a power cut leaves them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.provision.contents import PROGRAM, SSHD_PATH
from tests.deploy.booted.conftest import Deploy
from tests.deploy.booted.machine import Machine
from tests.deploy.booted.steps import plays, waits_until

pytestmark = pytest.mark.booted

ADMIN = "me@module"

OPT, HOME, UNITS = "/opt/exnihilo", "/var/lib/exnihilo", "/etc/systemd/system"
CODE = "$(find /opt/exnihilo/versions/*/lib -name '*.py')"
A_VERSION = f"$(ls {OPT}/versions | head -n 1)"
RANDOM = "head -c 999 /dev/urandom"


def trial(version: str, tries: str, limit_s: str) -> str:
    form = '{"version": "%s", "tries": %s, "limit_s": %s}'
    return f"printf '{form}' {version} {tries} {limit_s} >{OPT}/next"


DAMAGES = {
    "empty python files": f"truncate -s 0 {CODE}",
    "python files cut short": f"truncate -s 99 {CODE}",
    "no environment": f"rm -rf {OPT}/versions/*",
    "no interpreter": f"rm -f {OPT}/versions/*/bin/python*",
    "no receiver": f"rm -rf {OPT}/versions/*/lib/*/*/deploy/receiver",
    "seals of random bytes": f"{RANDOM} | tee {OPT}/versions/*/.seal >/dev/null",
    "nothing installed at all": f"rm -rf {OPT}",
    "a file where the versions belong": f"rm -rf {OPT}; touch {OPT}",
    "no current": f"rm {OPT}/current",
    "a current that names nothing": f"ln -sfn versions/9-gone {OPT}/current",
    "a current that leads elsewhere": f"ln -sfn / {OPT}/current",
    "a current that leads upwards": f"ln -sfn .. {OPT}/current",
    "a folder as current": f"rm {OPT}/current; mkdir -p {OPT}/current/bin",
    "a trial of nothing": trial("9-gone", "2", "9.0"),
    "a trial without end": trial(A_VERSION, "2", "NaN"),
    "a trial of endless tries": trial(A_VERSION, "1e999", "9.0"),
    "a trial of random bytes": f"{RANDOM} >{OPT}/next",
    "a folder as trial": f"mkdir -p {OPT}/next/x",
    "empty units": f"truncate -s 0 {UNITS}/exnihilo*.service {UNITS}/exnihilo-poweroff.path",
    "units of random bytes": f"{RANDOM} >{UNITS}/exnihilo.service",
    "no units": f"rm {UNITS}/exnihilo*.service",
    "a unit that is masked": f"ln -sf /dev/null {UNITS}/exnihilo.service",
    "a unit that is disabled": "systemctl disable -q exnihilo.service",
    "no program that chooses": f"rm {PROGRAM}",
    "an empty program that chooses": f"truncate -s 0 {PROGRAM}",
    "a folder as the program": f"rm {PROGRAM}; mkdir {PROGRAM}",
    "a program that is not executable": f"chmod 000 {PROGRAM}",
    "firmware that is not executable": f"chmod 600 {OPT}/versions/*/bin/firmware",
    "an installation that only root reads": f"chmod -R go= {OPT}",
    "an installation of another user": f"chown -R me: {OPT}",
    "a home of root": f"chown -R root: {HOME}",
    "a home without permissions": f"chmod -R 000 {HOME}",
    "no user": "userdel exnihilo",
    "no user, but its group": "sed -i /^exnihilo:/d /etc/passwd",
    "no keys": "rm /etc/exnihilo/authorized_keys",
    "keys that only root reads": "chmod 600 /etc/exnihilo/authorized_keys",
    "a folder of keys that only root reads": "chmod 700 /etc/exnihilo",
    "an empty configuration of sshd": f"truncate -s 0 {SSHD_PATH}; systemctl reload ssh",
    "empty state files": f"truncate -s 0 $(find {HOME}/state -type f)",
    "settings of random bytes": f"{RANDOM} >{HOME}/settings.toml",
    "a backup that was cut short": f"mkdir -p {HOME}/restored/x; touch {HOME}/restored/y",
    "a folder as what runs": "rm /run/exnihilo-version; mkdir /run/exnihilo-version",
}
"""What was damaged, and the script that does it."""

AT_ONCE = (
    *("empty python files", "no receiver", "a folder as current", "a trial without end"),
    *("units of random bytes", "a folder as the program", "keys that only root reads"),
    *("a home without permissions", "no user, but its group", "a backup that was cut short"),
    "settings of random bytes",
)

SINGLY = DAMAGES if os.environ.get("EXNIHILO_SOAK") == "1" else ("no environment",)
"""Those that are repaired each on its own: all of them take half an hour."""

Repair = Callable[[], None]


@pytest.fixture(scope="module")
def options(wheel: Path, wheelhouse: Path) -> tuple[object, ...]:
    return ("--wheel", wheel, "--wheelhouse", wheelhouse, ADMIN)


@pytest.fixture
def repair(
    machine: Machine, deploy: Deploy, options: tuple[object, ...], drums: Path
) -> Repair:
    """Repair the module that the tests share, which played before."""
    for command in (("provision", *options), ("push", drums, "module")):
        done = deploy(*command)
        assert done.code == 0, done.err
    machine.run("systemctl start exnihilo.service")

    def repaired() -> None:
        done = deploy("repair", *options)
        assert done.code == 0, done.err
        waits_until(lambda: plays(machine))
        assert machine.run("systemctl is-enabled exnihilo.service") == "enabled"

    return repaired


def test_a_module_with_everything_damaged_at_once_plays_again_also_after_a_reboot(
    machine: Machine, repair: Repair
) -> None:
    for name in AT_ONCE:
        machine.run(DAMAGES[name])
    machine.cut_power()
    machine.start()
    repair()
    machine.cut_power()
    machine.start()
    waits_until(lambda: plays(machine))


@pytest.mark.soak
@pytest.mark.parametrize("damage", SINGLY)
def test_any_damage_is_repaired(machine: Machine, repair: Repair, damage: str) -> None:
    machine.run("systemctl stop exnihilo.service")
    machine.run(DAMAGES[damage])
    repair()


@pytest.mark.parametrize(
    ("trouble", "undo", "reason"),
    [
        (
            f"mount --bind {OPT} {OPT} && mount -o remount,bind,ro {OPT}",
            f"umount {OPT}",
            "read-only",
        ),
        (
            "mount -t tmpfs -o size=1m tmpfs /tmp && fallocate -l 900k /tmp/full",
            "umount /tmp",
            "disk is full",
        ),
    ],
    ids=["read-only", "full"],
)
def test_a_disk_that_takes_no_files_is_the_reason(
    machine: Machine,
    deploy: Deploy,
    repair: Repair,
    options: tuple[object, ...],
    trouble: str,
    undo: str,
    reason: str,
) -> None:
    machine.run("systemctl stop exnihilo.service")
    machine.run(f"rm {OPT}/current && {trouble}")
    done = deploy("repair", *options)
    machine.run(undo)
    assert done.code == 1
    assert reason in done.err.lower()
    repair()
