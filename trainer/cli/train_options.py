"""What can be said to `trainer train`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.pipeline.plan import Wishes

MOST = 100_000
"""Candidates or epochs; more would not end before the musician does."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the loops, the bundle and all settings to the command's parser."""
    from trainer.model.models import (
        ENSEMBLE,
        LATENT_KINDS,
        LATENTS_MAX,
        QUANTISATIONS,
        STRUCTURES,
    )

    structures, default = ", ".join(STRUCTURES), ", ".join(ENSEMBLE)
    add = parser.add_argument
    add("loops", nargs="+", metavar="LOOPS|FILE.npz", help="loops, folders, or one dataset")
    add("-o", "--output", type=Path, required=True, metavar="BUNDLE", help=_OUTPUT)
    add("--seed", type=int, default=0, help="another number, another bundle (default 0)")
    add("--pick", default="1", metavar="K", help="take the K-th best; or one per voice: 1,3,1")
    add("--from", dest="earlier", type=Path, metavar="BUNDLE", help="train its voices on")
    add("--candidates", type=_count, metavar="N", help="trained per voice (default 16)")
    add("--epochs", type=_count, metavar="N", help="passes over the patterns")
    add = parser.add_argument_group("the voices").add_argument
    add("--voices", metavar="NAMES", help=f"1 to 3 of {structures}; default {default}")
    add("--latent", choices=LATENT_KINDS, help="default vae; the paper's is relu")
    add("--latent-dims", type=int, choices=range(2, LATENTS_MAX + 1), help="default 2: X, Y")
    add("--groove", action=argparse.BooleanOptionalAction, help="learn velocity and timing")
    add("--mapping", choices=["warped", "classic"], help="classic: the paper's knob ranges")
    add("--quantise", choices=QUANTISATIONS, help=f"default {QUANTISATIONS[0]}")
    add("--paper", action="store_true", default=None, help=_PAPER)
    add = parser.add_argument_group("training").add_argument
    add("--l2", type=_share, metavar="W", help="weight decay")
    add("--dropout", type=_share, metavar="P", help="dropout after every hidden layer")
    add("--beta", type=_share, metavar="B", help="how tidy a vae's latents are")
    add("--hold-back", type=_share, default=0.0, metavar="P", help="stop early by this share")


_OUTPUT = "the folder; a bundle that is there is replaced"
_PAPER = "as the paper: relu, one candidate, fixed ranges; other options still count"


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


def wishes_of(options: argparse.Namespace) -> Wishes:
    """Give what was asked for; what was not is None."""
    from trainer.pipeline.plan import Wishes

    names = ("latent", "groove", "mapping", "candidates", "epochs")
    given = {name: getattr(options, name) for name in names}
    settings = {name: getattr(options, name) for name in ("l2", "dropout", "beta", "hold_back")}
    if options.voices is not None:
        given["voices"] = tuple(name.strip() for name in options.voices.split(","))
    return Wishes(
        **given,
        **settings,
        paper=bool(options.paper),
        latents=options.latent_dims or 2,
        quantisation=options.quantise,
    )
