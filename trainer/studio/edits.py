"""What a page asks to change in loops, checked, as changes of a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from firmware.errors import UserError
from trainer.audio.tempo import NO_HINT, checked_hint
from trainer.data.project import (
    Corrections,
    Loop,
    Project,
    Step,
    correct,
    corrected,
    redone,
    undone,
)

Change = Callable[[Project], Project]

NOTE_MAX = 2000
LOOPS_MAX = 20_000


class EditError(UserError, ValueError):
    """A request that no page of the studio sends."""


class ConflictError(UserError):
    """The project is no longer the one that the page shows."""


def at_revision(revision: int, change: Change) -> Change:
    """Return a change that raises ConflictError where the project has moved on."""

    def checked(project: Project) -> Project:
        if project.revision != revision:
            raise ConflictError(
                f"the project is at revision {project.revision}, this page showed {revision}"
            )
        return change(project)

    return checked


def undo(project: Project) -> Project:
    """Revert the latest change."""
    return undone(project)[0]


def redo(project: Project) -> Project:
    """Make again what was reverted last."""
    return redone(project)[0]


def edit_of(request: Mapping[str, Any]) -> Change:
    """Return the change of {"loops": [digest, ...], "set": {what: value}}.

    Raises EditError for anything malformed.
    """
    digests, wanted = request.get("loops"), request.get("set")
    if not isinstance(digests, list) or not 0 < len(digests) <= LOOPS_MAX:
        raise EditError("an edit names at least one loop")
    if not all(isinstance(digest, str) for digest in digests):
        raise EditError("loops are named by digest")
    if not isinstance(wanted, dict) or len(wanted) != 1:
        raise EditError("an edit sets one thing")
    ((what, value),) = wanted.items()
    if what not in _SETTERS:
        raise EditError(f"{what}: cannot be set")
    setter = _SETTERS[what]
    several = "" if len(digests) == 1 else f" of {len(digests)} loops"
    return lambda project: correct(
        project, f"{_ACTIONS[what]}{several}", digests, lambda loop: setter(loop, value)
    )


def sets_tempo(request: Mapping[str, Any]) -> bool:
    """Return whether an edit needs the loops to be analysed again."""
    return "tempo" in request.get("set", {})


def _with_steps(loop: Loop, value: Any) -> Corrections:
    """Correct steps, numbered as the loop is played: {number: {onset, velocity, offset}}."""
    if not isinstance(value, dict) or not value:
        raise EditError("steps are given by number")
    base = corrected(loop.detected.grid, loop.corrections)
    size = base.onset.size
    kept = loop.corrections.steps if loop.corrections.step_count == size else {}
    steps = dict(kept)
    for text, wanted in value.items():
        number = _whole(text, 0, size - 1)
        steps[(number - loop.corrections.rotation) % size] = _step(loop, wanted)
    return replace(loop.corrections, steps=steps, step_count=size)


def _step(loop: Loop, wanted: Any) -> Step:
    if not isinstance(wanted, dict) or not isinstance(wanted.get("onset"), bool):
        raise EditError("a step says whether it sounds")
    if not wanted["onset"]:
        return Step(onset=False)
    grid = loop.detected.grid
    mean = float(grid.velocity[grid.onset].mean()) if grid.onset.any() else 1.0
    velocity = _number(wanted.get("velocity", mean), 0.02, 1.0)
    offset = _number(wanted.get("offset", 0), -0.49, 0.5)
    return Step(onset=True, velocity=round(velocity, 4), offset=round(offset, 4))


def _rotated(loop: Loop, value: Any) -> Corrections:
    size = loop.detected.grid.onset.size
    return replace(loop.corrections, rotation=_whole(value, -size, size) % size)


def _left_out(loop: Loop, value: Any) -> Corrections:
    if not isinstance(value, bool):
        raise EditError("a loop is left out or not")
    return replace(loop.corrections, left_out=value)


def _voice(loop: Loop, value: Any) -> Corrections:
    return replace(loop.corrections, voice=None if value is None else _whole(value, 1, 3))


def _note(loop: Loop, value: Any) -> Corrections:
    if not isinstance(value, str) or len(value) > NOTE_MAX:
        raise EditError("a note is a short text")
    return replace(loop.corrections, note=value)


def _tempo(loop: Loop, value: Any) -> Corrections:
    """Set tempo, length and metre; null is what the analysis finds."""
    if value is None:
        return replace(loop.corrections, hint=NO_HINT)
    if not isinstance(value, dict):
        raise EditError("a tempo is given as bpm, bars and meter")
    bpm, bars = (
        None if value.get(name) is None else _number(value[name], low, high)
        for name, low, high in (("bpm", 20, 400), ("bars", 0.25, 64))
    )
    meter = value.get("meter")
    if meter is not None and not isinstance(meter, str):
        raise EditError("a metre is a text such as 3/4")
    try:
        hint = checked_hint(bpm, bars, meter)
    except ValueError as error:
        raise EditError(str(error)) from error
    return replace(loop.corrections, hint=hint)


def _original(loop: Loop, _value: Any) -> Corrections:
    """Forget corrected steps and rotation."""
    return replace(loop.corrections, steps={}, step_count=0, rotation=0)


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EditError(f"{value!r}: not a number")
    return min(max(float(value), low), high)


def _whole(value: Any, low: int, high: int) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise EditError(f"{value!r}: not a whole number") from error
    if not low <= number <= high:
        raise EditError(f"{number}: not from {low} to {high}")
    return number


_SETTERS: Mapping[str, Callable[[Loop, Any], Corrections]] = {
    "steps": _with_steps,
    "rotate": _rotated,
    "left_out": _left_out,
    "voice": _voice,
    "note": _note,
    "tempo": _tempo,
    "original": _original,
}
_ACTIONS = {
    "steps": "correct steps",
    "rotate": "rotate",
    "left_out": "leave out or take",
    "voice": "choose the voice",
    "note": "note",
    "tempo": "set the tempo",
    "original": "back to what was detected",
}
