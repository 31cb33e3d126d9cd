"""What was heard before: results kept by content, so that a second run is immediate."""

from __future__ import annotations

import functools
import hashlib
import json
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from firmware.errors import UserError
from firmware.files import write_whole
from trainer.decide import WEIGHTS
from trainer.grid import Grid
from trainer.listen import Heard
from trainer.tempo import Tempo

EDITION = 4
"""Raise it whenever the same file would be heard differently."""


class Cache:
    """A folder of small files, one per loop and way of encoding it.

    What cannot be read there was never kept; what cannot be written is done again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        full = f"{EDITION} {_ears()} {key}"
        name = hashlib.sha256(full.encode()).hexdigest()[:40]
        return self._folder / name[:2] / f"{name}.json"

    def find(self, key: str) -> Heard | None:
        """Return what was kept under a key, or None."""
        try:
            return _from_json(json.loads(self._path(key).read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, key: str, heard: Heard) -> None:
        """Keep a result; a full or read-only disc is no error here.

        Nothing waits for the disc: what power loss takes from a cache is heard again.
        """
        content = json.dumps(_to_json(heard)).encode()
        with suppress(UserError):
            write_whole(self._path(key), content, synced=False)


@functools.cache
def _ears() -> str:
    """Return the digest of the network, which changes more often than the code."""
    return hashlib.sha256(files("trainer").joinpath(WEIGHTS).read_bytes()).hexdigest()


def default_folder() -> Path:
    """Return the platform's place for what can be made again."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - not needed to encode

    return user_cache_path("exnihilo") / "loops"


def _to_json(heard: Heard) -> dict[str, Any]:
    tempo, grid = heard.tempo, heard.grid
    return {
        "tempo": [tempo.bpm, tempo.bars, tempo.source, tempo.sure],
        "onset": grid.onset.astype(int).tolist(),
        "velocity": grid.velocity.tolist(),
        "offset": grid.offset.tolist(),
        "off_grid": heard.off_grid,
        "outline": heard.outline.tobytes().hex(),
        "warnings": list(heard.warnings),
        "duration_s": heard.duration_s,
    }


def _from_json(kept: dict[str, Any]) -> Heard:
    arrays = (
        np.array(kept["onset"], bool),
        np.array(kept["velocity"]),
        np.array(kept["offset"]),
    )
    if len({array.shape for array in arrays}) != 1:
        raise ValueError("not of one length")
    return Heard(
        tempo=Tempo(*kept["tempo"]),
        grid=Grid(*arrays),
        off_grid=float(kept["off_grid"]),
        outline=np.frombuffer(bytes.fromhex(kept["outline"]), np.uint8),
        warnings=tuple(kept["warnings"]),
        duration_s=float(kept["duration_s"]),
    )
