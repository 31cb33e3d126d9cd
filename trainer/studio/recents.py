"""The projects that were open, the latest first."""

from __future__ import annotations

import json
from pathlib import Path

from firmware.storage.files import write_whole

KEPT = 12
_FILE = "studio-recents.json"


def _folder() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed to serve

    return user_data_path("exnihilo")


def recents() -> list[Path]:
    """Return the folders of projects that are still there."""
    try:
        listed = json.loads((_folder() / _FILE).read_text("utf-8"))
        return [Path(name) for name in listed if Path(name).is_dir()]
    except (OSError, ValueError, TypeError):
        return []


def latest() -> Path:
    """Return the folder of the project that was open last; a first one where none was."""
    return next(iter(recents()), _folder() / "studio")


def remember(project: Path) -> None:
    """Put a project first."""
    listed = [project, *(path for path in recents() if path != project)][:KEPT]
    content = json.dumps([str(path) for path in listed]).encode()
    write_whole(_folder() / _FILE, content, synced=False)
