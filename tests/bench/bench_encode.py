"""How well and how fast loops become steps, beside librosa and aubio in the same run.

    python -m tests.bench.bench_encode [--loops N] [--grooves GROOVES] [--real MDB]
    python -m tests.bench.bench_encode --index INDEX.json --folder DIR

Accuracy is measured on loops that nothing was fitted on: rendered ones (other seeds of what
fit_steps.py draws, so sounds of the same making); with --grooves and --real a kit family, a
soundfont and real drums (held_out.py); or on loops of your own with an INDEX.json of the form
that `trainer demo-loops` writes. Intervals are 95 % bootstraps over loops. Tempo and bars are
given to all methods. Speed is processor time on the 168 demo loops.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from tests.bench.held_out import kit_loops, real_loops, soundfont_loops
from tests.bench.renderings import KINDS, Rendering, rendering
from tests.bench.scoring import Pair, figures, interval, timely
from trainer.audio.audio_file import SAMPLE_RATE, Audio, read_audio
from trainer.audio.grid import Grid, Values, to_grid
from trainer.audio.paper_pipeline import paper_grid
from trainer.audio.tempo import Tempo
from trainer.audio.transcribe import fit_to_length, to_steps
from trainer.data.demo_loops import write_demo_loops

UNHEARD_SEED = 1_000_000
_PAD = SAMPLE_RATE // 2


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A file, and what was played in it."""

    path: Path
    kind: str
    tempo: Tempo
    played: Grid


Method = Callable[[Truth, Audio], Grid]


def ours(truth: Truth, audio: Audio) -> Grid:
    """Decide as `trainer encode` does."""
    size = round(truth.tempo.duration_s * SAMPLE_RATE)
    return to_steps(fit_to_length(audio.samples, size), truth.tempo)


def paper(truth: Truth, _: Audio) -> Grid:
    """Decide as the paper does: librosa at its defaults."""
    return paper_grid(truth.path, truth.tempo.bpm, truth.tempo.steps)


def librosa_tuned(truth: Truth, audio: Audio) -> Grid:
    """Decide with librosa as well as its interface allows: circular, 44.1 kHz, log flux."""
    import librosa

    context = np.pad(audio.samples, _PAD, mode="wrap")
    mel = librosa.feature.melspectrogram(
        y=context, sr=SAMPLE_RATE, n_fft=2048, hop_length=256, n_mels=138, power=1, fmin=30
    )
    flux = librosa.onset.onset_strength(
        S=np.log1p(30 * mel), sr=SAMPLE_RATE, hop_length=256, lag=3, max_size=3, center=False
    )
    frames = librosa.util.peak_pick(
        flux, pre_max=5, post_max=5, pre_avg=21, post_avg=3, delta=0.08, wait=5
    )
    return _placed((frames - 2) * 256 / SAMPLE_RATE, flux[frames], truth)


def aubio_hfc(truth: Truth, audio: Audio) -> Grid:
    """Decide with aubio's high-frequency content, in circular context."""
    import aubio

    detector = aubio.onset("hfc", 1024, 256, SAMPLE_RATE)
    context = np.pad(audio.samples, _PAD, mode="wrap")
    times_s = [
        detector.get_last_s()
        for at in range(0, context.size - 256, 256)
        if detector(context[at : at + 256])[0]
    ]
    return _placed(np.array(times_s), np.ones(len(times_s)), truth)


def _placed(context_s: Values, strength: Values, truth: Truth) -> Grid:
    times_s = context_s - _PAD / SAMPLE_RATE
    inside = (times_s >= 0) & (times_s < truth.tempo.duration_s)
    place = times_s[inside] * truth.tempo.bpm / 15
    return to_grid(place, strength[inside], truth.tempo.steps)


METHODS: dict[str, Method] = {
    "ours": ours,
    "paper (librosa defaults)": paper,
    "librosa tuned": librosa_tuned,
    "aubio hfc": aubio_hfc,
}


def written(folder: Path, loops: Iterable[Rendering]) -> list[Truth]:
    """Write loops as files and return their truth."""
    truths = []
    for number, loop in enumerate(loops):
        path = folder / f"{loop.kind}{number}.wav"
        soundfile.write(path, loop.samples, SAMPLE_RATE, subtype="PCM_16")
        tempo = Tempo(loop.bpm, loop.bars, "given", 1.0)
        truths.append(Truth(path, loop.kind, tempo, loop.grid()))
    return truths


def sets_of(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, list[Truth]]]:
    """Yield the sets of loops by name, written below a folder."""
    if options.index:
        yield "your loops", list(indexed(options.index, options.folder or options.index.parent))
        return
    unheard = (
        rendering(UNHEARD_SEED + number, kind)
        for kind in KINDS
        for number in range(options.loops)
    )
    sets: dict[str, Iterable[Rendering]] = {"rendered": unheard}
    if options.grooves:
        sets |= {"kits": kit_loops(options.grooves), "soundfont": soundfont_loops()}
    if options.real:
        sets["real drums"] = real_loops(options.real)
    for name, loops in sets.items():
        below = folder / name
        below.mkdir()
        yield name, written(below, loops)


def indexed(index: Path, folder: Path) -> Iterator[Truth]:
    """Yield the loops of an INDEX.json."""
    for entry in json.loads(index.read_text("utf-8"))["rendered"]:
        tempo = Tempo(entry["bpm"], entry["bars"], "given", 1.0)
        onset = np.array(entry["steps"], bool)
        offset = np.array([ms or 0.0 for ms in entry["offset_ms"]]) * tempo.bpm / 15_000
        played = Grid(onset, np.array(entry["velocity"], float), offset)
        yield Truth(folder / entry["file"], entry["cls"], tempo, played)


def accuracy(method: Method, truths: list[Truth]) -> dict[str, float]:
    """Return the figures of a method, and how long it took from file to steps."""
    started = time.process_time()
    detected = [method(truth, read_audio(truth.path)) for truth in truths]
    taken_ms = (time.process_time() - started) / len(truths) * 1000
    pairs = [
        Pair(truth.kind, truth.played, grid, 15_000 / truth.tempo.bpm)
        for truth, grid in zip(truths, detected, strict=True)
    ]
    low, high = interval(pairs)
    bounds = {"all, low": low, "all, high": high, "within 30 ms": timely(pairs)}
    return figures(pairs) | bounds | {"ms per loop": taken_ms}


def table(name: str, truths: list[Truth]) -> None:
    """Print the figures of all methods on a set of loops."""
    results = {}
    for title, method in METHODS.items():
        try:
            results[title] = accuracy(method, truths)
        except ImportError as error:
            tell(f"{title}: {error.name} is not installed")
    tell(f"{len(truths):4d} {name:14s}" + "".join(f"{title:>26s}" for title in results))
    for row in next(iter(results.values())):
        tell(f"{row:19s}" + "".join(f"{result[row]:26.3f}" for result in results.values()))


def seconds(*command: str, cache: Path) -> float:
    """Run a command in a new process with a cache folder of ours; return its processor time."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    before = os.times()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = os.times()
    return after.children_user + after.children_system - sum(before[2:4])


def speed(folder: Path) -> dict[str, float]:
    """Return seconds from 168 files to a dataset: cold without a cache, then with it."""
    loops = folder / "speed"
    write_demo_loops(loops)
    base = [sys.executable, "-m", "trainer", "encode", str(loops), "-o", str(folder / "d.npz")]
    run = partial(seconds, *base, cache=folder / "cache")
    return {
        "ours, cold": run("--no-cache"),
        "paper, cold": run("--no-cache", "--method", "paper"),
        "ours, filling the cache": run(),
        "ours, remembered": run(),
    }


def main() -> None:
    """Print the tables of accuracy and the times, with ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loops", type=int, default=20, help="rendered loops of each kind")
    parser.add_argument("--grooves", type=Path, help="the folder of the Groove MIDI Dataset")
    parser.add_argument("--real", type=Path, help="the folder `MDB Drums`")
    parser.add_argument("--index", type=Path)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for name, truths in sets_of(options, Path(temporary)):
            table(name, truths)
        times = speed(Path(temporary))
    for name, taken_s in times.items():
        share = taken_s / times["paper, cold"]
        tell(
            f"168 loops, {name}: {taken_s:.2f} s of processor time, {share:.0%} of the paper's"
        )


def tell(line: str) -> None:
    """Print a line of the answer."""
    print(line, flush=True)  # noqa: T201 - a benchmark's answer


if __name__ == "__main__":
    main()
