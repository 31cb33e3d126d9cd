"""Commands on the side of the models: train, inspect, compare."""

from __future__ import annotations

import argparse
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.cli import answer, common_options, say
from firmware.errors import UsageError
from trainer.models import LATENT_KINDS, STRUCTURES

if TYPE_CHECKING:
    from trainer.dataset import Dataset
    from trainer.population import Progress
    from trainer.voices import Recipe

_HELP = argparse.RawDescriptionHelpFormatter
VOICES = "model1,model2,model3"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this side to those of `trainer`."""
    _add_train(commands)


def _add_train(commands: Any) -> None:
    parser = commands.add_parser(
        "train",
        parents=[common_options()],
        formatter_class=_HELP,
        help="train a bundle of up to three voices",
        description="Train candidates of each voice, keep those with the best maps, and write\n"
        "them as a bundle that the module plays.",
        epilog="example: trainer train ~/loops -o kit\n"
        "         trainer train dataset.npz -o kit --voices model1,model3 --seed 7",
    )
    parser.add_argument("loops", nargs="+", metavar="LOOPS|FILE.npz")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="BUNDLE")
    parser.add_argument(
        "--voices", default=VOICES, help=f"one to three of {', '.join(STRUCTURES)}"
    )
    parser.add_argument(
        "--latent", choices=LATENT_KINDS, default="vae", help="what X and Y are (default vae)"
    )
    parser.add_argument("--candidates", type=int, default=None, help="trained per voice")
    parser.add_argument("--epochs", type=int, help="passes over the patterns")
    parser.add_argument("--seed", type=int, default=0, help="another number, another bundle")
    parser.set_defaults(func=_train)


def _train(options: argparse.Namespace) -> int:
    label_seed = _at_least(options.seed, 0, "--seed")
    # TensorFlow takes seconds to load: meanwhile the loops are read.
    from trainer.population import tensorflow

    loading = threading.Thread(target=tensorflow, daemon=True)
    loading.start()
    dataset = _dataset(options.loops)
    recipes = _recipes(options, dataset)
    from trainer.kit import Label, train_voices, write_kit

    with _progress_bar(len(recipes)) as progress:
        trained = train_voices(recipes, dataset, label_seed, progress, [None] * len(recipes))
    label = Label(_bundle_name(options.output), _created(), label_seed)
    manifest, runtimes = write_kit(options.output, label, dataset, trained, [0] * len(recipes))
    for voice in manifest.voices:
        say(f"{voice.name}: " + ", ".join(f"{k} {v:.3g}" for k, v in voice.metrics.items()))
    say(f"{options.output}: checked under {' and '.join(runtimes)}")
    if options.json:
        answer({"bundle": str(options.output), "runtimes": runtimes})
    return 0


def _at_least(value: int, least: int, name: str) -> int:
    if value < least:
        raise UsageError(f"{name} is at least {least}")
    return value


def _dataset(paths: list[str]) -> Dataset:
    """Read one dataset file, or encode loops."""
    from trainer.dataset import read_dataset

    if len(paths) == 1 and paths[0].endswith(".npz"):
        return read_dataset(paths[0])
    from trainer.cache import Cache, default_folder
    from trainer.encode import encode_paths, to_dataset

    return to_dataset(encode_paths(paths, cache=Cache(default_folder())))


def _recipes(options: argparse.Namespace, dataset: Dataset) -> list[Recipe]:
    from trainer.population import Training
    from trainer.targets import heads_of
    from trainer.voices import Recipe

    names = options.voices.split(",")
    if not 1 <= len(names) <= 3 or not set(names) <= set(STRUCTURES):
        raise UsageError(f"--voices takes one to three of {', '.join(STRUCTURES)}")
    heads = heads_of(dataset, groove=None)
    defaults = Training()
    candidates = _at_least(options.candidates or defaults.candidates, 1, "--candidates")
    steps = defaults.steps
    if options.epochs is not None:
        _at_least(options.epochs, 1, "--epochs")
        steps = -(-options.epochs * len(dataset) // defaults.batch)
    return [
        Recipe(
            name,
            Training(
                latent_kind=options.latent,
                candidates=candidates,
                steps=steps,
                l2=STRUCTURES[name].l2,
                dropout=STRUCTURES[name].dropout,
            ),
            heads=heads,
        )
        for name in names
    ]


def _bundle_name(folder: Path) -> str:
    """Make a name that the manifest allows out of the folder's."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "-", folder.resolve().name).lstrip(" ._-")
    return plain[:63] or "bundle"


def _created() -> str:
    """Give the date of the bundle: SOURCE_DATE_EPOCH if it is set, else now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _progress_bar(voices: int) -> Iterator[Progress]:
    """Show a bar on a terminal, nothing elsewhere."""
    from tqdm import tqdm

    with tqdm(
        desc="training",
        total=voices * 100,
        unit="%",
        leave=False,
        disable=not sys.stderr.isatty(),
    ) as bar:

        def progress(share: float) -> None:
            bar.update(share * 100)

        yield progress
