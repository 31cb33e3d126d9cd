"""A project: what was detected in each loop, and what a person corrected, by content digest.

Detection is replaced whenever loops are encoded again; corrections are kept beside it, so
that they survive encoding again and files that are renamed, moved or merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from firmware.errors import UserError
from trainer.audio.grid import Grid, windows
from trainer.audio.tempo import NO_HINT, Hint

LONGEST_UNDO = 200


class ProjectError(UserError, ValueError):
    """A project file is damaged, or an operation on it is impossible."""


@dataclass(frozen=True, slots=True)
class Step:
    """A corrected sixteenth; velocity and offset (of a step) are 0 where there is no onset."""

    onset: bool
    velocity: float = 0.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person decided about one loop.

    hint: tempo and length. steps: corrected sixteenths by number, valid for a grid of
    step_count sixteenths. rotation: sixteenths by which the loop is played later.
    left_out: None where the automatic decision stands. voice: 1..3, None for all.
    """

    hint: Hint = NO_HINT
    steps: Mapping[int, Step] = field(default_factory=dict)
    step_count: int = 0
    rotation: int = 0
    left_out: bool | None = None
    voice: int | None = None
    note: str = ""


NONE = Corrections()


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """What the analysis found; not_a_loop is empty for a loop."""

    bpm: float
    bars: float
    source: str
    confidence: float
    grid: Grid
    not_a_loop: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A loop of a project. name: as listed; path: where the file was last seen."""

    name: str
    path: str
    detected: Detected
    corrections: Corrections = NONE

    @property
    def taken(self) -> bool:
        """Whether the loop is part of the dataset."""
        if self.corrections.left_out is not None:
            return not self.corrections.left_out
        return not self.detected.not_a_loop

    def grid(self) -> Grid:
        """Return the grid with corrections and rotation."""
        return rotated(corrected(self.detected.grid, self.corrections), self.corrections)


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the undo log: what was done, and the corrections before it by digest."""

    action: str
    before: Mapping[str, Corrections]


@dataclass(frozen=True, slots=True, eq=False)
class Project:
    """Loops by digest, the undo log (latest last) and the number of the revision.

    redo: what was undone since the latest change, that undone last at the end.
    """

    loops: Mapping[str, Loop] = field(default_factory=dict)
    undo: tuple[Change, ...] = ()
    revision: int = 0
    redo: tuple[Change, ...] = ()


def corrected(grid: Grid, corrections: Corrections) -> Grid:
    """Return a grid with its corrected steps; those of a grid of another size are ignored."""
    if corrections.step_count != grid.onset.size or not corrections.steps:
        return grid
    onset, velocity, offset = grid.onset.copy(), grid.velocity.copy(), grid.offset.copy()
    for number, step in corrections.steps.items():
        onset[number] = step.onset
        velocity[number], offset[number] = step.velocity, step.offset
    return replace(grid, onset=onset, velocity=velocity, offset=offset)


def rotated(grid: Grid, corrections: Corrections) -> Grid:
    """Return a grid that starts later by the rotation."""
    turn = corrections.rotation
    if not turn:
        return grid
    return replace(
        grid,
        onset=np.roll(grid.onset, turn),
        velocity=np.roll(grid.velocity, turn),
        offset=np.roll(grid.offset, turn),
    )


def record(project: Project, loops: Iterable[tuple[str, Loop]]) -> Project:
    """Return the project with newly detected loops; known ones keep their corrections.

    Loops that are not among the new ones stay.
    """
    known = dict(project.loops)
    for digest, loop in loops:
        before = known.get(digest)
        known[digest] = replace(loop, corrections=before.corrections) if before else loop
    return replace(project, loops=known)


def correct(
    project: Project, action: str, digests: Iterable[str], change: Callable[[Loop], Corrections]
) -> Project:
    """Return the project with corrected loops, and the undo log with what was before.

    Raises ProjectError for an unknown digest.
    """
    loops, before = dict(project.loops), {}
    for digest in digests:
        if digest not in loops:
            raise ProjectError(f"{digest}: no such loop in the project")
        loop = loops[digest]
        before[digest] = loop.corrections
        loops[digest] = replace(loop, corrections=change(loop))
    log = (*project.undo, Change(action, before))[-LONGEST_UNDO:]
    return replace(project, loops=loops, undo=log, redo=())


def with_onsets(loop: Loop, window: int, onset: NDArray[np.bool_]) -> Corrections:
    """Return corrections by which a window of two bars has the given onsets.

    Steps that stay keep velocity and offset; new ones sit on the grid at the loop's mean
    velocity.
    """
    base = loop.grid()
    part = windows(base)[window]
    mean = float(base.velocity[base.onset].mean()) if base.onset.any() else 1.0
    velocity = np.where(part.onset, part.velocity, mean) * onset.astype(float)
    return with_window(loop, window, Grid(onset, velocity, part.offset * onset.astype(float)))


def with_window(loop: Loop, window: int, wanted: Grid) -> Corrections:
    """Return corrections by which a window of two bars is as wanted.

    The rotation is respected: steps are numbered as the loop is played.
    """
    base = corrected(loop.detected.grid, loop.corrections)
    size = base.onset.size
    same_size = loop.corrections.step_count == size
    steps = dict(loop.corrections.steps) if same_size else {}
    for at in range(wanted.onset.size):
        place = window * base.window_steps + at % base.window_steps
        number = (place - loop.corrections.rotation) % size
        if _step(base, number) != _step(wanted, at):
            steps[number] = _step(wanted, at)
    return replace(loop.corrections, steps=steps, step_count=size)


def _step(grid: Grid, number: int) -> Step:
    values = grid.onset[number], grid.velocity[number], grid.offset[number]
    return Step(bool(values[0]), float(values[1]), float(values[2]))


def undone(project: Project) -> tuple[Project, str]:
    """Return the project before its latest change, and what that was.

    Raises ProjectError where there is nothing to undo.
    """
    if not project.undo:
        raise ProjectError("nothing to undo")
    latest = project.undo[-1]
    loops, change = _swapped(project, latest)
    undo, redo = project.undo[:-1], (*project.redo, change)
    return replace(project, loops=loops, undo=undo, redo=redo), latest.action


def redone(project: Project) -> tuple[Project, str]:
    """Return the project with the change that was undone last, and what that was.

    Raises ProjectError where nothing was undone since the latest change.
    """
    if not project.redo:
        raise ProjectError("nothing to redo")
    latest = project.redo[-1]
    loops, change = _swapped(project, latest)
    undo, redo = (*project.undo, change), project.redo[:-1]
    return replace(project, loops=loops, undo=undo, redo=redo), latest.action


def _swapped(project: Project, change: Change) -> tuple[dict[str, Loop], Change]:
    """Return loops with the corrections of a change, and the change that reverts it."""
    loops, before = dict(project.loops), {}
    for digest, corrections in change.before.items():
        if digest in loops:
            before[digest] = loops[digest].corrections
            loops[digest] = replace(loops[digest], corrections=corrections)
    return loops, Change(change.action, before)


def merged(project: Project, other: Project) -> Project:
    """Return the loops of both; of one in both, the first's corrections unless it has none."""
    loops = dict(other.loops)
    for digest, loop in project.loops.items():
        theirs = other.loops.get(digest)
        if theirs is None or loop.corrections != NONE:
            loops[digest] = loop
        else:
            loops[digest] = replace(loop, corrections=theirs.corrections)
    return replace(project, loops=loops)
