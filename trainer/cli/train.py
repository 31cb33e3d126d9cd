"""The command that makes a bundle: train."""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.bundle.bundle import is_bundle
from firmware.bundle.manifest import MANIFEST
from firmware.cli.base import answer, common_options, say
from firmware.errors import UsageError, UserError
from trainer.cli.train_options import add_options, options_of

if TYPE_CHECKING:
    from firmware.bundle.manifest import Manifest
    from trainer.data.dataset import Dataset
    from trainer.model.checkpoint import Checkpoint
    from trainer.pipeline.plan import Plan

_HELP = argparse.RawDescriptionHelpFormatter


def add_train(commands: Any) -> None:
    """Add the command to those of `trainer`."""
    parser = commands.add_parser(
        "train",
        parents=[common_options()],
        formatter_class=_HELP,
        help="train a bundle of up to three voices",
        description="Lay the loops out on a map for each voice, X by density and Y by\n"
        "syncopation, train it, and write a bundle that the module plays. Loops of unknown\n"
        "tempo: trainer encode first.",
        epilog="example: trainer train ~/loops -o kit\n"
        "         trainer train dataset.npz -o kit --voices model1,model3 --seed 7\n"
        "         trainer train more-loops -o kit2 --from kit\n"
        "         trainer train -o kit --pick 2     (no training: a kept candidate)",
    )
    add_options(parser)
    parser.set_defaults(func=_train)


def _train(options: argparse.Namespace) -> int:
    if options.seed < 0:
        raise UsageError("--seed is at least 0")
    if not options.loops:
        return _pick(options)
    _check_output(options.output)
    plan = _plan(options)
    from trainer.pipeline import warnings
    from trainer.pipeline.plan import picks_of

    counts = [config.candidates for config in plan.configs]
    picks = picks_of(options.pick or "1", len(plan.configs), counts)
    for line in warnings.on_dataset(plan.dataset):
        say(line)
    _announce(plan, options.output)
    manifest, runtimes = _trained(options, plan, picks)
    for line in warnings.on_voices(manifest.voices, plan.dataset):
        say(line)
    return _tell(manifest, options, runtimes)


def _trained(
    options: argparse.Namespace, plan: Plan, picks: list[int]
) -> tuple[Manifest, Sequence[str]]:
    """Train, measure and write."""
    from dataclasses import replace

    from trainer.model.checkpoint import Checkpoint
    from trainer.pipeline.held_back import held_back_figures
    from trainer.pipeline.train_bundle import Label, write_kit
    from trainer.pipeline.training import train_voices

    with _progress_bar("training") as progress:
        voices = train_voices(plan, options.seed, lambda event: progress(event.share))
    with _progress_bar("measuring") as progress:
        held_back = held_back_figures(plan, options.seed, progress)
    chosen = tuple(
        replace(voice, chosen=pick) for voice, pick in zip(voices, picks, strict=True)
    )
    label = Label(_bundle_name(options.output), _created(), options.seed)
    checkpoint = Checkpoint(chosen, plan.dataset)
    return write_kit(options.output, label, plan.configs, checkpoint, held_back)


def _pick(options: argparse.Namespace) -> int:
    """Choose among the candidates beside a bundle, without training."""
    if options.pick is None:
        raise UsageError("name loops to train on, or choose a kept candidate with --pick")
    from trainer.model.checkpoint import read_checkpoint
    from trainer.pipeline.plan import picks_of
    from trainer.pipeline.train_bundle import pick_candidates

    kept = read_checkpoint(options.output)
    counts = [len(voice.candidates) for voice in kept.voices]
    picks = picks_of(options.pick, len(counts), counts)
    manifest, runtimes = pick_candidates(options.output, picks)
    return _tell(manifest, options, runtimes)


def _check_output(folder: Path) -> None:
    """Refuse, before any work, a place that cannot be written or where more would be lost."""
    if folder.exists() and not is_bundle(folder):
        raise UserError(f"{folder}: exists and is no bundle; choose another name with -o")
    others = _others(folder)
    if others:
        raise UserError(
            f"{folder}: holds {others[0]}, which is no part of a bundle; "
            "move it, or choose another name with -o"
        )
    there = next(parent for parent in folder.absolute().parents if parent.exists())
    try:
        with tempfile.TemporaryDirectory(dir=there, prefix=".trainer."):
            pass
    except OSError as error:
        raise UserError(
            f"{there}: nothing can be written there ({error.strerror}); "
            "choose another place with -o"
        ) from None


def _others(folder: Path) -> list[str]:
    """Name what a person has put beside the bundle in a folder."""
    if not (folder / MANIFEST).is_file():
        return []
    from firmware.bundle.bundle import read_manifest
    from trainer.model.checkpoint import FILE

    manifest = read_manifest(folder)
    voices = (voice.file for voice in manifest.voices)
    ours = {MANIFEST, FILE, *voices, *(extra.file for extra in manifest.extras)}
    return sorted(path.name for path in folder.iterdir() if path.name not in ours)


def _plan(options: argparse.Namespace) -> Plan:
    from trainer.pipeline.plan import plan

    earlier = _earlier(options)
    dataset = _dataset(options.loops)
    if not len(dataset):
        raise UserError(f"{options.loops[0]}: no pattern in it; encode loops that have onsets")
    planned = plan(options_of(options), dataset, earlier)
    structures = [config.structure for config in planned.configs if not config.is_map]
    if structures and find_spec("tensorflow") is None:
        raise UserError(
            f"{structures[0]} is trained with Keras: python -m pip install 'exnihilo[paper]'"
        )
    return planned


def _earlier(options: argparse.Namespace) -> Checkpoint | None:
    """Read what is kept beside the bundle to train on from, if there is one."""
    if options.earlier is None:
        return None
    fixed = ("voices", "latent", "latent_dims", "groove", "paper")
    given = [name for name in fixed if getattr(options, name) is not None]
    if given:
        raise UsageError(f"--from keeps what --{given[0].replace('_', '-')} would choose")
    from firmware.bundle.bundle import read_bundle
    from trainer.model.checkpoint import FILE, checkpoint_of

    kept = checkpoint_of(options.earlier, read_bundle(options.earlier).manifest)
    if kept is None:
        raise UserError(
            f"{options.earlier}: no {FILE} in it; name the folder it was trained to"
        )
    return kept


def _dataset(paths: list[str]) -> Dataset:
    """Read one dataset file, or encode loops."""
    from trainer.data.dataset import read_dataset

    if len(paths) == 1 and paths[0].endswith(".npz"):
        return read_dataset(paths[0])
    for path in paths:
        _check_loops(path)
    from trainer.data.cache import Cache, default_folder
    from trainer.data.encode import encode_paths, to_dataset

    with _progress_bar("encoding") as progress:
        encoding = encode_paths(
            paths,
            cache=Cache(default_folder()),
            progress=lambda done, every: progress(done / every),
        )
    for name, reason in encoding.skipped:
        say(f"skipped   {name}: {reason}")
    return to_dataset(encoding)


def _check_loops(path: str) -> None:
    """Refuse what is no loop, but looks as if more was meant."""
    if path.endswith((".npz", ".json")):
        raise UsageError(
            f"{path}: a dataset is trained alone, and is the .npz file; to put more together: "
            "trainer encode, then trainer dataset merge"
        )
    if (Path(path) / MANIFEST).is_file():
        raise UsageError(
            f"{path}: a bundle; train it on with trainer train LOOPS --from {path}"
        )


def _announce(plan: Plan, output: Path) -> None:
    names = ", ".join(config.structure for config in plan.configs)
    count = plan.configs[0].candidates
    many = "1 candidate" if count == 1 else f"{count} candidates"
    say(f"training {names} on {len(plan.dataset)} patterns, {many} each")
    if (output / MANIFEST).exists():
        say(f"the bundle at {output} will be replaced when they are done")


def _tell(manifest: Manifest, options: argparse.Namespace, runtimes: Sequence[str]) -> int:
    from trainer.report.verdict import verdict

    output = options.output
    for number, voice in enumerate(manifest.voices, 1):
        for word, sentence in verdict(voice.metrics):
            say(f"voice {number}: {voice.name}  {word}: {sentence}")
    say(f"{output}: {manifest.patterns} patterns, checked under {' and '.join(runtimes)}")
    say(f"look at {output / 'report.html'}; play it: firmware sim {output}")
    if options.json:
        voices = [{"name": v.name, "metrics": dict(v.metrics)} for v in manifest.voices]
        answer({"bundle": str(output), "voices": voices, "runtimes": runtimes})
    return 0


def _bundle_name(folder: Path) -> str:
    """Make a name that the manifest allows out of the folder's."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "-", folder.resolve().name).lstrip(" ._-")
    return plain[:63] or "bundle"


def _created() -> str:
    """Give the date of the bundle: SOURCE_DATE_EPOCH if it is set, else now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is '{epoch}'; it is seconds since 1970") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal, nothing elsewhere; give what moves it to a share, 0..1."""
    from tqdm import tqdm

    shown = sys.stderr.isatty()
    form = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}"
    with tqdm(desc=what, total=1, disable=not shown, leave=False, bar_format=form) as bar:

        def progress(share: float) -> None:
            bar.update(share - bar.n)

        yield progress
