"""Kits in projects."""

import shutil
from pathlib import Path


def copied(kit: Path, folder: Path) -> Path:
    """Copy a kit to a folder of a project."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(kit, folder)
    return folder
