"""The project file: versioned JSON in the project's folder, locked, with a revision number."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from firmware.storage.file_lock import FileLock
from firmware.storage.files import write_whole
from trainer.audio.grid import Grid
from trainer.audio.tempo import Hint
from trainer.data.project import (
    Change,
    Corrections,
    Detected,
    Loop,
    Project,
    ProjectError,
    Step,
)

NAME = "project.json"
FORMAT, VERSION = "exnihilo project", 1
SCHEMA = "project.schema.json"
_LOCK = ".project.lock"


def is_project(path: Path) -> bool:
    """Return whether a path is a project's folder or its file."""
    return (path / NAME).is_file() or (path.name == NAME and path.is_file())


def load(folder: Path) -> Project:
    """Read a project; an empty one where the folder holds none.

    Raises ProjectError for a file that is damaged or of a later version.
    """
    path = _file(folder)
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Project()
    except (OSError, ValueError) as error:
        raise ProjectError(f"{path}: not a project file that can be read") from error
    return _parsed(path, content)


def update(
    folder: Path,
    change: Callable[[Project], Project],
    read: Callable[[Path], Project] | None = None,
    written: Callable[[Project], None] | None = None,
) -> Project:
    """Apply a change to the project as it is on disk; the file appears whole or not at all.

    One process at a time changes it. The revision rises by one where anything changed.
    `read` is a `load` that may know the file already; `written` is given what was written
    before another process may change it. Raises ProjectError, and UserError where the file
    cannot be written.
    """
    path = _file(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.parent):
        before = (read or load)(path.parent)
        after = change(before)
        if _is_same(before, after):
            return before
        after = replace(after, revision=before.revision + 1)
        write_whole(path, _text(after).encode())
        if written:
            written(after)
        return after


def _is_same(one: Project, other: Project) -> bool:
    """Return whether two projects have the same content; most loops are the same objects."""
    if one.loops.keys() != other.loops.keys():
        return False
    pairs = ((loop, other.loops[digest]) for digest, loop in one.loops.items())
    if any(a is not b and _loop_json(a) != _loop_json(b) for a, b in pairs):
        return False
    return (one.undo, one.redo) == (other.undo, other.redo)


def _text(project: Project) -> str:
    """Return the file's text: a line for each loop, so that two versions can be compared."""
    head = {**to_json(replace(project, loops={})), "loops": None}
    loops = ",\n".join(
        f"  {json.dumps(digest)}: {json.dumps(_loop_json(loop))}"
        for digest, loop in project.loops.items()
    )
    lines = [
        f" {json.dumps(key)}: " + (f"{{\n{loops}\n }}" if key == "loops" else json.dumps(value))
        for key, value in head.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _file(folder: Path) -> Path:
    return folder if folder.name == NAME else folder / NAME


def locked(folder: Path) -> FileLock:
    """Return the lock of a project's folder, held."""
    return FileLock(folder / _LOCK)


def to_json(project: Project) -> dict[str, Any]:
    """Return the content of the file; project.schema.json describes it."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "revision": project.revision,
        "loops": {digest: _loop_json(loop) for digest, loop in project.loops.items()},
        "undo": [_change_json(change) for change in project.undo],
        **({"redo": [_change_json(change) for change in project.redo]} if project.redo else {}),
    }


def _change_json(change: Change) -> dict[str, Any]:
    before = {digest: _corrections_json(one) for digest, one in change.before.items()}
    return {"action": change.action, "before": before}


def _loop_json(loop: Loop) -> dict[str, Any]:
    found, grid = loop.detected, loop.detected.grid
    return {
        "name": loop.name,
        "path": loop.path,
        "detected": {
            "bpm": found.bpm,
            "bars": found.bars,
            "steps_per_bar": grid.steps_per_bar,
            "source": found.source,
            "confidence": found.confidence,
            "not_a_loop": found.not_a_loop,
            "steps": grid.onset.astype(int).tolist(),
            "velocity": np.round(grid.velocity, 4).tolist(),
            "offset": np.round(grid.offset, 4).tolist(),
        },
        "corrections": _corrections_json(loop.corrections),
    }


def _corrections_json(one: Corrections) -> dict[str, Any]:
    return {
        "bpm": one.hint.bpm,
        "bars": one.hint.bars,
        "meter": one.hint.meter,
        "steps": {str(number): asdict(step) for number, step in one.steps.items()},
        "step_count": one.step_count,
        "rotation": one.rotation,
        "left_out": one.left_out,
        "voice": one.voice,
        "note": one.note,
    }


@cache
def _validator() -> Callable[[Any], Any]:
    import fastjsonschema  # noqa: PLC0415 - compiles the schema

    schema = json.loads(files(__package__).joinpath(SCHEMA).read_text("utf-8"))
    return fastjsonschema.compile(schema)


def _parsed(path: Path, content: Any) -> Project:
    import fastjsonschema  # noqa: PLC0415

    if isinstance(content, dict) and content.get("format") == FORMAT:
        version = content.get("version")
        if isinstance(version, int) and version > VERSION:
            raise ProjectError(
                f"{path}: version {version} is newer than this trainer, upgrade it"
            )
    try:
        _validator()(content)
        return Project(
            {digest: _loop(one) for digest, one in content["loops"].items()},
            tuple(map(_change, content["undo"])),
            content["revision"],
            tuple(map(_change, content.get("redo", ()))),
        )
    except (fastjsonschema.JsonSchemaException, ValueError, IndexError) as error:
        raise ProjectError(f"{path}: not a project file ({error})") from error


def _loop(content: dict[str, Any]) -> Loop:
    found = content["detected"]
    grid = Grid(
        np.array(found["steps"], bool),
        np.array(found["velocity"], float),
        np.array(found["offset"], float),
        found["steps_per_bar"],
    )
    if not grid.onset.size == grid.velocity.size == grid.offset.size:
        raise ValueError("steps, velocity and offset differ in length")
    detected = Detected(
        found["bpm"],
        found["bars"],
        found["source"],
        found["confidence"],
        grid,
        found["not_a_loop"],
    )
    corrections = _corrections(content["corrections"])
    return Loop(content["name"], content["path"], detected, corrections)


def _change(content: dict[str, Any]) -> Change:
    before = {digest: _corrections(one) for digest, one in content["before"].items()}
    return Change(content["action"], before)


def _corrections(content: dict[str, Any]) -> Corrections:
    steps = {int(number): Step(**step) for number, step in content["steps"].items()}
    if any(number >= content["step_count"] for number in steps):
        raise ValueError("a corrected step lies outside its loop")
    return Corrections(
        Hint(content["bpm"], content["bars"], content["meter"]),
        steps,
        content["step_count"],
        content["rotation"],
        content["left_out"],
        content["voice"],
        content["note"],
    )
