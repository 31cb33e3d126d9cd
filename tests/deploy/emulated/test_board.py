"""A module on an emulated board, provisioned and restarted."""

from pathlib import Path

import pytest

from tests.deploy.booted.steps import PLAYS_S, deploy_to, status_of, waits_until
from tests.deploy.emulated.conftest import ADMIN
from tests.deploy.emulated.emulator import Emulator

pytestmark = pytest.mark.emulated

DEVICES = ("/dev/i2c-1", "/dev/spidev0.0", "/dev/spidev0.1", "/dev/ttyAMA0", "/dev/gpiochip0")
SECURITY_MOST = 1.7


def test_provisioning_and_a_reboot_make_it_a_module(
    machine: Emulator, wheel: Path, wheelhouse: Path
) -> None:
    options = ("--wheel", wheel, "--wheelhouse", wheelhouse, ADMIN)
    done = deploy_to(machine, "provision", *options)
    assert done.code == 0, done.err
    machine.cut_power()
    machine.start()
    waits_until(lambda: bool(status_of(machine)), PLAYS_S * machine.slowness)
    assert machine.run("systemctl --failed --plain --no-legend") == ""
    owners = machine.run(f"stat -c %G {' '.join(DEVICES)}").split()
    assert owners == ["i2c", "spi", "spi", "dialout", "gpio"]


def test_the_player_is_at_fifo_with_locked_memory_in_its_sandbox(machine: Emulator) -> None:
    main = machine.run("systemctl show -p MainPID --value exnihilo.service")
    children = machine.run(f"ps --ppid {main} -o pid=,cls=,rtprio=").splitlines()
    ((player, priority),) = (
        (pid, priority) for pid, policy, priority in map(str.split, children) if policy == "FF"
    )
    status = machine.run(f"cat /proc/{player}/status")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(priority) == 60
    assert int(fields["VmLck"].split()[0]) > 20_000
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"
    assert int(fields["CapEff"], 16) == 0
    security = machine.run("systemd-analyze security --no-pager exnihilo.service | tail -n 1")
    assert float(security.split(": ")[1].split()[0]) <= SECURITY_MOST


def usb_is_there(machine: Emulator) -> bool:
    """Tell whether both ends of the network are there, and both of the MIDI cable."""
    links = machine.run("ip -o link", check=False)
    cards = machine.run("cat /proc/asound/cards", check=False)
    return "02:58:" in links and "06:58:" in links and cards.count("Ex Nihilo") > 0


def test_its_usb_port_is_a_network_and_a_midi_port(machine: Emulator) -> None:
    """The cable ends in the same machine, whose own host finds what the module offers."""
    waits_until(lambda: usb_is_there(machine), PLAYS_S)
