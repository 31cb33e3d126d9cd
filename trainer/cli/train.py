"""The command that makes a bundle: train."""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.bundle.bundle import is_bundle
from firmware.bundle.manifest import MANIFEST
from firmware.cli.base import answer, common_options, say
from firmware.errors import UsageError, UserError
from trainer.cli.progress import progress_bar
from trainer.cli.train_loops import VoiceLoops, voice_loops
from trainer.cli.train_options import add_options, options_of

if TYPE_CHECKING:
    from firmware.bundle.manifest import Manifest
    from trainer.model.checkpoint import Checkpoint
    from trainer.pipeline.plan import Plan

_HELP = argparse.RawDescriptionHelpFormatter


def add_train(commands: Any) -> None:
    """Add the command to those of `trainer`."""
    parser = commands.add_parser(
        "train",
        parents=[common_options()],
        formatter_class=_HELP,
        help="train a kit of up to three voices",
        description="Lay the loops out on a map for each voice, X by density and Y by\n"
        "syncopation, train it, and write a kit that the module plays. Loops of unknown\n"
        "tempo: trainer encode first.",
        epilog="example: trainer train ~/loops -o kit\n"
        "         trainer train dataset.npz -o kit --voices model1,model3 --seed 7\n"
        "         trainer train rest/ --loops 1=kicks/ --loops 2=snares/ -o kit\n"
        "         trainer train more-loops -o kit2 --from kit\n"
        "         trainer train -o kit --pick 2     (no training: a kept candidate)",
    )
    add_options(parser)
    parser.set_defaults(func=_train)


def _train(options: argparse.Namespace) -> int:
    if options.seed < 0:
        raise UsageError("--seed is at least 0")
    if not options.loops and not options.own_loops:
        return _pick(options)
    _check_output(options.output)
    plan, loops = _plan(options)
    from trainer.pipeline import warnings
    from trainer.pipeline.plan import picks_of

    counts = [config.candidates for config in plan.configs]
    picks = picks_of(options.pick or "1", len(plan.configs), counts)
    for line in warnings.on_sets(plan.sets):
        say(line)
    _announce(plan, options.output)
    manifest, runtimes = _trained(options, plan, loops, picks)
    for line in warnings.on_voices(manifest.voices, plan.sets):
        say(line)
    return _report(manifest, options, runtimes)


def _trained(
    options: argparse.Namespace, plan: Plan, loops: Sequence[VoiceLoops], picks: list[int]
) -> tuple[Manifest, Sequence[str]]:
    """Train, measure and write, with a progress bar."""
    from trainer.pipeline.train_bundle import Label, training_sets
    from trainer.pipeline.train_kit import train_kit

    sets = training_sets(plan.sets, [one.sources for one in loops])
    label = Label(_bundle_name(options.output), _created(), options.seed, sets)
    with progress_bar() as on_progress:
        return train_kit(options.output, label, plan, picks, on_progress)


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
    return _report(manifest, options, runtimes)


def _check_output(folder: Path) -> None:
    """Refuse, before any work, a place that cannot be written or where more would be lost."""
    if folder.exists() and not is_bundle(folder):
        raise UserError(f"{folder}: exists and is no kit; choose another name with -o")
    others = _others(folder)
    if others:
        raise UserError(
            f"{folder}: holds {others[0]}, which is no part of a kit; "
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


def _plan(options: argparse.Namespace) -> tuple[Plan, list[VoiceLoops]]:
    """Plan the training; return also what each voice is given."""
    from trainer.pipeline.plan import names_of, plan

    earlier = _earlier(options)
    asked = options_of(options)
    loops = voice_loops(options, len(names_of(asked, earlier)))
    planned = plan(asked, [one.dataset for one in loops], earlier)
    structures = [config.structure for config in planned.configs if not config.is_map]
    if structures and find_spec("tensorflow") is None:
        raise UserError(
            f"{structures[0]} is trained with Keras: python -m pip install 'exnihilo[paper]'"
        )
    return planned, loops


def _earlier(options: argparse.Namespace) -> Checkpoint | None:
    """Read what is kept beside the bundle to train on from, if there is one."""
    if options.earlier is None:
        return None
    fixed = ("voices", "latent", "latent_dims", "groove", "paper")
    given = [name for name in fixed if getattr(options, name) is not None]
    if given:
        option = given[0].replace("_", "-")
        raise UsageError(f"--from keeps what --{option} would choose; leave --{option} out")
    from firmware.bundle.bundle import read_bundle
    from trainer.model.checkpoint import FILE, checkpoint_of

    kept = checkpoint_of(options.earlier, read_bundle(options.earlier).manifest)
    if kept is None:
        raise UserError(
            f"{options.earlier}: no {FILE} in it; name the folder that `trainer train -o` wrote"
        )
    return kept


def _announce(plan: Plan, output: Path) -> None:
    names = ", ".join(config.structure for config in plan.configs)
    count = plan.configs[0].candidates
    many = "1 candidate" if count == 1 else f"{count} candidates"
    voices = "1 voice" if len(plan.configs) == 1 else f"{len(plan.configs)} voices"
    say(f"training {voices} ({names}) on {len(plan.dataset)} patterns, {many} each")
    if (output / MANIFEST).exists():
        say(f"the kit at {output} will be replaced when they are done")


def _report(manifest: Manifest, options: argparse.Namespace, runtimes: Sequence[str]) -> int:
    from trainer.report.report import training_text
    from trainer.report.verdict import verdict

    output = options.output
    for number, voice in enumerate(manifest.voices, 1):
        source = f" on {training_text(voice.training_set)}" if voice.training_set else ""
        say(f"voice {number} ({voice.name}): trained{source}")
        for word, sentence in verdict(voice.metrics):
            say(f"  {word}: {sentence}")
    say(f"{output}: {manifest.patterns} patterns, checked under {' and '.join(runtimes)}")
    say(f"look at {output / 'report.html'}; play it: firmware sim {output}")
    if options.json:
        voices = voice_documents(manifest)
        answer({"bundle": str(output), "voices": voices, "runtimes": runtimes})
    return 0


def voice_documents(manifest: Manifest) -> list[dict[str, Any]]:
    """Return what the JSON answers say of a bundle's voices."""
    return [
        {
            "name": voice.name,
            "metrics": dict(voice.metrics),
            "training_set": voice.training_set and asdict(voice.training_set),
        }
        for voice in manifest.voices
    ]


def _bundle_name(folder: Path) -> str:
    """Make a name that the manifest allows out of the folder's."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "-", folder.resolve().name).lstrip(" ._-")
    return plain[:63] or "kit"


def _created() -> str:
    """Give the date of the bundle: SOURCE_DATE_EPOCH if it is set, else now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is '{epoch}'; it is seconds since 1970") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
