"""A cache of transcriptions by content, so that a second run takes no time."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from firmware.errors import UserError
from firmware.storage.files import write_whole
from trainer.audio.grid import Grid
from trainer.audio.step_classifier import weights_digest
from trainer.audio.tempo import Tempo
from trainer.audio.transcribe import Transcription

EDITION = 9
"""Raise it whenever the same file would be transcribed differently."""


class Cache:
    """A folder of small files, one per loop and way of encoding it.

    An entry that cannot be read counts as missing; one that cannot be written is left out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        full = f"{EDITION} {weights_digest()} {key}"
        name = hashlib.sha256(full.encode()).hexdigest()[:40]
        return self._folder / name[:2] / f"{name}.json"

    def load(self, key: str) -> Transcription | None:
        """Return the entry of a key, or None."""
        try:
            return _from_json(json.loads(self._path(key).read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def store(self, key: str, transcription: Transcription) -> None:
        """Save an entry; a full or read-only disk is not an error here.

        Nothing is synced to disk: an entry lost with the power is computed again.
        """
        content = json.dumps(_to_json(transcription)).encode()
        with suppress(UserError):
            write_whole(self._path(key), content, synced=False)


def default_folder() -> Path:
    """Return the platform's cache folder for loops."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - not needed to encode

    return user_cache_path("exnihilo") / "loops"


def _to_json(transcription: Transcription) -> dict[str, Any]:
    tempo, grid = transcription.tempo, transcription.grid
    return {
        "tempo": [tempo.bpm, tempo.bars, tempo.source, tempo.confidence, tempo.meter],
        "onset": grid.onset.astype(int).tolist(),
        "velocity": grid.velocity.tolist(),
        "offset": grid.offset.tolist(),
        "off_grid": transcription.off_grid,
        "outline": transcription.outline.tobytes().hex(),
        "warnings": list(transcription.warnings),
        "duration_s": transcription.duration_s,
        "not_a_loop": transcription.not_a_loop,
    }


def _from_json(stored: dict[str, Any]) -> Transcription:
    arrays = (
        np.array(stored["onset"], bool),
        np.array(stored["velocity"]),
        np.array(stored["offset"]),
    )
    if len({array.shape for array in arrays}) != 1:
        raise ValueError("arrays of different lengths")
    tempo = Tempo(*stored["tempo"])
    return Transcription(
        tempo=tempo,
        grid=Grid(*arrays, steps_per_bar=tempo.steps_per_bar),
        off_grid=float(stored["off_grid"]),
        outline=np.frombuffer(bytes.fromhex(stored["outline"]), np.uint8),
        warnings=tuple(stored["warnings"]),
        duration_s=float(stored["duration_s"]),
        not_a_loop=str(stored["not_a_loop"]),
    )
