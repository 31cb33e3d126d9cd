"""What can be said to `trainer train`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.pipeline.plan import TrainOptions

MOST = 100_000
"""Candidates or epochs; more would not end before the musician does."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the loops, the kit and all settings to the command's parser."""
    from trainer.model.structures import (
        HOLD_BACK,
        LATENT_KINDS,
        LATENTS_MAX,
        MAP,
        NAMES,
        PAPER_EPOCHS,
        QUANTISATIONS,
    )

    add = parser.add_argument
    add("loops", nargs="*", metavar="LOOPS|FILE.npz", help=_LOOPS)
    add(
        "--loops",
        dest="own_loops",
        action="append",
        default=[],
        metavar="VOICE=LOOPS",
        help=_OWN,
    )
    add("-o", "--output", type=Path, required=True, metavar="KIT", help=_OUTPUT)
    add(
        "--seed",
        type=int,
        default=0,
        help="random seed: another number gives another kit (default 0)",
    )
    add("--pick", metavar="K", help="use the K-th best candidate, or one per voice: 1,3,1")
    add("--from", dest="earlier", type=Path, metavar="KIT", help=_FROM)
    add("--steps", type=_count, metavar="N", help="minibatches of a map (default 10000)")
    add(
        "--candidates", type=_count, metavar="N", help="how many to train per voice (default 1)"
    )
    held = f"share of the loops to measure on (default {HOLD_BACK}); 0 leaves it out"
    add("--hold-back", type=_share, default=HOLD_BACK, metavar="P", help=held)
    add = parser.add_argument_group("the loops").add_argument
    add("--include-all", action="store_true", help="one-shots, noise, speech, ambience too")
    add("--share", type=float, metavar="0..1", help=_SHARE)
    add("--meter", help="metre of all loops: 4/4 (default), 3/4, 5/4, 6/8, 7/8")
    add = parser.add_argument_group("the voices").add_argument
    add("--voices", metavar="NAMES", help=f"1 to 3 of {', '.join(NAMES)}; default: 3 x {MAP}")
    add("--groove", action=argparse.BooleanOptionalAction, help="learn velocity and timing")
    add("--quantise", choices=QUANTISATIONS, help=f"default {QUANTISATIONS[0]}")
    add = parser.add_argument_group("the paper's structures (extra paper)").add_argument
    add("--paper", action="store_true", default=None, help=_PAPER)
    add("--epochs", type=_count, metavar="N", help=f"default {PAPER_EPOCHS}, as its figures")
    add("--latent", choices=LATENT_KINDS, help="activation of the latents; the paper's is relu")
    add("--latent-dims", type=int, choices=range(2, LATENTS_MAX + 1), help="default 2: X, Y")
    add("--mapping", choices=["warped", "classic"], help="classic: the paper's knob ranges")
    add("--l2", type=_share, metavar="W", help="weight decay")
    add("--dropout", type=_share, metavar="P", help="dropout after every hidden layer")


_LOOPS = "loops, folders, one dataset, or one project"
_OWN = "a folder, dataset or project for one voice alone; once per voice: 1=kicks/"
_SHARE = "the largest share of the patterns from one file (default 0.1; 1: no limit)"
_OUTPUT = "the folder; a kit that is there is replaced"
_PAPER = "the paper's three models, trained as in the paper, with its fixed knob ranges"
_FROM = "add the loops to those of this kit, which keep their places"


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 to {MOST}")
    return int(text)


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 0 to below 1")
    return value


def options_of(options: argparse.Namespace) -> TrainOptions:
    """Give what was asked for; what was not is None."""
    from trainer.pipeline.plan import TrainOptions

    names = ("latent", "groove", "mapping", "candidates", "steps", "epochs", "l2", "dropout")
    voices = None
    if options.voices is not None:
        voices = tuple(name.strip() for name in options.voices.split(","))
    return TrainOptions(
        **{name: getattr(options, name) for name in names},
        voices=voices,
        paper=bool(options.paper),
        latents=options.latent_dims or 2,
        quantisation=options.quantise,
        hold_back=options.hold_back,
    )
