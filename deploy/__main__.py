"""The command line: `deploy`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deploy.client import commands, find
from deploy.provision import cli as provision
from firmware.cli import base

HOSTS = "HOST is a host, USER@HOST or a group of deploy.toml; exnihilo.local without one."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return its exit code."""
    return base.run(build_parser, arguments)


def build_parser() -> base.Parser:
    """Return the parser of all commands."""
    parser = base.program(
        prog="deploy",
        description="Send kits and firmware to a module, and show its status.",
        epilog=f"{HOSTS} Example: deploy push drums exnihilo.local",
    )
    subparsers = parser.add_subparsers(metavar="COMMAND")
    _add_push(subparsers)
    _add_find(subparsers)
    for name, func, what in (
        ("status", commands.status, "show what runs, its uptime, faults and free space"),
        ("list", commands.bundles, "list the installed kits in the order of installation"),
        ("rollback", commands.rollback, "play the kit installed before the current one"),
        ("doctor", commands.doctor, "check everything that a push needs"),
    ):
        _add(subparsers, name, func, what)
    _add(
        subparsers,
        "remove",
        commands.remove,
        "remove an installed kit, but not the current one",
        first={
            "dest": "bundle",
            "metavar": "KIT",
            "help": "NAME, or NAME/NUMBER for one installation",
        },
        example="drums",
    )
    logs = _add(subparsers, "logs", commands.logs, "show the last lines of the module's log")
    logs.add_argument("--lines", type=int, default=100, metavar="N", help="default 100")
    _add_backup(subparsers)
    _add_firmware(subparsers)
    return parser


def _add_push(subparsers: Any) -> None:
    push = subparsers.add_parser(
        "push",
        parents=[base.common_options()],
        help="send kits to a module and play the last of them",
        description="Verify kits, send them to a module and play the last of them. A kit "
        "that is already installed is not sent again.",
        usage="deploy push [OPTION...] KIT... [HOST | --local DIR]",
        epilog=f"{HOSTS} Example: deploy push drums bass exnihilo.local",
    )
    push.add_argument("bundles", nargs="+", metavar="KIT", help=argparse.SUPPRESS)
    _add_local(push)
    push.add_argument("--name", help="install it under another name")
    push.add_argument(
        "--no-activate", dest="activate", action="store_false", help="install, do not play"
    )
    push.add_argument("--dry-run", action="store_true", help="only show what would be sent")
    push.add_argument(
        "--progress",
        action="store_true",
        help="print progress on standard error, a JSON object a line: phase, share, item",
    )
    push.set_defaults(func=commands.push)


def _add_find(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "find",
        parents=[base.common_options()],
        help="list the modules on this network and on USB",
        description="List the modules that reply on this computer's networks, each with the "
        "name to write as HOST, and those on its USB sockets that do not reply yet.",
        epilog="Example: deploy find",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=find.WAIT_S,
        metavar="S",
        help=f"how long to wait for replies (default {find.WAIT_S:g})",
    )
    parser.set_defaults(func=find.find)


def _add_backup(subparsers: Any) -> None:
    backup = _add(
        subparsers,
        "backup",
        commands.save,
        "save presets, calibration and settings to a file",
        example="-o studio.json",
    )
    backup.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE.json", help="the backup"
    )
    _add(
        subparsers,
        "restore",
        commands.restore,
        "restore a backup on a module",
        first={
            "dest": "file",
            "type": Path,
            "metavar": "FILE.json",
            "help": "a file written by `deploy backup`",
        },
        example="studio.json",
    )


def _add_firmware(subparsers: Any) -> None:
    _add_image(subparsers)
    kept = "install a new firmware; the old one stays if the new one is not healthy"
    for name, func, what in (
        ("provision", provision.provision, "set up a fresh Raspberry Pi OS Lite as a module"),
        ("upgrade", provision.upgrade, kept),
        ("repair", provision.repair, "repair the installation of a module that does not play"),
    ):
        parser = _add(subparsers, name, func, what, local=False)
        parser.add_argument("--wheel", type=Path, help="the firmware (built from the checkout)")
        parser.add_argument(
            "--wheelhouse",
            type=Path,
            metavar="DIR",
            help="install all packages from these wheels",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only show what would change"
        )


def _add_image(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "image",
        parents=[base.common_options()],
        help="prepare a card that makes a Raspberry Pi a module at its first start",
        description="Add the firmware to the boot partition of a card that Raspberry Pi Imager "
        "has written with Raspberry Pi OS Lite 64-bit (Trixie), a user, an ssh key and, if you "
        "like, Wi-Fi. Its first start needs no network, keyboard or screen.",
        epilog="Example: deploy image /Volumes/bootfs",
    )
    parser.add_argument("boot", type=Path, metavar="BOOT", help="the folder of the partition")
    parser.add_argument("--wheel", type=Path, help="the firmware (built from the checkout)")
    parser.add_argument(
        "--wheelhouse",
        type=Path,
        metavar="DIR",
        help="take all packages from these wheels (fetched from the network)",
    )
    parser.set_defaults(func=provision.image)


def _add(
    subparsers: Any,
    name: str,
    func: Callable[[argparse.Namespace], int],
    what: str,
    *,
    first: dict[str, Any] | None = None,
    example: str = "",
    local: bool = True,
) -> argparse.ArgumentParser:
    words = " ".join(filter(None, ("deploy", name, example, "exnihilo.local")))
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        parents=[base.common_options()],
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"{HOSTS} Example: {words}",
    )
    if first:
        parser.add_argument(**first)
    parser.add_argument("host", nargs="?", metavar="HOST", help="the module")
    if local:
        _add_local(parser)
    parser.set_defaults(func=func)
    return parser


def _add_local(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--local", type=Path, metavar="DIR", help="a home on this computer instead of a module"
    )


if __name__ == "__main__":
    sys.exit(main())
