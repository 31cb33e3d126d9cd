"""The loops that `trainer train` is given: for all voices, and for voices with their own."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from firmware.bundle.manifest import MANIFEST
from firmware.cli.base import say
from firmware.errors import UsageError, UserError
from trainer.cli.progress import progress_bar

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset
    from trainer.data.encode import Settings
    from trainer.pipeline.train_bundle import Sources


NAMES_MAX = 16
"""Files and folders that a manifest names for a voice."""


@dataclass(frozen=True, slots=True, eq=False)
class VoiceLoops:
    """What a voice is given: its patterns, None for nothing new, and where they came from."""

    dataset: Dataset | None
    sources: Sources


@dataclass(frozen=True, slots=True)
class _Intake:
    """How loops are analysed, and the largest share of the patterns from one file."""

    settings: Settings
    share: float
    given: tuple[str, ...]


def voice_loops(options: argparse.Namespace, voices: int) -> list[VoiceLoops]:
    """Read or encode the loops of each voice; a set that several voices name is read once.

    Raises `UsageError` and `UserError` for loops that cannot be used, before any is encoded.
    """
    own = own_loops(options.own_loops, voices)
    inputs = [(own[v],) if v in own else tuple(options.loops) for v in range(voices)]
    for voice, paths in enumerate(inputs):
        if not paths and options.earlier is None:
            raise UsageError(
                f"voice {voice + 1} has no loops: add --loops {voice + 1}=FOLDER, or name "
                "loops for all voices without their own"
            )
    intake = _intake(options)
    distinct = list(dict.fromkeys(filter(None, inputs)))
    for paths in distinct:
        _check(paths, intake)
    read = {paths: _read(paths, intake, voices, titled=len(distinct) > 1) for paths in distinct}
    earlier = () if options.earlier is None else (source_name(options.earlier),)
    return [
        _of_voice(read[paths][voice] if paths else None, earlier)
        for voice, paths in enumerate(inputs)
    ]


def own_loops(texts: Sequence[str], voices: int) -> dict[int, str]:
    """Parse `--loops VOICE=PATH`; return paths by voice, counted from 0.

    Raises `UsageError` for another form, a voice that there is not, or one named twice, and
    `UserError` for a path that does not exist.
    """
    own: dict[int, str] = {}
    for text in texts:
        found = re.fullmatch(r"(\d+)=(.+)", text)
        if found is None:
            raise UsageError(f"--loops {text}: write VOICE=FOLDER, as in --loops 1=kicks/")
        voice, path = int(found[1]) - 1, found[2]
        if not 0 <= voice < voices:
            count = f"from 1 to {voices}" if voices > 1 else "1, the only one"
            raise UsageError(f"--loops {text}: the voice is {count}")
        if voice in own:
            raise UsageError(f"--loops {text}: voice {voice + 1} already has {own[voice]}")
        if not Path(path).exists():
            raise UserError(f"--loops {text}: no such file or folder")
        own[voice] = path
    return own


def _of_voice(found: VoiceLoops | None, earlier: tuple[str, ...]) -> VoiceLoops:
    """Name the earlier bundle, whose loops the voice keeps, before the new loops."""
    from trainer.pipeline.train_bundle import Sources

    if found is None:
        return VoiceLoops(None, Sources(earlier))
    names = earlier + found.sources.names
    return VoiceLoops(found.dataset, Sources(names, found.sources.project_revisions))


def _intake(options: argparse.Namespace) -> _Intake:
    from trainer.audio.tempo import checked_hint
    from trainer.data.encode import Settings
    from trainer.data.windows import FAIR_SHARE

    share = FAIR_SHARE if options.share is None else options.share
    if not 0 < share <= 1:
        raise UsageError(f"--share {share:g}: a share is above 0 and at most 1")
    try:
        hint = checked_hint(None, None, options.meter)
    except ValueError as error:
        raise UsageError(str(error)) from error
    given = {
        "--include-all": options.include_all,
        "--meter": options.meter is not None,
        "--share": options.share is not None,
    }
    settings = Settings(hint, include_all=options.include_all)
    return _Intake(settings, share, tuple(name for name, there in given.items() if there))


def _check(paths: Sequence[str], intake: _Intake) -> None:
    """Refuse what cannot be trained on together, and options that would change nothing."""
    from trainer.data.project_file import is_project

    if len(paths) > 1:
        for path in paths:
            _check_loops(path)
    alone = Path(paths[0])
    if len(paths) == 1 and alone.suffix == ".npz" and intake.given:
        raise UsageError(f"{alone}: a dataset is encoded already, without {intake.given[0]}")
    if len(paths) == 1 and is_project(alone):
        fixed = [name for name in intake.given if name != "--share"]
        if fixed:
            raise UsageError(f"{alone}: a project holds such decisions; leave out {fixed[0]}")
    elif alone.suffix != ".npz":
        _check_loops(paths[0])


def _check_loops(path: str) -> None:
    """Refuse what is no loop, but looks as if more was meant."""
    from trainer.data.project_file import is_project

    if path.endswith((".npz", ".json")) or is_project(Path(path)):
        raise UsageError(
            f"{path}: a dataset is trained alone, and is the .npz file or a project; to put "
            "more together: trainer encode, then trainer dataset merge"
        )
    if (Path(path) / MANIFEST).is_file():
        raise UsageError(f"{path}: a kit; train it on with trainer train LOOPS --from {path}")


def _read(
    paths: Sequence[str], intake: _Intake, voices: int, *, titled: bool
) -> list[VoiceLoops]:
    """Read one dataset file or project, or encode loops; return them for each voice."""
    from trainer.data.dataset import read_dataset
    from trainer.data.project_file import is_project
    from trainer.pipeline.train_bundle import Sources

    one_file = paths[0].endswith(".npz")
    if titled and not one_file:
        say(f"{', '.join(paths)}:")
    if is_project(Path(paths[0])):
        return _of_project(Path(paths[0]), intake.share, voices)
    dataset = read_dataset(paths[0]) if one_file else _encoded(paths, intake)
    if not len(dataset):
        raise UserError(f"{paths[0]}: no pattern in it; encode loops that have onsets")
    return [VoiceLoops(dataset, Sources(source_names(paths)))] * voices


def source_names(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the last parts of paths; of very many, some and how many more there are."""
    names = tuple(source_name(Path(path)) for path in paths[:NAMES_MAX])
    more = len(paths) - NAMES_MAX
    return (*names, f"{more} more") if more > 0 else names


def source_name(path: Path) -> str:
    """Return the last part of a path as text that a manifest can hold."""
    return path.resolve().name.encode("utf-8", "replace").decode()


def _of_project(folder: Path, share: float, voices: int) -> list[VoiceLoops]:
    """Return the loops of a project that feed each voice."""
    from trainer.data.project_encoding import project_dataset
    from trainer.data.project_file import NAME, load
    from trainer.pipeline.train_bundle import Sources

    project = load(folder)
    folder = folder.parent if folder.name == NAME else folder
    name = source_name(folder)
    taken = sum(loop.taken for loop in project.loops.values())
    say(f"revision {project.revision}: {len(project.loops)} loops, {taken} of them taken")
    sources = Sources((name,), ((name, project.revision),))
    if not any(loop.corrections.voice for loop in project.loops.values()):
        return [VoiceLoops(project_dataset(project, share), sources)] * voices
    return [
        VoiceLoops(project_dataset(project, share, voice=number + 1), sources)
        for number in range(voices)
    ]


def _encoded(paths: Sequence[str], intake: _Intake) -> Dataset:
    from trainer.cli.intake import print_summary
    from trainer.data.cache import Cache, default_folder
    from trainer.data.encode import encode_paths, to_dataset

    cache = Cache(default_folder())
    with progress_bar() as on_progress:
        encoding = encode_paths(paths, intake.settings, cache=cache, on_progress=on_progress)
    print_summary(encoding, intake.share)
    return to_dataset(encoding, intake.share)
