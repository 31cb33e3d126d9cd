"""The work itself: analyse loops, train, choose a candidate. Imported by the worker alone.

The numerical libraries that this needs take longer to import than many a task takes, and more
memory than the server.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from trainer.data.cache import Cache, default_folder
from trainer.data.encode import Encoded, Encoding, Settings, encode_paths
from trainer.data.progress import Progress
from trainer.data.project import Project
from trainer.data.project_encoding import (
    project_dataset,
    project_settings,
    record_encoding,
)
from trainer.data.project_file import load, update
from trainer.model.structures import HOLD_BACK
from trainer.pipeline import warnings
from trainer.pipeline.plan import Plan, TrainOptions, plan
from trainer.pipeline.train_bundle import Label, Sources, pick_candidates, training_sets
from trainer.pipeline.train_kit import train_kit
from trainer.pipeline.training import Draft
from trainer.studio.tasks import Analysis, Choice, Task, Training

Send = Callable[[dict[str, Any], bytes | None], None]
"""Sends an event to the pages; bytes are a voice's map."""

EVERY_S = 0.25
DRAFT_STEPS = 2500


def run(task: Task, send: Send) -> Mapping[str, Any]:
    """Run a task; return its result for the pages. Raises UserError."""
    if isinstance(task, Analysis):
        return _analyse(task, send)
    return _train(task, send) if isinstance(task, Training) else _choose(task)


def _analyse(task: Analysis, send: Send) -> Mapping[str, Any]:
    """Record in the project what is found in loops, with one summary."""
    # Every loop is recorded; the project itself leaves out what is none.
    settings = project_settings(load(task.project), Settings(include_all=True))
    encoding = encode_paths(
        task.paths,
        replace(settings, taken={}),
        cache=Cache(default_folder()),
        on_progress=_Reporter(send).report,
    )
    update(
        task.project,
        lambda project: record_encoding(project, _with_known_names(project, encoding)),
    )
    found = [(one.name, one.transcription.not_a_loop) for one in encoding.loops]
    return {
        "analysed": len(encoding.loops),
        "left_out": [list(one) for one in found if one[1]],
        "skipped": [list(one) for one in encoding.skipped],
        "copies": [list(one) for one in encoding.copies],
    }


def _with_known_names(project: Project, encoding: Encoding) -> Encoding:
    """Name files that are where they were as they are named, from whichever folder that was."""

    def known(one: Encoded) -> Encoded:
        before = project.loops.get(one.digest)
        return replace(one, name=before.name) if before and before.path == one.path else one

    return replace(
        encoding,
        loops=tuple(map(known, encoding.loops)),
        left_out=tuple(map(known, encoding.left_out)),
    )


def _train(task: Training, send: Send) -> Mapping[str, Any]:
    """Train the project's loops to a bundle, with the maps on the way."""
    project = load(task.project)
    planned = _planned(task, project)
    name = _plain(task.project.resolve().name)
    sources = [Sources((name,), ((name, project.revision),))] * len(planned.configs)
    sets = training_sets(planned.sets, sources)
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    label = Label(_plain(task.name), created, task.seed, sets)
    first = [0] * len(planned.configs)
    manifest, _ = train_kit(task.folder, label, planned, first, _Reporter(send).report)
    lines = warnings.on_sets(planned.sets), warnings.on_voices(manifest.voices, planned.sets)
    return {"folder": task.folder.name, "warnings": [line for part in lines for line in part]}


def _planned(task: Training, project: Project) -> Plan:
    """Plan three maps: of all loops, or of each voice's where loops are assigned to voices."""
    options = TrainOptions(
        candidates=1 if task.draft else task.candidates,
        steps=DRAFT_STEPS if task.draft else None,
        hold_back=0.0 if task.draft else HOLD_BACK,
    )
    if any(loop.corrections.voice for loop in project.loops.values() if loop.taken):
        return plan(options, [project_dataset(project, voice=n) for n in (1, 2, 3)])
    return plan(options, project_dataset(project))


def _choose(task: Choice) -> Mapping[str, Any]:
    """Write a bundle anew with other candidates."""
    manifest, _ = pick_candidates(task.folder, task.picks)
    return {"folder": task.folder.name, "kit": manifest.name}


class _Reporter:
    """Sends progress, some events a second; a voice's map where there is one."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sent: dict[str, float] = {}

    def report(self, event: Progress) -> None:
        """Send an event, unless one of its kind was sent just before."""
        kind = f"{event.phase} {event.item if isinstance(event, Draft) else ''}"
        now_s = time.monotonic()
        if now_s - self._sent.get(kind, -1.0) < EVERY_S and event.share < 1:
            return
        self._sent[kind] = now_s
        message = {"phase": event.phase, "share": event.share, "item": event.item}
        if isinstance(event, Draft) and event.map is not None:
            data = event.map.onset.tobytes()
            self._send({**message, "voice": event.voice, "heads": 1}, data)
        else:
            self._send(message, None)


def _plain(text: str) -> str:
    """Return a name that a manifest allows."""
    return re.sub(r"[^A-Za-z0-9 ._-]", "-", text).lstrip(" ._-")[:63] or "kit"
