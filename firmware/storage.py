"""Files that survive a power cut: written whole, the copy before kept, corrupt ones set aside.

A save writes a temporary file, syncs it, keeps the old file under `NAME.previous`, renames the
new one into place and syncs the folder. Whatever instant the power goes at, either name holds
a whole file.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from firmware.files import sync_folder

T = TypeVar("T")

DOCUMENT_BYTES_MAX = 1 << 20


class Disk(Protocol):
    """The operations whose order decides what a power cut leaves. All raise `OSError`."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a new file, or over an old one, without syncing it."""

    def sync(self, path: Path) -> None:
        """Bring a file's data to the medium."""

    def link(self, path: Path, name: Path) -> None:
        """Give a file a second name, which was free."""

    def replace(self, path: Path, name: Path) -> None:
        """Give a file another name, over whatever had it."""

    def remove(self, path: Path) -> None:
        """Take a name away, if it is there."""

    def sync_folder(self, folder: Path) -> None:
        """Bring a folder's names to the medium."""


class SystemDisk:
    """The operating system's own."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a file without syncing it."""
        path.write_bytes(data)

    def sync(self, path: Path) -> None:
        """Bring a file's data to the medium."""
        with path.open("rb+") as file:
            os.fsync(file.fileno())

    def link(self, path: Path, name: Path) -> None:
        """Give a file a second name."""
        name.hardlink_to(path)

    def replace(self, path: Path, name: Path) -> None:
        """Give a file another name."""
        path.replace(name)

    def remove(self, path: Path) -> None:
        """Take a name away."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Bring a folder's names to the medium."""
        sync_folder(folder)


SYSTEM_DISK = SystemDisk()


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """What a file held, or None if there was none, and what had to be done about it."""

    value: T | None
    notes: tuple[str, ...] = ()


def previous_of(path: Path) -> Path:
    """Give the name of the copy that was valid before."""
    return path.with_name(f"{path.name}.previous")


def corrupt_of(path: Path) -> Path:
    """Give the name under which a corrupt file is set aside."""
    return path.with_name(f"{path.name}.corrupt")


def save(path: Path, data: bytes, disk: Disk = SYSTEM_DISK) -> None:
    """Replace a file so that a power cut leaves the old or the new one. Raises `OSError`."""
    part = path.with_name(f".{path.name}.part")
    kept = path.with_name(f".{path.name}.kept")
    disk.write(part, data)
    disk.sync(part)
    disk.remove(kept)
    with suppress(FileNotFoundError):
        disk.link(path, kept)
        disk.replace(kept, previous_of(path))
    disk.replace(part, path)
    disk.sync_folder(path.parent)


def read(path: Path, parse: Callable[[bytes], T]) -> Loaded[T]:
    """Read a file, or the copy before it, changing nothing on the disk.

    `parse` raises `ValueError` for what cannot be used; the notes say so.
    """
    notes: list[str] = []
    for name in (path, previous_of(path)):
        try:
            with name.open("rb") as file:
                value = parse(file.read(DOCUMENT_BYTES_MAX))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError) as error:
            notes.append(f"{name.name}: cannot be used ({error})"[:300])
        else:
            return Loaded(value, tuple(notes))
    return Loaded(None, tuple(notes))


def load(path: Path, parse: Callable[[bytes], T], disk: Disk = SYSTEM_DISK) -> Loaded[T]:
    """Read a file as `read` does, and set it aside if it is corrupt, naming it in the notes."""
    loaded = read(path, parse)
    corrupt = [note for note in loaded.notes if note.startswith(f"{path.name}:")]
    if not corrupt:
        return loaded
    aside = corrupt_of(path)
    instead = "defaults" if loaded.value is None else "the copy before it"
    try:
        disk.replace(path, aside)
        moved = f"set aside as {aside.name}"
    except OSError as error:
        moved = f"could not be set aside ({error.strerror})"
    return Loaded(loaded.value, (f"{corrupt[0]}; {moved}; using {instead}",))
