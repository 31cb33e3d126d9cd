"""Writes files and links so that they appear whole or not at all, even after a power cut.

A file is written under another name, synced, renamed into place, and its folder synced.
"""

import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from firmware.errors import UserError


class Disk(Protocol):
    """The operations whose order matters in a power cut. All raise `OSError`."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a new file, or overwrite an old one, without syncing it."""

    def sync(self, path: Path) -> None:
        """Write a file's data to the medium."""

    def link(self, path: Path, name: Path) -> None:
        """Give a file a second name that does not exist yet."""

    def replace(self, path: Path, name: Path) -> None:
        """Rename a file, replacing one of that name."""

    def remove(self, path: Path) -> None:
        """Remove a file, if it exists."""

    def sync_folder(self, folder: Path) -> None:
        """Write a folder's entries to the medium."""


class SystemDisk:
    """The operating system's own."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a file without syncing it."""
        path.write_bytes(data)

    def sync(self, path: Path) -> None:
        """Write a file's data to the medium."""
        _sync(path)

    def link(self, path: Path, name: Path) -> None:
        """Give a file a second name."""
        name.hardlink_to(path)

    def replace(self, path: Path, name: Path) -> None:
        """Rename a file."""
        path.replace(name)

    def remove(self, path: Path) -> None:
        """Take a name away."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Write a folder's entries to the medium."""
        _sync(folder)


SYSTEM_DISK = SystemDisk()


def write_whole(path: Path, content: bytes, *, synced: bool = True) -> None:
    """Replace a file as `replace_file` does, and make its folder if need be.

    Raises `UserError` when writing fails; no partial file remains.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content, synced=synced)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror})") from error


def replace_file(
    path: Path,
    content: bytes,
    *,
    synced: bool = True,
    previous: Path | None = None,
    disk: Disk = SYSTEM_DISK,
) -> None:
    """Replace a file so that a power cut leaves the old or the new one. Raises `OSError`.

    `previous` is another name under which the old file is kept. A file that can be made again
    need not be `synced`, which waits for the disk.
    """
    # Unique among the threads and processes that may write the same file.
    part = _beside(path, f"{os.getpid()}-{threading.get_ident()}.part")
    try:
        disk.write(part, content)
        if synced:
            disk.sync(part)
        if previous:
            _keep(path, previous, disk)
        disk.replace(part, path)
    except OSError:
        with suppress(OSError):
            disk.remove(part)
        raise
    if synced:
        disk.sync_folder(path.parent)


def write_new(path: Path, blocks: Iterable[bytes]) -> None:
    """Write a new file and sync its data. Raises `OSError`, also if it exists.

    Its name is durable once the folder is synced.
    """
    with path.open("xb") as file:
        for block in blocks:
            file.write(block)
    _sync(path)


def replace_link(path: Path, target: Path) -> None:
    """Point a symbolic link at `target`, atomically and durably. Raises `OSError`.

    One writer at a time; the rest of an interrupted one is replaced.
    """
    part = _beside(path, "part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable. Raises `OSError`."""
    _sync(folder)


def _keep(path: Path, previous: Path, disk: Disk) -> None:
    kept = _beside(path, "kept")
    disk.remove(kept)
    with suppress(FileNotFoundError):
        disk.link(path, kept)
        disk.replace(kept, previous)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f".{path.name}.{ending}")


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders, and keeps their entries in its journal
    # Windows syncs only what is open for writing.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
