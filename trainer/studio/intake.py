"""Files that are dropped on the page: streamed to the project's folder, within limits."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from firmware.errors import UserError
from trainer.audio.audio_file import SUFFIXES, UNSUPPORTED
from trainer.data.sources import MIDI_SUFFIXES, content_digest

FOLDER = "loops"
FILE_BYTES_MAX = 200 << 20
TOTAL_BYTES_MAX = 8 << 30
FILES_MAX = 20_000
NAME_BYTES_MAX = 180

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')
_DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class UploadError(UserError):
    """A file that is not accepted; the message says why."""


def plain_name(given: str) -> str:
    """Return the last part of a name as any file system takes it. Raises UploadError."""
    name = _FORBIDDEN.sub("-", PurePosixPath(given.replace("\\", "/")).name).strip(" .")
    stem, suffix = Path(name).stem, Path(name).suffix
    if suffix.lower() in UNSUPPORTED:
        raise UploadError(UNSUPPORTED[suffix.lower()])
    if suffix.lower() not in SUFFIXES | MIDI_SUFFIXES:
        raise UploadError("not a loop (wav, aiff, flac, ogg, opus, mp3, mid)")
    while len(stem.encode()) > NAME_BYTES_MAX:
        stem = stem[:-1]
    return f"{'-' if _DEVICES.match(stem) else ''}{stem}{suffix}"


async def save(project: Path, given: str, blocks: AsyncIterator[bytes]) -> str:
    """Save a file to the project's loops, unless the same content is there; return its name.

    Raises UploadError for what is too much or no loop; nothing of it remains.
    """
    name = plain_name(given)
    folder = project / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    room = _room(folder)
    part = folder / f".{os.getpid()}-{id(blocks)}.part"
    digest = hashlib.sha256()
    size = 0
    try:
        with part.open("xb") as file:
            async for block in blocks:
                size += len(block)
                if size > min(FILE_BYTES_MAX, room):
                    raise UploadError(_too_much(room))
                digest.update(block)
                file.write(block)
        return _placed(folder, name, part, digest.hexdigest())
    except OSError as error:
        raise UploadError(f"cannot be saved ({error.strerror})") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _room(folder: Path) -> int:
    """Return how many bytes the folder may still take."""
    with os.scandir(folder) as entries:
        sizes = [entry.stat(follow_symlinks=False).st_size for entry in entries]
    if len(sizes) >= FILES_MAX:
        raise UploadError(f"the project already holds {FILES_MAX} files")
    return max(TOTAL_BYTES_MAX - sum(sizes), 0)


def _too_much(room: int) -> str:
    if room < FILE_BYTES_MAX:
        return f"the project may hold {TOTAL_BYTES_MAX >> 30} GB of loops"
    return f"larger than {FILE_BYTES_MAX >> 20} MB; cut it into loops"


def _placed(folder: Path, name: str, part: Path, digest: str) -> str:
    """Rename a file into place; another of that name and other content stays."""
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    while True:
        target = folder / (name if number == 1 else f"{stem}-{number}{suffix}")
        if not os.path.lexists(target):
            part.replace(target)
            return target.name
        if target.is_file() and not target.is_symlink() and content_digest(target) == digest:
            return target.name
        number += 1
