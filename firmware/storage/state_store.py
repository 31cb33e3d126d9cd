"""Documents that survive a power cut: the previous copy is kept, a corrupt one set aside.

A save keeps the old file under `NAME.previous`. If power fails at any instant, at least one of
the two names holds a whole file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from firmware.storage.files import SYSTEM_DISK, Disk, replace_file

T = TypeVar("T")

DOCUMENT_BYTES_MAX = 1 << 20


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """The content of a file, or None without one, and notes on what was repaired."""

    value: T | None
    notes: tuple[str, ...] = ()


def previous_of(path: Path) -> Path:
    """Return the name of the previous copy."""
    return path.with_name(f"{path.name}.previous")


def corrupt_of(path: Path) -> Path:
    """Return the name for a corrupt file that is set aside."""
    return path.with_name(f"{path.name}.corrupt")


def save(path: Path, data: bytes, disk: Disk = SYSTEM_DISK) -> None:
    """Replace a file so that a power cut leaves the old or the new one. Raises `OSError`."""
    replace_file(path, data, previous=previous_of(path), disk=disk)


def read(path: Path, parse: Callable[[bytes], T]) -> Loaded[T]:
    """Read a file, or its previous copy, without writing to the disk.

    `parse` raises `ValueError` for an unusable content, which becomes a note.
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
    instead = "defaults" if loaded.value is None else "the previous copy"
    try:
        disk.replace(path, aside)
        moved = f"set aside as {aside.name}"
    except OSError as error:
        moved = f"could not be set aside ({error.strerror})"
    return Loaded(loaded.value, (f"{corrupt[0]}; {moved}; using {instead}",))
