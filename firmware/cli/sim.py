"""`firmware sim` and `firmware verify`: a bundle without a module."""

import argparse
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from firmware.bundle.bundle import Bundle, read_bundle
from firmware.bundle.decoder import installed_runtimes, load_decoders
from firmware.bundle.manifest import BundleError
from firmware.bundle.verify import DECODE_S, DECODERS_BYTES, BundleVerifier
from firmware.cli.base import answer, common_options, say
from firmware.engine.state import VOICES
from firmware.errors import UsageError
from firmware.instrument.parameters import BY_NAME, Key, ParameterError, checked_value
from firmware.instrument.patch import DEFAULT_PATCH
from firmware.storage.paths import Home

BARS, BARS_MAX = 8, 512

_EXAMPLE = """example:
  firmware sim out/kit --bars 8 --out out/sim
  firmware sim out/kit --set tempo=96 --set swing=0.6 --set 2/threshold=0.3
"""

_KIT = "a folder that `trainer train` wrote"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `sim` and `verify` to the command line of `firmware`."""
    sim = commands.add_parser(
        "sim",
        parents=[common_options()],
        help="play a kit on a simulated module",
        description="Play a kit on a simulated module in virtual time and write its output: "
        "MIDI, CV, sound and pictures. The voices wander over their maps; --set fixes a value.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sim.add_argument("bundle", metavar="KIT", type=Path, help=_KIT)
    sim.add_argument("--bars", type=int, help="bars to play (8)")
    sim.add_argument("--out", type=Path, default=Path("out/sim"), help="folder (out/sim)")
    sim.add_argument(
        "--seed", type=int, default=0, help="random seed of the walk over the maps (0)"
    )
    sim.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="[VOICE/]NAME[/K]=VALUE",
        help="fix a parameter, for all voices or one: threshold=0.4, 2/length=12, 1/pitch/3=48",
    )
    sim.add_argument(
        "--live", action="store_true", help="in real time, with a front panel in the terminal"
    )
    sim.add_argument(
        "--home",
        type=Path,
        help="home folder of --live (yours); without it, whose settings and calibration to use",
    )
    sim.add_argument(
        "--sound", default="", metavar="DEVICE", help="audio device of --live, or `none`"
    )
    sim.add_argument(
        "--cv",
        default="",
        metavar="DEVICE",
        help="audio interface of --live for the CVs; it must pass DC",
    )
    sim.set_defaults(func=_sim)
    verify = commands.add_parser(
        "verify",
        parents=[common_options()],
        help="check a kit as the module does",
        description="Check a kit's schema, hashes, tensors and check points.",
        epilog="example:\n  firmware verify out/kit",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify.add_argument("bundle", metavar="KIT", type=Path, help=_KIT)
    verify.add_argument(
        "--runtime",
        choices=installed_runtimes(),
        help="decode with this one instead of exact arithmetic",
    )
    verify.set_defaults(func=_verify)


def parse_settings(texts: Sequence[str]) -> dict[Key, float]:
    """Parse `[VOICE/]NAME[/K]=VALUE`; a choice may be given by its word.

    Raises `UsageError`.
    """
    settings: dict[Key, float] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set {text}: write [VOICE/]NAME=VALUE")
        settings |= {key: _value(text, key, value) for key in _keys(text, name)}
    return settings


def _keys(text: str, name: str) -> list[Key]:
    """Return the keys of a name: of one voice or all, one of a row or all of it."""
    found = re.fullmatch(r"(?:(\d+)/)?([a-z_]+)(?:/(\d+))?", name)
    voice, plain, place = found.groups() if found else (None, name, None)
    if plain not in BY_NAME:
        raise UsageError(f"--set {text}: unknown parameter; {_like(plain)}")
    parameter = BY_NAME[plain]
    if voice and not parameter.per_voice:
        raise UsageError(f"--set {text}: {plain} is common to all voices; omit the voice")
    voices = _numbers(text, "voice", voice, VOICES if parameter.per_voice else 1)
    places = _numbers(text, f"the position in {plain}", place, parameter.count)
    return [Key(plain, number, k) for number in voices for k in places]


def _numbers(text: str, what: str, given: str | None, count: int) -> Sequence[int]:
    """Convert a number from 1 to one from 0; without a number, return all."""
    if given is None:
        return range(count)
    if not 1 <= int(given) <= count:
        raise UsageError(f"--set {text}: {what} is a number from 1 to {count}")
    return (int(given) - 1,)


def _like(name: str) -> str:
    near = get_close_matches(name.lower(), BY_NAME, n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"names: {', '.join(BY_NAME)}"


def _value(text: str, key: Key, value: str) -> float:
    choices = BY_NAME[key.name].choices
    try:
        number = choices.index(value) if value in choices else float(value)
        return checked_value(key, number)
    except ParameterError as error:
        raise UsageError(f"--set {text}: {error}") from None
    except ValueError:
        wanted = f"one of {', '.join(choices)}" if choices else "a number"
        raise UsageError(f"--set {text}: {value!r} is not {wanted}") from None


def _sim(options: argparse.Namespace) -> int:
    if options.live:
        return _live(options)
    bars = BARS if options.bars is None else options.bars
    if not 1 <= bars <= BARS_MAX:
        raise UsageError(f"--bars {bars}: choose 1 to {BARS_MAX}")
    if options.out.exists() and not options.out.is_dir():
        raise UsageError(f"--out {options.out}: is a file; name a folder")
    fixed = parse_settings(options.set)
    bundle = read_bundle(options.bundle)
    decoders = load_decoders(bundle)
    # Loaded here: chips, buses and pictures take half a second, which `verify` does not need.
    from firmware.desk.export import write_recording
    from firmware.desk.offline import Session

    patch = DEFAULT_PATCH.with_values(fixed)
    with tempfile.TemporaryDirectory(prefix="exnihilo-") as folder:
        home = _copied_home(options.home, Home(Path(folder)))
        recording = Session(home, decoders, patch, fixed, seed=options.seed).play(bars)
    files = write_recording(options.out, bundle.manifest, recording, patch)
    if options.json:
        answer({"bars": bars, "files": {k: str(v) for k, v in files.items()}})
    else:
        _print_summary(bundle, bars, files)
    return 0


def _copied_home(source: Path | None, home: Home) -> Home:
    """Copy settings and calibration into a home that may be written into."""
    home.prepare()
    if source is None:
        return home
    if not source.is_dir():
        raise UsageError(f"--home {source}: no such folder")
    theirs = Home(source)
    for old, new in (
        (theirs.settings, home.settings),
        (theirs.calibration, home.calibration),
    ):
        if old.is_file():
            shutil.copyfile(old, new)
    return home


def _live(options: argparse.Namespace) -> int:
    if options.set or options.bars is not None:
        raise UsageError("--set and --bars need virtual time; with --live, turn the knobs")
    from firmware.cli.run import default_home
    from firmware.desk.live import run_live

    home = options.home or default_home(simulated=True)
    return run_live(options.bundle, home, sound=options.sound, cv=options.cv)


def _print_summary(bundle: Bundle, bars: int, files: Mapping[str, Path]) -> None:
    names = ", ".join(voice.name for voice in bundle.manifest.voices)
    say(f"played {bars} bars of {bundle.manifest.name} ({names}):")
    for what, path in files.items():
        say(f"  {path}  {what}")


def _verify(options: argparse.Namespace) -> int:
    bundle = read_bundle(options.bundle)
    runtime = options.runtime or "exact arithmetic"
    try:
        with BundleVerifier(options.runtime) as verifier:
            figures = verifier.verify(options.bundle.absolute())
    except BundleError as error:
        raise BundleError(f"{options.bundle}: {error}") from None
    voices = [voice.name for voice in bundle.manifest.voices]
    decode_ms = round(figures.decode_s * 1e3, 3)
    memory_mb = round(figures.memory_bytes / 1e6, 1)
    if options.json:
        document = {"name": bundle.manifest.name, "voices": voices, "runtime": runtime}
        answer({**document, "decode_ms": decode_ms, "memory_mb": memory_mb})
        return 0
    say(f"{options.bundle}: valid; {len(voices)} voices checked with {runtime}")
    say(
        f"a decode takes {decode_ms:g} ms here, at most {DECODE_S * 1e3:g} ms; "
        f"the decoders take {memory_mb:g} MB, at most {DECODERS_BYTES / 1e6:.0f} MB"
    )
    return 0
