"""Which files to encode: the loops in the given files and folders."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware.errors import UserError
from trainer.audio.audio_file import SUFFIXES, UNSUPPORTED
from trainer.audio.tempo import Hint, checked_hint

MIDI_SUFFIXES = frozenset({".mid", ".midi"})


@dataclass(frozen=True, slots=True)
class Source:
    """A file and the name it goes by: its path below the folder that was given."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The loops in files and folders, and the files there that cannot be read as loops.

    unsupported: (name, what to do), for audio formats and projects that cannot be read.
    """

    sources: tuple[Source, ...]
    unsupported: tuple[tuple[str, str], ...] = ()


def find_sources(paths: Iterable[str | Path]) -> Listing:
    """Return the loops in the given files and folders (with those below), sorted by name.

    A file that was named itself is always taken; in folders, files of known endings that
    are not hidden, nor in hidden folders.
    Raises UserError for a path that does not exist and when nothing is found.
    """
    roots = [Path(path) for path in paths]
    found: dict[Path, Source] = {}
    for root in roots:
        for source in _below(root):
            found.setdefault(source.path.absolute(), source)
    unsupported = [
        source
        for path, source in found.items()
        if path.suffix.lower() in UNSUPPORTED
        and path not in {root.absolute() for root in roots}
    ]
    loops = [source for source in found.values() if source not in unsupported]
    if not loops:
        raise UserError(_nothing_found(roots, unsupported))
    return Listing(
        tuple(_unique_names(sorted(loops, key=lambda source: source.name))),
        tuple((s.name, UNSUPPORTED[s.path.suffix.lower()]) for s in unsupported),
    )


def _nothing_found(roots: list[Path], unsupported: list[Source]) -> str:
    where = ", ".join(str(root) for root in roots)
    message = f"{where}: no loops here (wav, aiff, flac, ogg, opus, mp3, mid)"
    if not unsupported:
        return message
    name = unsupported[0].name
    return f"{message}; {name}: {UNSUPPORTED[Path(name).suffix.lower()]}"


def _below(root: Path) -> Iterator[Source]:
    if root.is_file():
        yield Source(root, root.name)
    elif root.is_dir():
        for path in _walk(root):
            yield Source(path, path.relative_to(root).as_posix())
    else:
        raise UserError(f"{root}: no such file or folder")


def _walk(root: Path) -> Iterator[Path]:
    """Yield loops below a folder; links are followed, but never round in a circle."""
    seen: set[Path] = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        real = Path(folder).resolve()
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        for name in files:
            known = Path(name).suffix.lower() in SUFFIXES | MIDI_SUFFIXES | UNSUPPORTED.keys()
            if known and not name.startswith("."):
                yield Path(folder, name)


def _unique_names(sources: list[Source]) -> list[Source]:
    """Give files of the same name in different folders their whole path as name."""
    uses = Counter(source.name for source in sources)
    return [
        Source(source.path, source.path.as_posix()) if uses[source.name] > 1 else source
        for source in sources
    ]


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_tempi(path: Path) -> dict[str, Hint]:
    """Read a table of `file,bpm,bars,meter` with a heading; all but file may be left empty.

    Raises UserError naming the line that cannot be used.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"file", "bpm"} <= set(rows.fieldnames or ()):
                raise UserError(f"{path}: the first line must be: file,bpm,bars")
            return {row["file"]: _hint(path, rows.line_num, row) for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{path}: not a table that can be read ({reason})") from error


def _hint(path: Path, line: int, row: dict[str, str]) -> Hint:
    try:
        bpm = float(row["bpm"]) if row["bpm"] else None
        bars = float(row.get("bars") or 0) or None
        return checked_hint(bpm, bars, row.get("meter") or None)
    except (ValueError, TypeError) as error:
        raise UserError(f"{path}, line {line}: {error}") from error


def hint_for(name: str, table: Mapping[str, Hint]) -> Hint | None:
    """Return a file's line of the table, by its name or the last part of it."""
    return table.get(name) or table.get(Path(name).name)


def unmatched(names: Iterable[str], table: Mapping[str, Hint]) -> tuple[str, ...]:
    """Return the lines of the table that match none of the files."""
    known = {part for name in names for part in (name, Path(name).name)}
    return tuple(line for line in table if line not in known)


def tempi_table(rows: Iterable[tuple[str, float, float]]) -> str:
    """Return a table to complete, of (file, detected bpm, detected bars).

    bpm and bars are empty; read_tempi() ignores further columns and empty values.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "bpm", "bars", "meter", "detected_bpm", "detected_bars"])
    for name, bpm, bars in rows:
        writer.writerow([name, "", "", "", f"{bpm:.6g}", f"{bars:g}"])
    return text.getvalue()
