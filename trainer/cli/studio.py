"""The command `trainer studio`."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.cli.base import answer, common_options, say
from firmware.errors import UsageError, UserError

if TYPE_CHECKING:
    from trainer.studio.security import Access
    from trainer.studio.studio import Places

_HELP = argparse.RawDescriptionHelpFormatter


def add_commands(commands: Any) -> None:
    """Add the command to those of `trainer`."""
    parser = commands.add_parser(
        "studio",
        parents=[common_options()],
        formatter_class=_HELP,
        help="loops, training and maps in a browser",
        description="Open the studio in the browser: drop loops, hear and correct them,\n"
        "train, play the maps, compare, send a kit to the module. It serves this machine\n"
        "only. Without an argument it opens the project that was open last.",
        epilog="example: trainer studio ~/loops\n         trainer studio mine/ --no-open",
    )
    parser.add_argument(
        "places",
        nargs="*",
        type=Path,
        metavar="PROJECT|FOLDER",
        help="a project, or folders of loops; the first folder becomes a project",
    )
    parser.add_argument("--project", type=Path, metavar="DIR", help="keep the project there")
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument(
        "--local", type=Path, metavar="DIR", help="a module's home on this computer to push to"
    )
    parser.add_argument("--no-open", action="store_true", help="print the address only")
    parser.set_defaults(func=_studio)


def _studio(options: argparse.Namespace) -> int:
    if not 0 <= options.port < 1 << 16:
        raise UsageError(f"--port {options.port}: from 0 to 65535")
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise UserError("the studio needs: python -m pip install 'exnihilo[trainer,studio]'")
    from trainer.studio.server import serve

    places = _places(options)

    def ready(access: Access) -> None:
        say(f"the studio of {places.project} is at {access.address}")
        say("press Ctrl-C to stop it; everything is saved as you go")
        if options.json:
            answer({"address": access.address, "project": str(places.project)})
        if not options.no_open:
            import webbrowser

            webbrowser.open(access.address)

    serve(places, options.port, ready)
    return 0


def _places(options: argparse.Namespace) -> Places:
    """Return the project and the folders of loops that the command line means."""
    from trainer.data.project_file import NAME, is_project
    from trainer.studio.recents import latest, remember
    from trainer.studio.studio import Places

    for path in options.places:
        if not path.exists():
            raise UserError(f"{path}: no such file or folder")
    projects = [path for path in options.places if is_project(path)]
    roots = tuple(path.absolute() for path in options.places if path not in projects)
    if len(projects) + (options.project is not None) > 1:
        raise UsageError("one project at a time; folders of loops can be several")
    folders = [*projects, *(path for path in options.places if path.is_dir())]
    project: Path = options.project or next(iter(folders), None) or latest()
    project = (project.parent if project.name == NAME else project).absolute()
    remember(project)
    return Places(project, roots, options.local)
