"""How often tempo, bars and metre are found where nothing, or the tempo alone, is stated.

    python -m tests.bench.bench_tempo GROOVES [--loops N]

GROOVES holds the Groove MIDI Dataset. Loops are those of metred_loops.py at 65 to 215 bpm and 1
to 16 bars, on kits and performances that are kept out of fitting. A warning is a tempo or a
metre that is reported as uncertain.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tests.bench.metred_loops import MetredLoop, metred_loop
from tests.bench.performances import JUDGED, read_grooves
from trainer.audio.audio_file import SAMPLE_RATE, Audio
from trainer.audio.tempo import NO_HINT, Hint
from trainer.audio.transcribe import transcribe

SEED, PADDED_S = 77, 0.3


def figures(
    loops: Iterable[MetredLoop],
    lead_s: float = 0.0,
    tail_s: float = 0.0,
    *,
    stated: bool = False,
) -> tuple[float, float]:
    """Return the share of loops that are right, and of those wrong without a warning."""
    right, silent = [], []
    for loop in loops:
        around = [round(seconds * SAMPLE_RATE) for seconds in (lead_s, tail_s)]
        audio = Audio(np.pad(loop.samples, around))
        found = transcribe(audio, "a.wav", Hint(loop.bpm) if stated else NO_HINT, "given", [])
        near = abs(found.tempo.bpm / loop.bpm - 1) < 0.005
        same = (found.tempo.bars, found.tempo.meter) == (loop.bars, loop.meter)
        right.append(near and same)
        silent.append(not right[-1] and not found.warnings)
    return float(np.mean(right)), float(np.mean(silent))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("grooves", type=Path)
    parser.add_argument("--loops", type=int, default=200)
    options = parser.parse_args()
    recordings = read_grooves(options.grooves, "test")

    def drawn(other_meters: float) -> list[MetredLoop]:
        rng = np.random.default_rng(SEED)
        return [
            metred_loop(rng, recordings, JUDGED, other_meters=other_meters)
            for _ in range(options.loops)
        ]

    common, others = drawn(0.0), drawn(1.0)
    rows = {
        "4/4, nothing stated": figures(common),
        "4/4, 300 ms before": figures(common, lead_s=PADDED_S),
        "4/4, 300 ms after": figures(common, tail_s=PADDED_S),
        "4/4, tempo stated": figures(common, stated=True),
        "other metres, tempo stated": figures(others, stated=True),
        "other metres, nothing stated": figures(others),
    }
    for name, (right, silent) in rows.items():
        print(f"{name:30s} right {right:.3f}  wrong without a warning {silent:.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
