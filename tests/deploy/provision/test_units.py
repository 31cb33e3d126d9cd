"""The units and the gadget script, as systemd, a shell and a configfs see them."""

import re
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from deploy.provision import contents
from firmware.panel.power import REQUEST

UNITS = Path(str(files("deploy"))) / "units"


@pytest.mark.parametrize("name", contents.UNITS)
def test_systemd_verifies_it(tmp_path: Path, name: str) -> None:
    for unit in contents.UNITS:
        text = (UNITS / unit).read_text()
        # The commands are not installed here; systemd insists that they are.
        text = re.sub(r"(Exec\w+=\+?)/(?:run|usr/local|usr/bin)/\S+", r"\1/bin/true", text)
        (tmp_path / unit).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_asks_for_a_shutdown_where_it_is_waited_for() -> None:
    watched = f"PathExists=/run/exnihilo/{REQUEST}\n"
    assert watched in (UNITS / "exnihilo-poweroff.path").read_text()
    assert "RuntimeDirectory=exnihilo\n" in (UNITS / "exnihilo.service").read_text()


@pytest.mark.parametrize(
    ("name", "exposure"),
    [
        ("exnihilo.service", 2.0),
        ("exnihilo-gadget.service", 4.0),
        ("exnihilo-poweroff.service", 4.0),
        ("exnihilo-trial.service", 3.5),
    ],
)
def test_it_is_exposed_no_more_than_this(name: str, exposure: float) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", UNITS / name],
        capture_output=True,
        text=True,
        check=True,
    )
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert level
    assert float(level[1]) <= exposure


@pytest.fixture
def gadget(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "udc" / "fe980000.usb").mkdir(parents=True)
    (tmp_path / "serial").write_bytes(b"10000000abcdef12\0")
    return {
        "PATH": "/usr/sbin:/usr/bin:/bin",
        "GADGET": str(tmp_path / "gadget"),
        "CONTROLLERS": str(tmp_path / "udc"),
        "SERIAL_FILE": str(tmp_path / "serial"),
    }


def test_the_gadget_describes_ethernet_and_midi(gadget: dict[str, str]) -> None:
    for _ in range(2):  # starting twice is starting once
        subprocess.run([UNITS / "gadget", "start"], env=gadget, check=True)
    root = Path(gadget["GADGET"])
    assert (root / "UDC").read_text() == "fe980000.usb"
    assert (root / "functions/ecm.usb0/dev_addr").read_text() == "02:58:ab:cd:ef:12"
    assert (root / "functions/ecm.usb0/host_addr").read_text() == "06:58:ab:cd:ef:12"
    assert (root / "functions/midi.usb0/id").read_text() == "exnihilo"
    links = sorted(path.name for path in (root / "configs/c.1").iterdir() if path.is_symlink())
    assert links == ["ecm.usb0", "midi.usb0"]


def test_a_board_without_a_serial_number_has_an_address_too(gadget: dict[str, str]) -> None:
    subprocess.run([UNITS / "gadget", "start"], env={**gadget, "SERIAL_FILE": "/"}, check=True)
    address = Path(gadget["GADGET"]) / "functions/ecm.usb0/dev_addr"
    assert address.read_text() == "02:58:00:00:00:00"


def test_a_start_after_one_that_failed_works(gadget: dict[str, str]) -> None:
    controller = Path(gadget["CONTROLLERS"]) / "fe980000.usb"
    controller.rmdir()
    command = [UNITS / "gadget", "start"]
    assert subprocess.run(command, env=gadget, capture_output=True, check=False).returncode
    controller.mkdir()
    subprocess.run(command, env=gadget, check=True)
    assert (Path(gadget["GADGET"]) / "UDC").read_text() == "fe980000.usb"


def test_without_a_controller_the_gadget_says_what_to_do(gadget: dict[str, str]) -> None:
    (Path(gadget["CONTROLLERS"]) / "fe980000.usb").rmdir()
    done = subprocess.run(
        [UNITS / "gadget", "start"], env=gadget, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "dtoverlay=dwc2" in done.stderr


def test_the_gadget_passes_shellcheck() -> None:
    subprocess.run(["shellcheck", UNITS / "gadget"], check=True)
