"""The commands `trainer dataset show|merge|drop|edit`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from shutil import copy2
from typing import TYPE_CHECKING, Any

from firmware.cli.base import answer, common_options, say, show
from firmware.engine.pattern import STEPS
from firmware.errors import UsageError, UserError
from trainer.cli import project

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset


_DATASET = "a dataset file, or a project"


def add_commands(commands: Any) -> None:
    """Add `dataset` and the commands below it."""
    parser = commands.add_parser(
        "dataset",
        help="show, merge, filter and edit datasets",
        epilog="example: trainer dataset show dataset.npz",
    )
    below = parser.add_subparsers(metavar="COMMAND")
    _add_show(below)
    _add_merge(below)
    _add_drop(below)
    _add_edit(below)
    undo = _command(below, "undo", project.undo, "revert a project's last change", "undo mine/")
    undo.add_argument("dataset", type=Path, metavar="PROJECT", help="the project's folder")


def _add_show(below: Any) -> None:
    show = _command(below, "show", _show, "list the patterns", "show dataset.npz '*amen*'")
    show.add_argument("dataset", type=Path, help=_DATASET)
    show.add_argument("names", nargs="*", help="only these names; * and ? are wildcards")


def _add_merge(below: Any) -> None:
    merge = _command(below, "merge", _merge, "combine datasets", "merge a.npz b.npz -o c.npz")
    merge.add_argument("datasets", nargs="+", type=Path, help="files, or projects")
    merge.add_argument("-o", "--output", type=Path, required=True, help="the combined one")


def _add_drop(below: Any) -> None:
    example = "drop a.npz 'pad_*' --duplicates -o b.npz"
    add = _command(below, "drop", _drop, "leave patterns out", example).add_argument
    add("dataset", type=Path, help=_DATASET)
    add("names", nargs="*", help="patterns to leave out; * and ? are wildcards")
    add("--duplicates", action="store_true", help="patterns that repeat an earlier one")
    add("--fewer", type=int, metavar="N", help="patterns with fewer than N onsets")
    add("--more", type=int, metavar="N", help="patterns with more than N onsets")
    add("-o", "--output", type=Path, help="the changed dataset; default: in place")


def _add_edit(below: Any) -> None:
    example = "edit a.npz amen.wav --on 1,11 --off 3"
    edit = _command(below, "edit", _edit, "change a pattern's steps", example)
    add = edit.add_argument
    add("dataset", type=Path, help=_DATASET)
    add("name", help="name of the pattern, or file of the loop")
    add("--steps", help=f"all {STEPS} steps: x for an onset, - for none")
    add("--on", help="steps to set, counted from 1: 1,11,27")
    add("--off", help="steps to clear, counted from 1")
    add("-o", "--output", type=Path, help="the changed dataset; default: in place")
    _add_project_options(edit.add_argument_group("in a project only").add_argument)


def _add_project_options(add: Callable[..., Any]) -> None:
    add("--velocity", metavar="STEP=V", help="velocity of steps, 0..1: 1=0.8,11=0.3")
    timing = "timing of steps, in steps, -0.5..0.5: 3=-0.1"
    add("--offset", metavar="STEP=F", help=timing)
    add("--bpm", type=float, help="the loop's tempo, for the next encode")
    add("--bars", type=float, help="the loop's length, likewise")
    add("--meter", help="4/4, 3/4, 5/4, 6/8 or 7/8, likewise")
    add("--rotate", type=int, metavar="N", help="play it N steps later")
    add("--voice", type=int, choices=range(4), help="1-3, 0 for all")
    add("--note", help="a remark")
    add("--take", action="store_true", help="include it again if it was left out")


def _command(
    below: Any, name: str, func: Callable[[argparse.Namespace], int], what: str, example: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = below.add_parser(
        name,
        parents=[common_options()],
        help=what,
        description=what.capitalize() + ".",
        epilog=f"example: trainer dataset {example}",
    )
    parser.set_defaults(func=func)
    return parser


def _is_project(path: Path) -> bool:
    from trainer.data.project_file import is_project

    return is_project(path)


def _project_options(options: argparse.Namespace) -> bool:
    values = (
        options.bpm,
        options.bars,
        options.meter,
        options.rotate,
        options.voice,
        options.note,
        options.velocity,
        options.offset,
    )
    return options.take or any(value is not None for value in values)


def _matching(dataset: Dataset, names: list[str]) -> Iterator[int]:
    """Yield the rows whose name, or whose file's name, matches one of the patterns."""
    from trainer.data.dataset import loop_name

    for row, name in enumerate(dataset.names):
        if any(fnmatchcase(name, n) or fnmatchcase(loop_name(name), n) for n in names):
            yield row


def _show(options: argparse.Namespace) -> int:
    if _is_project(options.dataset):
        return project.show(options)
    from trainer.data.dataset import read_dataset, select, summary

    dataset = read_dataset(options.dataset)
    if options.names:
        rows = list(_matching(dataset, options.names))
        if not rows:
            raise UserError(f"{options.dataset}: no pattern has this name")
        dataset = select(dataset, rows)
    facts = summary(dataset)
    if options.json:
        answer(facts)
        return 0
    for row in facts["rows"]:
        show(f"{row['steps']}  {row['bpm']:6.5g}  {row['name']}")
    say(
        f"{facts['patterns']} patterns ({facts['distinct']} distinct) from {facts['loops']} "
        f"loops, {facts['onsets_per_pattern']:g} onsets each"
    )
    return 0


def _merge(options: argparse.Namespace) -> int:
    if any(_is_project(path) for path in options.datasets):
        return project.merge(options)
    from trainer.data.dataset import merge, read_dataset

    return _write(options, merge([read_dataset(path) for path in options.datasets]))


def _drop(options: argparse.Namespace) -> int:
    if _is_project(options.dataset):
        return project.drop(options)
    from trainer.data.dataset import read_dataset, select

    dataset = read_dataset(options.dataset)
    dropped = set(_matching(dataset, options.names)) | set(_filtered(dataset, options))
    if options.names and not dropped:
        raise UserError(f"{options.dataset}: no pattern has this name")
    if len(dropped) == len(dataset):
        raise UserError(f"{options.dataset}: this would leave no pattern")
    rows = [row for row in range(len(dataset)) if row not in dropped]
    return _write(options, select(dataset, rows))


def _filtered(dataset: Dataset, options: argparse.Namespace) -> Iterator[int]:
    seen: set[bytes] = set()
    for row, onset in enumerate(dataset.onset):
        count = int(onset.sum())
        repeated = onset.tobytes() in seen
        seen.add(onset.tobytes())
        too_few = options.fewer is not None and count < options.fewer
        too_many = options.more is not None and count > options.more
        if too_few or too_many or (options.duplicates and repeated):
            yield row


def _edit(options: argparse.Namespace) -> int:
    if _is_project(options.dataset):
        return project.edit(options, lambda onset: _edited(onset, options))
    if _project_options(options):
        raise UsageError(f"{options.dataset}: only a project holds tempo, rotation and notes")
    from trainer.data.dataset import read_dataset, with_steps

    dataset = read_dataset(options.dataset)
    if options.name not in dataset.names:
        raise UserError(
            f"{options.dataset}: no pattern is named {options.name} "
            "(trainer dataset show lists them)"
        )
    row = dataset.names.index(options.name)
    return _write(options, with_steps(dataset, row, _edited(dataset.onset[row], options)))


def _edited(onset: NDArray[np.bool_], options: argparse.Namespace) -> NDArray[np.bool_]:
    if not (options.steps or options.on or options.off):
        raise UsageError("nothing to change: give --steps, --on or --off")
    edited = onset.copy()
    if options.steps:
        if len(options.steps) != STEPS or set(options.steps) - set("x-"):
            raise UsageError(f"--steps takes {STEPS} characters, x or -")
        edited[:] = [step == "x" for step in options.steps]
    edited[_steps(options.on)] = True
    edited[_steps(options.off)] = False
    return edited


def _steps(text: str | None) -> list[int]:
    try:
        steps = [int(part) - 1 for part in text.split(",")] if text else []
    except ValueError as error:
        raise UsageError(f"{text}: steps are numbers separated by commas") from error
    if any(not 0 <= step < STEPS for step in steps):
        raise UsageError(f"{text}: steps are counted from 1 to {STEPS}")
    return steps


def _write(options: argparse.Namespace, dataset: Dataset) -> int:
    from trainer.data.dataset import summary, write_dataset

    path = options.output or options.dataset
    if not options.output:
        copy2(path, path.with_suffix(".backup.npz"))
    write_dataset(path, dataset)
    say(f"{len(dataset)} patterns in {path}")
    if options.json:
        answer(summary(dataset))
    return 0
