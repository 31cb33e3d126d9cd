"""Files that survive a power cut: written, synced, then named."""

import os
from collections.abc import Iterable
from pathlib import Path

from firmware.home import sync_folder


def write_synced(path: Path, blocks: Iterable[bytes]) -> None:
    """Write a new file and bring it to the disk."""
    with path.open("xb") as file:
        for block in blocks:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def replace_synced(path: Path, data: bytes) -> None:
    """Replace a file, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    write_synced(part, [data])
    part.replace(path)
    sync_folder(path.parent)
