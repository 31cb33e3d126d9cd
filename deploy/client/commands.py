"""The commands: each connects to one module after the other and reports on each."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from deploy import connection
from deploy.client import backup, output
from deploy.client import push as pushing
from deploy.client.hosts import read_hosts, settings_path
from deploy.connection import Connection
from firmware.cli import base
from firmware.errors import UsageError, UserError
from firmware.storage.files import write_whole
from firmware.storage.strict_json import strict_json

Document = dict[str, Any]
Lines = Callable[[Document], Iterator[str]]

BACKUP_FORMAT = "exnihilo-backup"


def push(options: argparse.Namespace) -> int:
    """Verify bundles here, then send them to each module; the last one named plays."""
    folders, host = split_host(options.bundles, local=options.local is not None)
    if options.name is not None and len(folders) > 1:
        raise UsageError("--name names one kit, and there are several")
    options.host = host
    # A local receiver verifies with the same runtime; once is enough.
    with pushing.Verification(folders if options.local is None else ()) as verification:
        bundles = pushing.pack(folders, options.name)
        if options.dry_run:
            talk, lines = partial(_preview, bundles), output.previewed
        else:
            talk, lines = partial(_send, options, bundles), output.pushed

        def verified(module: Connection) -> Document:
            verification.wait()
            return talk(module)

        return _each(options, verified, lines)


def _send(
    options: argparse.Namespace, bundles: tuple[pushing.PreparedBundle, ...], module: Connection
) -> Document:
    quiet = options.json or not sys.stderr.isatty()
    progress = _no_progress if quiet else _show_progress
    if options.progress:
        progress = _print_progress
    done = [
        pushing.push(module, bundle, progress, play=options.activate and bundle is bundles[-1])
        for bundle in bundles
    ]
    return {"bundles": [asdict(one) for one in done]}


def _preview(bundles: tuple[pushing.PreparedBundle, ...], module: Connection) -> Document:
    return {
        "bundles": [
            {
                "bundle": bundle.manifest.name,
                "would_send": pushing.preview(module, bundle),
                "size_bytes": bundle.size_bytes,
            }
            for bundle in bundles
        ]
    }


def status(options: argparse.Namespace) -> int:
    """Show the status."""
    return _each(options, lambda module: module.ask("status"), output.status)


def bundles(options: argparse.Namespace) -> int:
    """List the installed bundles."""
    return _each(options, lambda module: module.ask("list"), output.bundles)


def rollback(options: argparse.Namespace) -> int:
    """Go back to the previous installation."""
    return _each(options, lambda module: module.ask("rollback"), output.rolled_back)


def remove(options: argparse.Namespace) -> int:
    """Remove a bundle."""
    wanted = options.bundle
    return _each(options, lambda module: module.ask("remove", bundle=wanted), output.removed)


def logs(options: argparse.Namespace) -> int:
    """Show the log's last lines."""
    return _each(options, lambda module: module.ask("logs", lines=options.lines), output.logs)


def doctor(options: argparse.Namespace) -> int:
    """Check what a push needs; fail if a check fails."""
    sound = []

    def examine(module: Connection) -> Document:
        document = module.ask("doctor")
        sound.append(all(check["ok"] for check in document["checks"]))
        return document

    return _each(options, examine, output.doctor) or int(not all(sound))


def save(options: argparse.Namespace) -> int:
    """Write a module's presets, calibration and settings to a file."""
    if len(_places(options)) > 1:
        raise UsageError("a backup saves one module; name one host")

    def fetch(module: Connection) -> Document:
        files = backup.decode(module.ask("backup").get("files"))
        document = {"format": BACKUP_FORMAT, "version": 1, "files": backup.encode(files)}
        write_whole(options.output, json.dumps(document, indent=1).encode() + b"\n")
        return {"file": str(options.output), "count": len(files)}

    return _each(options, fetch, output.backed_up)


def restore(options: argparse.Namespace) -> int:
    """Restore a backup on each module."""
    files = backup.encode(_read_backup(options.file))
    return _each(options, lambda module: module.ask("restore", files=files), output.restored)


def split_host(arguments: list[str], *, local: bool) -> tuple[list[Path], str | None]:
    """Split the arguments into bundles and a host.

    A folder, or what is written like a path, is a bundle; the first argument always is.
    """
    last = arguments[-1]
    is_host = len(arguments) > 1 and not local and "/" not in last and not Path(last).is_dir()
    names = arguments[:-1] if is_host else arguments
    return [Path(name) for name in names], last if is_host else None


def hosts(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the hosts that the command line means."""
    return read_hosts(settings_path()).resolve(options.host)


def _places(options: argparse.Namespace) -> list[tuple[str, Callable[[], Connection]]]:
    if options.local is not None:
        home: Path = options.local
        if not home.is_dir() and options.func not in {push, restore}:
            raise UserError(f"{home}: no home folder here; `deploy push --local` makes one")
        return [(str(home), lambda: connection.local(home))]
    return [(host, partial(connection.module, host)) for host in hosts(options)]


def _each(
    options: argparse.Namespace, talk: Callable[[Connection], Document], lines: Lines
) -> int:
    """Run a command on each module in turn; a failure does not stop the others."""
    places = _places(options)
    answers: list[Document] = []
    for name, connect in places:
        try:
            with connect() as module:
                document = talk(module)
        except UserError as error:
            if options.debug:
                raise
            base.say(f"deploy: {error}")
            answers.append({"module": name, "ok": False, "reason": str(error)})
            continue
        answers.append({**document, "module": name, "ok": True})
        if not options.json:
            _print(name if len(places) > 1 else None, lines(document))
    if options.json:
        base.answer({"modules": answers})
    return int(not all(answer["ok"] for answer in answers))


def _print(module: str | None, lines: Iterator[str]) -> None:
    for text in lines:
        base.show(f"{module}: {text}" if module else text)


def _read_backup(path: Path) -> dict[str, bytes]:
    try:
        document = strict_json(path.read_bytes())
    except ValueError:
        document = None
    if not isinstance(document, dict) or document.get("format") != BACKUP_FORMAT:
        raise backup.BackupError(f"{path}: not a file that `deploy backup` wrote")
    return backup.decode(document.get("files"))


def _no_progress(_name: str, _sent: int, _total: int) -> None:
    pass


def _print_progress(name: str, sent: int, total: int) -> None:
    event = {"phase": "sending", "share": round(sent / max(total, 1), 3), "item": name}
    base.say(json.dumps(event))


def _show_progress(name: str, sent: int, total: int) -> None:
    end = "\n" if sent == total else ""
    text = f"\r{name}: {100 * sent // total:3d} % of {output.size(total)}"
    print(text, end=end, file=sys.stderr, flush=True)  # noqa: T201 - a progress line
