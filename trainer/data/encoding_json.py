"""The answer of `trainer encode --json`."""

from __future__ import annotations

from typing import Any

import numpy as np

from trainer.audio.transcribe import Transcription
from trainer.data.encode import Encoding


def to_json(encoding: Encoding) -> dict[str, dict[str, Any]]:
    """Return, by file name, what `trainer encode --json` prints."""
    answer = {loop.name: _loop_json(loop.transcription) for loop in encoding.loops}
    for copy, name in encoding.copies:
        if name in answer:
            answer[copy] = answer[name] | {"copy_of": name}
    answer |= {name: {"error": reason} for name, reason in encoding.skipped}
    answer |= {
        one.name: {"left_out": one.transcription.not_a_loop} for one in encoding.left_out
    }
    return answer


def _loop_json(transcription: Transcription) -> dict[str, Any]:
    tempo, grid = transcription.tempo, transcription.grid
    step_ms = 1000 * tempo.step_s
    return {
        "bpm": round(tempo.bpm, 4),
        "bars": int(tempo.bars) if tempo.bars == int(tempo.bars) else tempo.bars,
        "meter": tempo.meter,
        "steps_per_bar": tempo.steps_per_bar,
        "steps": grid.onset.astype(int).tolist(),
        "velocity": np.round(grid.velocity, 4).tolist(),
        "offset_ms": [
            round(float(offset) * step_ms, 2) if on else None
            for on, offset in zip(grid.onset, grid.offset, strict=True)
        ],
        "source": tempo.source,
        "sure": round(tempo.confidence, 3),
        "off_grid": round(transcription.off_grid, 3),
        "warnings": list(transcription.warnings),
    }
