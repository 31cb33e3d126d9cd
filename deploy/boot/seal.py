"""A version's seal: a file, written last, that lists all its files with their hashes.

What is sealed was brought to the disk before, so a power cut leaves a whole version or one
without a seal. Standard library only.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SEAL = ".seal"


class Entry(NamedTuple):
    """A file of a seal: SHA-256 or `link`, size in bytes, path, and a link's target."""

    digest: str
    size_bytes: int
    path: str
    target: str = ""


def seal(folder: Path) -> None:
    """Bring a whole installation to the disk, then list its files. Raises `OSError`."""
    (folder / SEAL).unlink(missing_ok=True)
    entries = [_entry(folder, path) for path in sorted(_paths(folder))]
    for path in (folder, *(path for path in folder.rglob("*") if _is_folder(path))):
        sync(path)
    os.sync()
    replace_text(folder / SEAL, json.dumps(entries, indent=0) + "\n")
    sync(folder.parent)


def is_whole(folder: Path, *, deep: bool) -> bool:
    """Compare a version with its seal: by sizes, or `deep`, by hashes."""
    try:
        return all(_agrees(folder, entry, deep=deep) for entry in _read_seal(folder))
    except (OSError, ValueError, TypeError):
        return False


def _paths(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not _is_folder(path))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _entry(folder: Path, path: Path) -> Entry:
    """Hash a file and bring it to the disk."""
    name = path.relative_to(folder).as_posix()
    if path.is_symlink():
        return Entry("link", 0, name, str(path.readlink()))
    sync(path)
    return Entry(_digest(path), path.stat().st_size, name)


def _agrees(folder: Path, entry: Entry, *, deep: bool) -> bool:
    path = folder / entry.path
    if entry.digest == "link":
        return str(path.readlink()) == entry.target
    if path.is_symlink() or path.stat().st_size != entry.size_bytes:
        return False
    return not deep or _digest(path) == entry.digest


def _read_seal(folder: Path) -> list[Entry]:
    entries = [Entry(*fields) for fields in json.loads((folder / SEAL).read_bytes())]
    if not entries:
        raise ValueError(f"{folder}: its seal lists no files")
    return entries


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace_text(path: Path, text: str) -> None:
    """Replace a file so that a power cut leaves the old or the new one. Raises `OSError`."""
    part = path.with_name(f".{path.name}.part")
    remove(part)
    part.write_text(text, "utf-8")
    sync(part)
    _remove_folder(path)
    part.replace(path)
    sync(path.parent)


def replace_link(path: Path, target: Path) -> None:
    """Point a link elsewhere in one step that lasts. Raises `OSError`."""
    part = path.with_name(f".{path.name}.part")
    remove(part)
    part.symlink_to(target)
    _remove_folder(path)
    part.replace(path)
    sync(path.parent)


def remove(path: Path) -> None:
    """Remove what is at a path, if anything, of whatever kind. Raises `OSError`."""
    _remove_folder(path)
    path.unlink(missing_ok=True)


def _remove_folder(path: Path) -> None:
    if _is_folder(path):
        shutil.rmtree(path)


def sync(path: Path) -> None:
    """Bring a file's data, or a folder's names, to the disk. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
