"""Files that survive a power cut before they are named."""

import os
from collections.abc import Iterable
from pathlib import Path


def write_synced(path: Path, blocks: Iterable[bytes]) -> None:
    """Write a new file and bring it to the disk."""
    with path.open("xb") as file:
        for block in blocks:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
