"""`deploy provision`, `deploy upgrade`, `deploy repair` and `deploy image`."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.client.commands import hosts
from deploy.provision import image as imaging
from deploy.provision import plan
from deploy.provision import provision as provisioning
from deploy.provision.provision import Wheels
from deploy.provision.steps import Step
from firmware.cli import base
from firmware.errors import UserError

Plan = Callable[[plan.Release], tuple[Step, ...]]


def provision(options: argparse.Namespace) -> int:
    """Set up each host as a module; a second run changes nothing."""
    return _carry_out(options, plan.provision, "reboot it to start: ssh {} sudo reboot")


def upgrade(options: argparse.Namespace) -> int:
    """Install a new firmware on each module; the old one stays if it is not healthy."""
    return _carry_out(options, plan.upgrade, "the new firmware runs")


def repair(options: argparse.Namespace) -> int:
    """Repair the installation of each module."""
    return _carry_out(options, plan.repair, "it plays again")


def image(options: argparse.Namespace) -> int:
    """Prepare a card's boot partition, so that its first start makes it a module."""
    boot: Path = options.boot
    imaging.check_seed(boot)
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.wheel or provisioning.build_wheel(Path(folder))
        house = options.wheelhouse
        if house is None:
            base.say("fetching the packages of a module; this takes a minute")
            house = Path(folder) / "wheels"
            house.mkdir()
            imaging.download_wheels(house)
        others = provisioning.wheelhouse(house)
        size_bytes = imaging.write_image(
            boot, Wheels(wheel, provisioning.requirements(), others)
        )
    if options.json:
        base.answer({"boot": str(boot), "size_bytes": size_bytes})
    else:
        base.show(
            f"{boot}: {size_bytes / 1e6:.0f} MB written; eject the card and start the module "
            "with it, which takes a few minutes the first time; then run `deploy find`"
        )
    return 0


def _carry_out(options: argparse.Namespace, make: Plan, then: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.wheel or provisioning.build_wheel(Path(folder))
        others = provisioning.wheelhouse(options.wheelhouse) if options.wheelhouse else ()
        wheels = Wheels(wheel, provisioning.requirements(), others)
        steps = make(wheels.release())
        answers = [_one(options, host, steps, wheels, then) for host in hosts(options)]
    if options.json:
        base.answer({"modules": answers})
    return int(not all(answer["ok"] for answer in answers))


def _one(
    options: argparse.Namespace,
    host: str,
    steps: tuple[Step, ...],
    wheels: Wheels,
    then: str,
) -> dict[str, Any]:
    changes: list[str] = []

    def said(change: str) -> None:
        changes.append(change)
        base.say(f"{host}: {change}")

    try:
        provisioning.carry_out(host, steps, wheels, said, dry_run=options.dry_run)
    except UserError as error:
        if options.debug:
            raise
        base.say(f"deploy: {error}")
        return {"module": host, "ok": False, "reason": str(error), "changes": changes}
    end = "nothing to change"
    if changes:
        end = f"{len(changes)} changes {'to make' if options.dry_run else 'made'}"
        end = end if options.dry_run else f"{end}; {then.format(host)}"
    if not options.json:
        sys.stdout.write(f"{host}: {end}\n")
    return {"module": host, "ok": True, "changes": changes}
