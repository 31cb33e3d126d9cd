"""Commands on the side of the models: train, inspect, compare."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from firmware.cli.base import answer, common_options, say, show
from trainer.cli.train import add_train, voice_documents

_HELP = argparse.RawDescriptionHelpFormatter
_KIT = "a folder that `trainer train` wrote"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this side to those of `trainer`."""
    add_train(commands)
    _add_inspect(commands)
    _add_compare(commands)


def _add_inspect(commands: Any) -> None:
    parser = commands.add_parser(
        "inspect",
        parents=[common_options()],
        formatter_class=_HELP,
        help="show a kit's figures and maps",
        description="Show what a kit's voices can do: figures, maps, where a rhythm is.",
        epilog="example: trainer inspect kit --png pictures\n"
        "         trainer inspect kit --steps x--x--x-\n"
        "         trainer inspect kit --steps=--x---x-     (a rest first)",
    )
    parser.add_argument("bundle", type=Path, metavar="KIT", help=_KIT)
    parser.add_argument("--png", type=Path, metavar="DIR", help="write the pictures there")
    parser.add_argument(
        "--steps",
        metavar="PATTERN",
        help="find X and Y that play this: x or 1 sounds, - . or 0 rests",
    )
    parser.set_defaults(func=_inspect)


def _inspect(options: argparse.Namespace) -> int:
    from trainer.report.terminal import (
        LEGEND,
        text_latents,
        text_map,
        text_patterns,
        text_table,
    )
    from trainer.report.views import views_of_bundle

    if options.steps is not None:
        return _find(options)
    manifest, views = views_of_bundle(options.bundle)
    if options.json:
        titled = {view.title: dict(view.voice.metrics) for view in views}
        answer({**titled, "bundle": str(options.bundle), "voices": voice_documents(manifest)})
    else:
        for view in views:
            show(f"{text_map(view)}\n\n{text_patterns(view)}\n\n{text_latents(view)}\n")
        show(LEGEND)
        show(text_table({view.title: view.voice.metrics for view in views}))
        show(
            f"{manifest.name}: {manifest.patterns} patterns from {manifest.loops} loops, "
            f"seed {manifest.seed}, {manifest.created}"
        )
    if options.png:
        from trainer.report.pictures import write_pictures

        for path in write_pictures(options.png, views):
            say(str(path))
    return 0


def _find(options: argparse.Namespace) -> int:
    """Tell where on each voice's map a rhythm is."""
    from firmware.engine.knob_curve import AXES
    from trainer.report.pattern_search import find_in_bundle, parse_steps

    found = find_in_bundle(options.bundle, parse_steps(options.steps))
    if options.json:
        answer([{"position": p.position, "distance": p.distance} for p in found])
        return 0
    for number, place in enumerate(found, 1):
        knobs = zip(AXES, place.position, strict=False)
        where = "  ".join(f"{axis.upper()} {position:.3f}" for axis, position in knobs)
        show(f"voice {number}: {where}  ({place.distance} of 32 steps differ)")
    return 0


def _add_compare(commands: Any) -> None:
    parser = commands.add_parser(
        "compare",
        parents=[common_options()],
        formatter_class=_HELP,
        help="show kits side by side",
        description="Show the figures and maps of several kits' voices side by side.",
        epilog="example: trainer compare kit kit2 --png maps.png",
    )
    parser.add_argument("bundles", nargs="+", type=Path, metavar="KIT", help=_KIT)
    parser.add_argument("--png", type=Path, metavar="FILE.png", help="draw maps and latents")
    parser.set_defaults(func=_compare)


def _compare(options: argparse.Namespace) -> int:
    from dataclasses import replace
    from shutil import get_terminal_size

    from firmware.bundle.bundle import read_manifest
    from trainer.report.terminal import LEGEND, WIDE, side_by_side, text_map, text_table
    from trainer.report.views import views_of_bundle

    names = [folder.name for folder in options.bundles]
    if len(set(names)) < len(names):
        names = [str(folder) for folder in options.bundles]
    views = [
        replace(view, title=f"{name} {number} {view.voice.name}")
        for name, folder in zip(names, options.bundles, strict=True)
        for number, view in enumerate(views_of_bundle(folder)[1], 1)
    ]
    columns = {view.title: view.voice.metrics for view in views}
    if options.json:
        bundles = [
            {"bundle": str(folder), "voices": voice_documents(read_manifest(folder))}
            for folder in options.bundles
        ]
        answer({**{title: dict(one) for title, one in columns.items()}, "bundles": bundles})
    else:
        width = get_terminal_size((WIDE, 0)).columns
        show(f"{side_by_side([text_map(view) for view in views], width)}\n{LEGEND}\n")
        show(text_table(columns, width))
    if options.png:
        from firmware.storage.files import write_whole
        from trainer.report.pictures import latent_picture, map_picture, one_below_the_other

        pictures = map_picture(views), latent_picture(views)
        write_whole(options.png, one_below_the_other(pictures))
        say(str(options.png))
    return 0
