"""How well and how fast loops become steps, beside librosa and aubio in the same run.

    python -m tests.bench.bench_encode [--loops N] [--index INDEX.json --folder DIR]

Accuracy is measured on rendered loops that nothing was fitted on (other seeds of what
fit_steps.py draws, so sounds of the same making), or on loops of your own with an INDEX.json
of the form that `trainer demo-loops` writes. Tempo and bars are given to all methods. Speed
is measured on the 168 demo loops.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tests.bench.renderings import KINDS, rendering
from tests.bench.scoring import Pair, figures
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


def rendered(folder: Path, count: int) -> Iterator[Truth]:
    """Write held-out loops of every kind and yield their truth."""
    for kind in KINDS:
        for number in range(count):
            loop = rendering(UNHEARD_SEED + number, kind)
            path = folder / f"{kind}{number}.wav"
            soundfile.write(path, loop.samples, SAMPLE_RATE, subtype="PCM_16")
            tempo = Tempo(loop.bpm, loop.bars, "given", 1.0)
            yield Truth(path, kind, tempo, loop.grid())


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
    started = time.perf_counter()
    detected = [method(truth, read_audio(truth.path)) for truth in truths]
    taken_ms = (time.perf_counter() - started) / len(truths) * 1000
    pairs = [
        Pair(truth.kind, truth.played, grid, 15_000 / truth.tempo.bpm)
        for truth, grid in zip(truths, detected, strict=True)
    ]
    return figures(pairs) | {"ms per loop": taken_ms}


def seconds(*command: str) -> float:
    """Run a command in a new process; return how long it took."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def speed(folder: Path) -> dict[str, float]:
    """Return seconds from 168 files to a dataset: cold without a cache, then with it."""
    loops = folder / "speed"
    write_demo_loops(loops)
    base = [sys.executable, "-m", "trainer", "encode", str(loops)]
    out = ["-o", str(folder / "d.npz")]
    return {
        "ours, cold": seconds(*base, *out, "--no-cache"),
        "paper, cold": seconds(*base, *out, "--no-cache", "--method", "paper"),
        "ours, filling the cache": seconds(*base, *out),
        "ours, remembered": seconds(*base, *out),
    }


def main() -> None:
    """Print the table of accuracy and the times, with ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loops", type=int, default=20, help="loops of each kind")
    parser.add_argument("--index", type=Path)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        truths = list(
            indexed(options.index, options.folder or options.index.parent)
            if options.index
            else rendered(folder, options.loops)
        )
        results = {}
        for name, method in METHODS.items():
            try:
                results[name] = accuracy(method, truths)
            except ImportError as error:
                tell(f"{name}: {error.name} is not installed")
        times = speed(folder)
    tell(f"{len(truths):4d} loops    " + "".join(f"{name:>26s}" for name in results))
    for row in next(iter(results.values())):
        tell(f"{row:14s}" + "".join(f"{result[row]:26.3f}" for result in results.values()))
    for name, taken_s in times.items():
        ratio = times["paper, cold"] / taken_s
        tell(f"168 loops, {name}: {taken_s:.2f} s, {ratio:.1f} times as fast as the paper's")


def tell(line: str) -> None:
    """Print a line of the answer."""
    print(line, flush=True)  # noqa: T201 - a benchmark's answer


if __name__ == "__main__":
    main()
