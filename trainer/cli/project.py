"""What `trainer dataset` does with a project instead of a dataset file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from firmware.cli import base
from firmware.cli.base import answer, say
from firmware.errors import UsageError, UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.data.project import Corrections, Loop, Project


def show(options: argparse.Namespace) -> int:
    """List the loops of a project, or those of the given names, as they are corrected."""
    from trainer.data.project_file import load, to_json

    project = load(options.dataset)
    digests = _named(project, options.names) if options.names else list(project.loops)
    if options.json:
        answer(to_json(project))
        return 0
    for digest in sorted(digests, key=lambda at: project.loops[at].name):
        base.show(_line(project.loops[digest]))
    taken = sum(loop.taken for loop in project.loops.values())
    say(f"revision {project.revision}: {len(project.loops)} loops, {taken} of them taken")
    return 0


def _line(loop: Loop) -> str:
    from trainer.data.dataset import steps_text

    grid = loop.grid()
    marks = "" if loop.taken else "  left out"
    marks += "  corrected" if loop.corrections.steps else ""
    marks += f"  {loop.corrections.note}" if loop.corrections.note else ""
    return f"{steps_text(grid.onset[:32]):32}  {loop.detected.bpm:6.5g}  {loop.name}{marks}"


def drop(options: argparse.Namespace) -> int:
    """Leave loops out; they stay in the project."""
    from trainer.data.project import correct
    from trainer.data.project_file import update

    if options.duplicates or options.fewer is not None or options.more is not None:
        raise UsageError("--duplicates, --fewer and --more work on dataset files")
    if options.output:
        raise UsageError("a project is changed in place; `trainer dataset undo` reverts it")

    def change(project: Project) -> Project:
        digests = _named(project, options.names)
        return correct(project, f"drop {' '.join(options.names)}", digests, _left_out)

    return _report(update(options.dataset, change), options)


def _left_out(loop: Loop) -> Corrections:
    return replace(loop.corrections, left_out=True)


def edit(
    options: argparse.Namespace, edited: Callable[[NDArray[np.bool_]], NDArray[np.bool_]]
) -> int:
    """Correct one loop: steps (by `edited`), velocity, timing, tempo, rotation, voice, note."""
    from trainer.data.project import correct
    from trainer.data.project_file import update

    if options.output:
        raise UsageError("a project is changed in place; `trainer dataset undo` reverts it")

    def change(project: Project) -> Project:
        name, window = _window(options.name)
        digests = _named(project, [name])
        if len(digests) > 1:
            raise UserError(f"{name}: {len(digests)} loops have this name; give its whole path")
        action = f"edit {options.name}"
        return correct(project, action, digests, lambda one: _edited(one, window))

    def _edited(loop: Loop, window: int) -> Corrections:
        from trainer.audio.grid import windows
        from trainer.data.project import with_onsets

        loop = replace(loop, corrections=_decisions(loop.corrections, options))
        count = len(windows(loop.grid()))
        if window >= count:
            raise UserError(f"{options.name}: the loop has {count} windows")
        if options.steps or options.on or options.off:
            onset = edited(windows(loop.grid())[window].onset)
            loop = replace(loop, corrections=with_onsets(loop, window, onset))
        return _played(loop, window, options)

    return _report(update(options.dataset, change), options)


def _played(loop: Loop, window: int, options: argparse.Namespace) -> Corrections:
    """Return corrections with the velocity and timing of single steps."""
    from trainer.audio.grid import windows
    from trainer.data.project import with_window

    if not (options.velocity or options.offset):
        return loop.corrections
    part = windows(loop.grid())[window]
    changed = [
        _with_values(part.onset, part.velocity, options.velocity, (0.0, 1.0)),
        _with_values(part.onset, part.offset, options.offset, (-0.499, 0.5)),
    ]
    wanted = replace(part, velocity=changed[0], offset=changed[1])
    return with_window(loop, window, wanted)


def _with_values(
    onset: NDArray[np.bool_],
    values: NDArray[np.float64],
    text: str | None,
    limits: tuple[float, float],
) -> NDArray[np.float64]:
    """Return values with those of `STEP=VALUE,...`, steps counted from 1."""
    changed = values.copy()
    for part in text.split(",") if text else ():
        step, _, value = part.partition("=")
        try:
            at, number = int(step) - 1, float(value)
        except ValueError as error:
            raise UsageError(f"{part}: write STEP=VALUE, as in 1=0.8") from error
        if not (0 <= at < onset.size and limits[0] <= number <= limits[1]):
            raise UsageError(
                f"{part}: steps are counted from 1 to {onset.size}, values are within "
                f"{limits[0]:g}..{limits[1]:g}"
            )
        if not onset[at]:
            raise UserError(f"{part}: step {at + 1} has no onset; add it with --on {at + 1}")
        changed[at] = number
    return changed


def _decisions(before: Corrections, options: argparse.Namespace) -> Corrections:
    from trainer.audio.tempo import checked_hint

    after = before
    if any(value is not None for value in (options.bpm, options.bars, options.meter)):
        try:
            hint = checked_hint(options.bpm, options.bars, options.meter)
        except ValueError as error:
            raise UsageError(str(error)) from error
        after = replace(after, hint=hint)
    if options.rotate is not None:
        after = replace(after, rotation=options.rotate)
    if options.voice is not None:
        after = replace(after, voice=options.voice or None)
    if options.note is not None:
        after = replace(after, note=options.note)
    return replace(after, left_out=False) if options.take else after


def _window(name: str) -> tuple[str, int]:
    """Return a loop's name and the number of its window, from 0."""
    from trainer.data.dataset import loop_name

    stem = loop_name(name)
    return stem, int(name[len(stem) + 1 :]) - 1 if stem != name else 0


def merge(options: argparse.Namespace) -> int:
    """Put projects together into a new one; the first's corrections stand."""
    from functools import reduce

    from trainer.data.project import merged
    from trainer.data.project_file import is_project, load, update

    if not all(is_project(path) for path in options.datasets):
        raise UsageError("projects and dataset files cannot be merged with each other")
    projects = [load(path) for path in options.datasets]
    together = reduce(merged, projects)
    return _report(update(options.output, lambda one: merged(one, together)), options)


def undo(options: argparse.Namespace) -> int:
    """Revert the latest correction."""
    from trainer.data.project import undone
    from trainer.data.project_file import is_project, update

    if not is_project(options.dataset):
        raise UserError(f"{options.dataset}: not a project")
    actions: list[str] = []

    def change(project: Project) -> Project:
        before, action = undone(project)
        actions.append(action)
        return before

    after = update(options.dataset, change)
    say(f"undone: {actions[0]}")
    return _report(after, options)


def _named(project: Project, names: list[str]) -> list[str]:
    found = [
        digest
        for digest, loop in project.loops.items()
        if any(
            fnmatchcase(part, n) for part in (loop.name, Path(loop.name).name) for n in names
        )
    ]
    if not found:
        raise UserError(f"no loop of the project is named {' '.join(names)}")
    return found


def _report(project: Project, options: argparse.Namespace) -> int:
    from trainer.data.project_file import to_json

    say(f"revision {project.revision}")
    if options.json:
        answer(to_json(project))
    return 0
