"""A card's boot partition: what is added, and what is refused."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.provision import image, plan, provision
from firmware.errors import UserError

USER_DATA = """#cloud-config
hostname: exnihilo
user:
  name: me
  ssh_authorized_keys:
    - "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhq me@laptop"
  sudo: ALL=(ALL) NOPASSWD:ALL
"""


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    """A boot partition as the imager leaves it."""
    folder = tmp_path / "bootfs"
    folder.mkdir()
    (folder / "config.txt").write_text("dtparam=audio=on\n")
    (folder / "meta-data").write_text("instance-id: rpi-imager-1\n")
    (folder / "user-data").write_text(USER_DATA)
    return folder


@pytest.fixture
def wheels(tmp_path: Path) -> tuple[Path, Path]:
    """A firmware, and a folder of the packages that it needs."""
    house = tmp_path / "wheels"
    house.mkdir()
    (house / "numpy-2.0-cp313-none.whl").write_bytes(b"numpy" * 1000)
    firmware = tmp_path / "exnihilo-0.1.0-py3-none-any.whl"
    firmware.write_bytes(b"firmware")
    return firmware, house


def test_a_card_gets_all_that_provisioning_sends(
    boot: Path, wheels: tuple[Path, Path], deploy: Any
) -> None:
    firmware, house = wheels
    before = {path.name: path.read_bytes() for path in boot.iterdir()}
    options = (boot, "--wheel", firmware, "--wheelhouse", house)
    for _ in range(2):
        done = deploy("image", *options, "--json")
        assert done.code == 0, done.err
    assert {name: (boot / name).read_bytes() for name in before} == before
    text = (boot / "exnihilo" / "plan.bin").read_bytes()
    assert json.loads(done.out) == {"boot": str(boot), "size_bytes": len(text)}
    line, _, files = text.partition(b"\n")
    document = json.loads(line)
    (numpy,) = house.iterdir()
    others = provision.Wheels(firmware, provision.requirements(), (numpy,))
    steps = plan.provision(others.release())
    assert document["steps"] == json.loads(json.dumps(steps))
    assert document["files"][numpy.name] == 5000
    assert files.endswith(b"firmware" + b"numpy" * 1000)
    assert (boot / "exnihilo" / "provision.py").read_text() == provision.program()
    assert (boot / "vendor-data").read_text().startswith("#!/bin/sh\n")
    assert "deploy find" in deploy("image", *options).out


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("user-data", "has no user-data"),
        ("meta-data", "has no meta-data"),
        ("config.txt", "not the boot partition"),
    ],
)
def test_what_is_no_boot_partition_is_refused(
    boot: Path, deploy: Any, name: str, reason: str
) -> None:
    (boot / name).unlink()
    done = deploy("image", boot)
    assert done.code == 1
    assert reason in done.err
    assert not (boot / "exnihilo").exists()


@pytest.mark.parametrize("text", ["", "#cloud-config\n#  ssh_authorized_keys:\n"])
def test_a_card_without_a_key_is_refused(boot: Path, deploy: Any, text: str) -> None:
    (boot / "user-data").write_text(text)
    done = deploy("image", boot)
    assert done.code == 1
    assert "holds no ssh key" in done.err


@pytest.mark.parametrize("script", [image.VENDOR_DATA, image.FIRST_START])
def test_the_scripts_of_a_card_pass_shellcheck(script: str) -> None:
    command = ["shellcheck", "--shell=sh", "-"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_wheels_for_another_machine_are_fetched_by_pip(tmp_path: Path) -> None:
    command = image.download_command(tmp_path, tmp_path / "requirements.txt")
    assert "--python-version=3.13" in command
    assert "--abi=cp313" in command
    assert "--platform=manylinux_2_28_aarch64" in command
    assert "--require-hashes" in command


@pytest.mark.parametrize(
    ("python", "numpy"), [("3.11", "1.26"), ("3.12", "2."), ("3.13", "2.")]
)
def test_requirements_are_those_of_the_modules_python(python: str, numpy: str) -> None:
    lines = image.requirements_for(python).splitlines()
    (chosen,) = [line for line in lines if line.startswith("numpy==")]
    assert chosen.startswith(f"numpy=={numpy}")
    assert any(line.startswith("gpiod==") for line in lines)
    assert all("--hash=sha256:" in line and ";" not in line for line in lines)


def test_a_condition_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x==1 ; os_name == 'nt' \\\n    --hash=sha256:0\n"
    monkeypatch.setattr(image, "requirements", lambda: text)
    with pytest.raises(UserError, match="os_name"):
        image.requirements_for("3.13")


def test_wheels_that_cannot_be_fetched_are_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "requirements", lambda: "exnihilo==0 --hash=sha256:0\n")
    with pytest.raises(UserError, match="could not be fetched: "):
        image.download_wheels(tmp_path)
