"""A card that `deploy image` prepared: cloud-init makes it a module, without a network."""

from pathlib import Path

import pytest

from tests.deploy.booted.conftest import switched_off
from tests.deploy.booted.steps import deploy_to, plays, status_of, waits_until
from tests.deploy.provision.test_image import USER_DATA

pytestmark = pytest.mark.booted

# As on Raspberry Pi OS since Trixie.
CLOUD = """datasource_list: [NoCloud, None]
datasource:
  NoCloud:
    seedfrom: file:///boot/firmware/
ssh_deletekeys: false
ssh_genkeytypes: []
"""
META_DATA = "instance-id: rpi-imager-1764000000000\n"
RESTARTS_S = 300.0


def test_the_first_start_of_a_card_makes_a_module(
    tmp_path: Path, wheel: Path, wheelhouse: Path, drums: Path
) -> None:
    with switched_off(tmp_path, "cloud-init") as machine:
        boot = machine.root / "boot" / "firmware"
        (machine.root / "etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg").write_text(CLOUD)
        (boot / "meta-data").write_text(META_DATA)
        (boot / "user-data").write_text(USER_DATA)
        options = ("--wheel", wheel, "--wheelhouse", wheelhouse)
        done = deploy_to(machine, "image", boot, *options)
        assert done.code == 0, done.err
        machine.start()
        machine.wait_for_restart(RESTARTS_S)
        assert not (boot / "exnihilo" / "plan.bin").exists()
        waits_until(lambda: bool(status_of(machine)))
        assert "IEhq" in machine.run("cat /etc/exnihilo/authorized_keys")
        assert deploy_to(machine, "push", drums, "module").code == 0
        assert plays(machine)
        machine.cut_power()
