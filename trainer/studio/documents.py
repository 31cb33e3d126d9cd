"""What pages are given: loops and trainings as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.bundle.manifest import Manifest, VoiceModel
from trainer.audio.tempo import CONFIDENT, NO_HINT
from trainer.data.dataset import steps_text
from trainer.data.project import Loop, Project
from trainer.report.verdict import verdict


def loops_document(project: Project, digests: Iterable[str] | None = None) -> dict[str, Any]:
    """Return all loops or those named, and what can be undone and made again."""
    chosen = project.loops if digests is None else {at: project.loops[at] for at in digests}
    return {
        "revision": project.revision,
        "undo": project.undo[-1].action if project.undo else None,
        "redo": project.redo[-1].action if project.redo else None,
        "loops": [_loop(digest, loop) for digest, loop in chosen.items()],
    }


def _loop(digest: str, loop: Loop) -> dict[str, Any]:
    grid, chosen, found = loop.grid(), loop.corrections, loop.detected
    hint = chosen.hint
    edited = chosen.step_count == grid.onset.size and bool(chosen.steps)
    return {
        "id": digest,
        "name": loop.name,
        "bpm": round(found.bpm, 3),
        "bars": found.bars,
        "bar_steps": grid.steps_per_bar,
        "source": found.source,
        "unsure": found.confidence < CONFIDENT and hint == NO_HINT,
        "reason": found.not_a_loop,
        "steps": steps_text(grid.onset),
        "velocity": _hex(grid.velocity),
        "offset": _hex(np.asarray(grid.offset) + 0.5),
        "taken": loop.taken,
        "edited": edited,
        "corrected": sorted((n + chosen.rotation) % grid.onset.size for n in chosen.steps)
        if edited
        else [],
        "rotation": chosen.rotation,
        "voice": chosen.voice,
        "note": chosen.note,
        "tempo": None if hint == NO_HINT else [hint.bpm, hint.bars, hint.meter],
    }


def _hex(values: NDArray[np.float64]) -> str:
    """Return shares 0..1 as two hexadecimal digits each."""
    return bytes(np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)).hex()


def training_document(manifest: Manifest) -> dict[str, Any]:
    """Return what the list of trainings shows of a kit."""
    return {
        "kit": manifest.name,
        "created": manifest.created,
        "loops": manifest.loops,
        "patterns": manifest.patterns,
        "seed": manifest.seed,
        "has_report": any(stored.file == "report.html" for stored in manifest.stored),
        "voices": [_voice(voice) for voice in manifest.voices],
    }


def _voice(voice: VoiceModel) -> dict[str, Any]:
    trained = voice.training_set
    return {
        "file": voice.file,
        "structure": voice.name,
        "latents": voice.latents,
        "outputs": list(voice.outputs),
        "axes": [[axis.name, axis.low, axis.high] for axis in voice.axes],
        "metrics": dict(voice.metrics),
        "verdict": list(verdict(voice.metrics)),
        "trained_on": None
        if trained is None
        else {
            "sources": list(trained.sources),
            "loops": trained.loops,
            "patterns": trained.patterns,
            "revisions": dict(trained.project_revisions),
        },
    }
