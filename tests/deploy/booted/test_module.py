"""A module from its first boot to its last repair: real systemd, sshd, units, pip and ssh."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.booted.conftest import Deploy, Status
from tests.deploy.booted.container import Container
from tests.deploy.booted.machine import Machine
from tests.deploy.booted.releases import BAD, GOOD, altered
from tests.deploy.booted.steps import current, plays, waits_until

pytestmark = pytest.mark.booted

ADMIN = "me@module"
WATCHDOG_S = 5.0
LOADED_S = 10.0
"""What a busy computer may add to two watchdog periods; the figures are printed."""


def starts(machine: Machine, since: str) -> list[tuple[float, str]]:
    """Return when the service began to start and was ready, since a place in the journal."""
    lines = machine.run(
        f"journalctl --unit exnihilo.service --output json --after-cursor '{since}' _PID=1"
    ).splitlines()
    entries = [json.loads(line) for line in lines]
    words = [(int(e["__MONOTONIC_TIMESTAMP"]) * 1e-6, e["MESSAGE"].split()[0]) for e in entries]
    return [(at_s, word) for at_s, word in words if word in {"Starting", "Started"}]


def place(machine: Machine) -> str:
    line = machine.run("journalctl --lines 1 --output json").splitlines()[-1]
    return str(json.loads(line)["__CURSOR"])


def going_back_s(events: list[tuple[float, str]]) -> tuple[float, float]:
    """Return how long after its first start the last start began, and how long that took."""
    began_s = [at_s for at_s, word in events if word == "Starting"]
    assert events[-1][1] == "Started"
    return began_s[-1] - began_s[0], events[-1][0] - began_s[-1]


def test_provisioning_and_a_reboot_make_it_a_module(
    machine: Machine, deploy: Deploy, status: Status, wheel: Path, wheelhouse: Path
) -> None:
    options = ("--wheel", wheel, "--wheelhouse", wheelhouse, ADMIN)
    preview = deploy("provision", "--dry-run", *options)
    assert preview.code == 0, preview.err
    done = deploy("provision", *options)
    assert done.code == 0, done.err
    assert "reboot it" in done.out
    assert "nothing to change" in deploy("provision", *options).out
    assert "# BEGIN exnihilo" in machine.run("cat /boot/firmware/config.txt")
    assert machine.run("cat /boot/firmware/cmdline.txt") == (
        "console=tty1 root=PARTUUID=1-02 isolcpus=3 irqaffinity=0-2"
    )
    machine.cut_power()
    machine.start()
    waits_until(lambda: bool(status()))
    assert machine.run("systemctl --failed --plain --no-legend") == ""


def test_a_key_that_pushes_may_do_nothing_else(machine: Machine, deploy: Deploy) -> None:
    assert deploy("list", "module").code == 0
    refused = machine.ssh("exnihilo@module", "id")
    assert "uid=" not in refused
    assert "exnihilo-receive" not in refused


def test_what_is_pushed_plays_also_after_a_power_cut(
    machine: Machine, deploy: Deploy, drums: Path
) -> None:
    done = deploy("push", drums, "module")
    assert done.code == 0, done.err
    assert plays(machine)
    machine.cut_power()
    machine.start()
    waits_until(lambda: plays(machine))


def test_a_backup_is_restored_at_the_next_start(
    machine: Machine, deploy: Deploy, tmp_path: Path
) -> None:
    settings = "/var/lib/exnihilo/settings.toml"
    machine.run(f"echo '[midi]\nx = 20' >{settings}; chown exnihilo: {settings}")
    saved = tmp_path / "studio.json"
    assert deploy("backup", "-o", saved, "module").code == 0
    machine.run(f"rm {settings}")
    assert "at the next start" in deploy("restore", saved, "module").out
    machine.run("systemctl restart exnihilo.service")
    assert machine.run(f"cat {settings}") == "[midi]\nx = 20"
    waits_until(lambda: plays(machine))


def test_an_upgrade_is_tried_and_confirmed(
    machine: Machine,
    deploy: Deploy,
    wheel: Path,
    wheelhouse: Path,
    tmp_path: Path,
) -> None:
    before = current(machine)
    later = altered(wheel, GOOD, tmp_path / "later")
    done = deploy("upgrade", "--wheel", later, "--wheelhouse", wheelhouse, ADMIN)
    assert done.code == 0, done.err
    assert current(machine) != before
    assert plays(machine)
    assert before in machine.run("ls /opt/exnihilo/versions")


@pytest.mark.parametrize("behaviour", BAD)
def test_a_bad_version_makes_way_for_the_old_one_also_after_a_reboot(
    machine: Machine,
    deploy: Deploy,
    wheel: Path,
    wheelhouse: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    behaviour: str,
) -> None:
    before, since = current(machine), place(machine)
    bad = altered(wheel, BAD[behaviour], tmp_path / "bad")
    done = deploy("upgrade", "--wheel", bad, "--wheelhouse", wheelhouse, ADMIN)
    assert done.code == 1
    assert f"{before} is used again" in done.err
    waits_until(lambda: plays(machine))
    assert current(machine) == before
    after_s, start_s = going_back_s(starts(machine, since))

    name = machine.run(f"ls -t /opt/exnihilo/versions | grep -v {before} | head -n 1")
    machine.run("systemctl stop exnihilo.service")
    machine.run(f"python3 -I /usr/local/lib/exnihilo/versions.py try {name}")
    since = place(machine)
    machine.cut_power()
    machine.start()
    waits_until(lambda: plays(machine))
    assert current(machine) == before
    booted_after_s, booted_start_s = going_back_s(starts(machine, since))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{behaviour}: the old one starts after {after_s:.1f} s, ready {start_s:.1f} s "
            f"later; after a reboot {booted_after_s:.1f} s and {booted_start_s:.1f} s\n"
        )
    machine.run(f"rm -rf /opt/exnihilo/versions/{name}")
    assert max(after_s, booted_after_s) <= 2 * WATCHDOG_S + LOADED_S


def test_a_damaged_version_gives_way_to_the_other_whole_one(
    machine: Machine, deploy: Deploy, status: Status, wheel: Path, wheelhouse: Path
) -> None:
    folder = f"/opt/exnihilo/versions/{current(machine)}"
    machine.run(f"find {folder}/lib -name '*.py' -exec truncate -s 0 {{}} +")
    machine.cut_power()
    machine.start()
    waits_until(lambda: bool(status()))
    done = deploy("repair", "--wheel", wheel, "--wheelhouse", wheelhouse, ADMIN)
    assert done.code == 0, done.err
    assert plays(machine)


def test_a_module_that_lost_all_but_its_home_is_repaired(
    machine: Machine, deploy: Deploy, wheel: Path, wheelhouse: Path
) -> None:
    machine.run(
        "systemctl stop exnihilo.service; chown -R root: /var/lib/exnihilo; rm -rf "
        "/opt/exnihilo /usr/local/lib/exnihilo /etc/exnihilo "
        "/etc/ssh/sshd_config.d/exnihilo.conf /etc/systemd/system/exnihilo*.service"
    )
    machine.cut_power()
    machine.start()
    done = deploy("repair", "--wheel", wheel, "--wheelhouse", wheelhouse, ADMIN)
    assert done.code == 0, done.err
    waits_until(lambda: plays(machine))
    assert machine.run("systemctl is-enabled exnihilo.service") == "enabled"


def test_a_root_that_is_read_only_plays_and_keeps_what_is_pushed(
    machine: Container, deploy: Deploy, bass: Path, tmp_path: Path
) -> None:
    # As an overlay over the root and a partition of its own for the home do.
    machine.run("sync")
    machine.cut_power()
    home = tmp_path / "home"
    subprocess.run(["cp", "-a", machine.root / "var/lib/exnihilo", home], check=True)
    machine.options = ("--volatile=overlay", f"--bind={home}:/var/lib/exnihilo")
    machine.start()
    try:
        waits_until(lambda: plays(machine))
        assert deploy("push", bass, "module").code == 0
        machine.run("touch /etc/mark /opt/exnihilo/mark")
        machine.cut_power()
        machine.start()
        waits_until(lambda: plays(machine, "bass"))
        assert machine.run("ls /etc/mark /opt/exnihilo/mark", check=False) == ""
    finally:
        machine.cut_power()
        machine.options = ()
        machine.start()
