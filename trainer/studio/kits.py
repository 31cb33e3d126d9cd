"""Kits as ZIP files: one to download, one that was dropped on the page."""

from __future__ import annotations

import io
import lzma
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path

from firmware.bundle.bundle import read_bundle, write_bundle
from firmware.bundle.manifest import MANIFEST, BundleError
from firmware.errors import UserError

KIT_BYTES_MAX = 32 << 20
FILES_MAX = 32
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OSError),
)
"""What `zipfile` raises for archives that are damaged, encrypted or of an unknown method."""


def packed(folder: Path) -> bytes:
    """Return a bundle as a ZIP file: the files that its manifest names, and nothing else."""
    manifest = read_bundle(folder).manifest
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (MANIFEST, *(stored.file for stored in manifest.stored)):
            archive.writestr(name, (folder / name).read_bytes())
    return data.getvalue()


def unpack(data: bytes, folder: Path) -> str:
    """Write the kit of a ZIP file to a new folder, verified; return its name.

    Raises UserError for what is no kit, too large, or names anything outside itself.
    """
    try:
        contents = _contents(data)
    except _UNREADABLE as error:
        raise UserError("not a ZIP file that can be read") from error
    if MANIFEST not in contents:
        raise UserError(f"no kit: there is no {MANIFEST} in it")
    trial = Path(tempfile.mkdtemp())
    try:
        for name, content in contents.items():
            (trial / name).write_bytes(content)
        manifest = read_bundle(trial).manifest
        files = {stored.file: contents[stored.file] for stored in manifest.stored}
    except (BundleError, KeyError, OSError) as error:
        raise UserError(f"not a kit that can be used: {error}") from error
    finally:
        shutil.rmtree(trial, ignore_errors=True)
    write_bundle(folder, manifest, files)
    return manifest.name


def _contents(data: bytes) -> dict[str, bytes]:
    """Read the files of a ZIP file, of which all may lie in one folder."""
    found: dict[str, bytes] = {}
    left = KIT_BYTES_MAX
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > FILES_MAX:
            raise UserError(f"no kit: more than {FILES_MAX} files")
        for entry in entries:
            name = _plain(entry.filename)
            with archive.open(entry) as file:
                content = file.read(left + 1)
            left -= len(content)
            if left < 0:
                raise UserError(f"no kit: more than {KIT_BYTES_MAX >> 20} MB")
            found[name] = content
    return found


def _plain(name: str) -> str:
    """Return the name of a file at the top or in one folder. Raises UserError for others."""
    parts = name.split("/")
    plain = parts[-1]
    if len(parts) > 2 or any(part in {"", ".", ".."} or "\\" in part for part in parts):
        raise UserError("no kit: a file in it has a path")
    return plain
