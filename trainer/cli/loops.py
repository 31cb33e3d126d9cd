"""The commands `trainer encode` and `trainer demo-loops`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.cli.base import answer, common_options, say
from firmware.errors import UsageError
from trainer.cli import dataset
from trainer.cli.progress import progress_bar

if TYPE_CHECKING:
    from trainer.audio.tempo import Hint
    from trainer.data.dataset import Dataset
    from trainer.data.encode import Encoding, Settings

_HELP = argparse.RawDescriptionHelpFormatter


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add encode, dataset and demo-loops to `trainer`."""
    _add_encode(commands)
    dataset.add_commands(commands)
    _add_demo_loops(commands)


def _add_encode(commands: Any) -> None:
    parser = commands.add_parser(
        "encode",
        parents=[common_options()],
        formatter_class=_HELP,
        help="turn audio and MIDI loops into a dataset of 32-step patterns",
        description="Turn audio loops (wav, aiff, flac, ogg, opus, mp3) and MIDI files into\n"
        "patterns of 32 sixteenths with velocity and micro-timing.",
        epilog="example: trainer encode ~/loops -o dataset.npz\n"
        "         trainer encode ~/loops --tempi tempi.csv --report loops.html -o dataset.npz",
    )
    add = parser.add_argument
    add("loops", nargs="+", metavar="LOOPS", help="files and folders")
    add("-o", "--output", type=Path, metavar="FILE.npz", help="the dataset")
    add("--report", type=Path, metavar="FILE.html", help="a page that shows each loop")
    _add_tempo_options(add)
    add("--project", type=Path, metavar="DIR", help=_PROJECT)
    add("--write-tempi", type=Path, metavar="FILE.csv", help=_WRITE_TEMPI)
    everything = "take one-shots, noise, speech and ambience too"
    add("--include-all", action="store_true", help=everything)
    add("--share", type=float, default=0.1, metavar="0..1", help=_SHARE)
    add("--method", choices=["exnihilo", "paper"], default="exnihilo", help=_METHOD)
    add("--no-cache", action="store_true", help="analyse every file again")
    parser.set_defaults(func=_encode)


def _add_tempo_options(add: Callable[..., Any]) -> None:
    add("--bpm", type=float, help="tempo of all loops")
    add("--bars", type=float, help="length of all loops, in bars")
    add("--meter", help="metre of all loops: 4/4 (default), 3/4, 5/4, 6/8, 7/8")
    add("--tempi", type=Path, metavar="FILE.csv", help="a table headed file,bpm,bars,meter")


_PROJECT = "record what was found in a project, and apply its corrections"
_WRITE_TEMPI = "write the loops of uncertain tempo to a table, to be completed for --tempi"
_SHARE = "the largest share of the dataset from one file (default 0.1; 1: no limit)"
_METHOD = "paper: librosa's onsets at its defaults, as first published"


def _encode(options: argparse.Namespace) -> int:
    from firmware.storage.files import write_whole
    from trainer.cli.intake import counted, print_summary
    from trainer.data.cache import Cache, default_folder
    from trainer.data.dataset import write_dataset
    from trainer.data.encode import Settings, encode_paths
    from trainer.data.encoding_json import to_json
    from trainer.report.loops_report import report

    _check_outputs(options)
    settings = Settings(
        _hint(options), _table(options), options.method, include_all=options.include_all
    )
    cache = None if options.no_cache else Cache(default_folder())
    settings = _of_project(settings, options)
    with progress_bar() as on_progress:
        encoding = encode_paths(options.loops, settings, cache=cache, on_progress=on_progress)
    print_summary(encoding, options.share)
    _record(encoding, options)
    if options.write_tempi:
        write_whole(
            options.write_tempi, _tempi_to_complete(encoding).encode(errors="backslashreplace")
        )
    if options.output:
        dataset = _dataset(encoding, options)
        write_dataset(options.output, dataset)
        say(f"{counted(len(dataset), 'pattern')} in {options.output}")
    if options.report:
        write_whole(options.report, report(encoding).encode(errors="backslashreplace"))
    if options.json:
        answer(to_json(encoding))
    return 0


def _check_outputs(options: argparse.Namespace) -> None:
    """Refuse, before the work, what could not be written after it."""
    from trainer.data.dataset import check_summary_path

    if not (options.output or options.json or options.report or options.project):
        raise UsageError("no output: give -o dataset.npz, --project, --report or --json")
    if options.output and options.output.suffix != ".npz":
        raise UsageError(f"-o {options.output}: a dataset file ends in .npz")
    if not 0 < options.share <= 1:
        raise UsageError(f"--share {options.share:g}: a share is above 0 and at most 1")
    if options.output:
        check_summary_path(options.output)


def _of_project(settings: Settings, options: argparse.Namespace) -> Settings:
    """Return settings with the tempi and decisions of the project, if there is one."""
    from trainer.data.project_encoding import project_settings
    from trainer.data.project_file import load

    return project_settings(load(options.project), settings) if options.project else settings


def _dataset(encoding: Encoding, options: argparse.Namespace) -> Dataset:
    """Return the patterns, with a project's corrections."""
    from trainer.data.encode import to_dataset
    from trainer.data.project_encoding import corrected_encoding
    from trainer.data.project_file import load

    if options.project:
        encoding = corrected_encoding(load(options.project), encoding)
    return to_dataset(encoding, options.share)


def _record(encoding: Encoding, options: argparse.Namespace) -> None:
    from trainer.data.project_encoding import record_encoding
    from trainer.data.project_file import update

    if options.project:
        after = update(options.project, lambda one: record_encoding(one, encoding))
        say(f"revision {after.revision} of the project in {options.project}")


def _tempi_to_complete(encoding: Encoding) -> str:
    from trainer.data.sources import tempi_table

    return tempi_table(
        (loop.name, loop.transcription.tempo.bpm, loop.transcription.tempo.bars)
        for loop in encoding.loops
        if loop.uncertain
    )


def _hint(options: argparse.Namespace) -> Hint:
    from trainer.audio.tempo import checked_hint

    try:
        return checked_hint(options.bpm, options.bars, options.meter)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _table(options: argparse.Namespace) -> dict[str, Hint]:
    from trainer.data.sources import read_tempi

    return read_tempi(options.tempi) if options.tempi else {}


def _add_demo_loops(commands: Any) -> None:
    parser = commands.add_parser(
        "demo-loops",
        parents=[common_options()],
        formatter_class=_HELP,
        help="make loops to try the trainer with",
        description="Write two-bar loops of an ensemble at 120 bpm, and their onsets to "
        "INDEX.json;\na folder for each role: kick, snare, hat, percussion, bass, chord, lead.",
        epilog="example: trainer demo-loops out/loops",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to write them")
    parser.add_argument("--count", type=int, default=168, help="how many (default 168)")
    parser.add_argument("--seed", type=int, default=0, help="random seed (default 0)")
    parser.set_defaults(func=_demo_loops)


def _demo_loops(options: argparse.Namespace) -> int:
    from trainer.cli.intake import counted
    from trainer.data.demo_loops import write_demo_loops

    if options.count < 1 or options.seed < 0:
        raise UsageError("--count is at least 1 and --seed at least 0")
    with progress_bar() as on_progress:
        files = write_demo_loops(options.folder, options.count, options.seed, on_progress)
    say(f"{counted(len(files), 'loop')} in {options.folder}")
    if options.json:
        answer(
            {
                "folder": str(options.folder),
                "files": [path.relative_to(options.folder).as_posix() for path in files],
            }
        )
    return 0
