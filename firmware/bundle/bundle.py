"""The bundle: what the trainer writes, deploy carries and the module loads.

A folder with a manifest, one `.tflite` per voice and pictures for people. Nothing in a bundle
is trusted before it was read here.
"""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware.bundle.manifest import (
    MANIFEST,
    MANIFEST_BYTES_MAX,
    BundleError,
    Manifest,
    StoredFile,
    VoiceModel,
    manifest_bytes,
    parse_manifest,
)
from firmware.storage.files import write_new

# Follow no link and wait for no pipe; neither flag exists on Windows.
_PLAIN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A manifest and the decoders' bytes, one per voice, whose hashes hold."""

    manifest: Manifest
    models: tuple[bytes, ...]


def read_bundle(folder: Path, *, verified: bool = False) -> Bundle:
    """Read a bundle and refuse it, with the reason, unless schema, sizes and hashes hold.

    `verified`: the manifest is one whose schema held, as its hash tells. Raises `BundleError`.
    What the decoders compute is checked by `decoder.load_decoders`.
    """
    manifest = read_manifest(folder, verified=verified)
    models = tuple(_read_stored(folder, voice.file, voice) for voice in manifest.voices)
    for extra in manifest.extras:
        _read_stored(folder, extra.file, extra)
    return Bundle(manifest, models)


def read_manifest(folder: Path, *, verified: bool = False) -> Manifest:
    """Read and check `manifest.json` alone. Raises `BundleError`."""
    if not folder.is_dir():
        raise BundleError(f"{folder}: no kit here; name a folder that `trainer train` wrote")
    path = folder / MANIFEST
    if not os.path.lexists(path):
        raise BundleError(f"{folder}: no {MANIFEST}, so no kit; name one from `trainer train`")
    data = _read_plain(path, MANIFEST_BYTES_MAX)
    return parse_manifest(data, str(path), verified=verified)


def write_bundle(folder: Path, manifest: Manifest, contents: Mapping[str, bytes]) -> None:
    """Write a bundle whole, or not at all: into a folder beside `folder`, then renamed.

    `contents` maps each file that the manifest names to its bytes. An older bundle of the
    same name is replaced; anything else that stands there is left alone, with `BundleError`.
    """
    if folder.exists() and not is_bundle(folder):
        raise BundleError(f"{folder}: exists and is no kit; choose another name with -o")
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    retired = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        _fill(staging, manifest, contents)
        if folder.exists():
            folder.rename(retired)
        try:
            staging.rename(folder)
        except OSError:
            if retired.exists():
                retired.rename(folder)
            raise
    finally:
        remove_folder(staging)
        remove_folder(retired)


def is_bundle(folder: Path) -> bool:
    """Return whether a folder is empty or looks like a bundle, so that it may be replaced."""
    if not folder.is_dir():
        return False
    return (folder / MANIFEST).is_file() or not any(folder.iterdir())


def remove_folder(folder: Path) -> None:
    """Remove a folder of plain files, if it is there."""
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def _fill(staging: Path, manifest: Manifest, contents: Mapping[str, bytes]) -> None:
    staging.mkdir()
    for name, data in {**contents, MANIFEST: manifest_bytes(manifest)}.items():
        write_new(staging / name, [data])
    read_bundle(staging)


def _read_stored(folder: Path, name: str, stored: StoredFile | VoiceModel) -> bytes:
    data = _read_plain(folder / name, stored.size_bytes)
    if len(data) != stored.size_bytes or hashlib.sha256(data).hexdigest() != stored.sha256:
        raise BundleError(
            f"{folder / name}: does not match its hash in {MANIFEST}; copy or train it again"
        )
    return data


def _read_plain(path: Path, bytes_max: int) -> bytes:
    """Read a regular file, at most `bytes_max` long and one more; links are refused."""
    try:
        descriptor = os.open(path, _PLAIN)
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BundleError(f"{path}: not a plain file")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise BundleError(f"{path}: longer than {bytes_max} bytes")
    return data
