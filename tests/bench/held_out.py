"""Loops that nothing is ever fitted on: a kit family, a soundfont, and real drums.

Kits are the JUDGED ones of performances.py with performances of the split "test"; the
soundfont is TimGM6mb (Debian: timgm6mb-soundfont). Real drums are those of MDB Drums
(Southall et al. 2017, CC BY-NC-SA 4.0), with human marks of onsets and beats.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from tests.bench.performances import JUDGED, performance, read_grooves
from tests.bench.renderings import Rendering
from tests.bench.sampled import Sounds, sampled
from tests.bench.strangers import FONTS, SHOTS
from trainer.audio.audio_file import SAMPLE_RATE
from trainer.audio.synth import normalised

LINES = ("arp", "bass", "pluck", "pad", "fx")
KIT_LOOPS, KIT_SEED, LINE_SEED = 100, 900, 990_000
_BEATS = 8
_UNEVEN_S = 0.03


def kit_loops(grooves: Path) -> list[Rendering]:
    """Return human performances on the kits that are kept out of fitting."""
    rng = np.random.default_rng(KIT_SEED)
    recordings = read_grooves(grooves, "test")
    return [performance(rng, recordings, JUDGED) for _ in range(KIT_LOOPS)]


def soundfont_loops() -> list[Rendering]:
    """Return melodic loops on the soundfont that is kept out of fitting."""
    return [
        one
        for half in (0, 1)
        for kind in LINES
        for one in sampled(kind, 8, LINE_SEED + 777 * half, Sounds(FONTS[0], SHOTS, half))
    ]


def real_loops(folder: Path) -> list[Rendering]:
    """Return two-bar windows of the drum tracks in the folder of MDB Drums.

    Windows whose beats leave an even grid by more than 30 ms are left out.
    """
    found: list[Rendering] = []
    for path in sorted((folder / "audio" / "drum_only").glob("*.wav")):
        title = path.stem.removesuffix("_Drum")
        beats = _table(folder / "annotations" / "beats" / f"{title}_MIX.beats")
        marks = _table(folder / "annotations" / "class" / f"{title}_class.txt")[:, 0]
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
        found += _windows(sound.mean(axis=1), rate, beats, marks)
    return found


def _table(path: Path) -> NDArray[np.float64]:
    rows = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip()]
    return np.array([[float(row[0]), *map(_number, row[1:2])] for row in rows])


def _number(text: str) -> float:
    return float(text) if text.replace(".", "").isdecimal() else 0.0


def _windows(
    sound: NDArray[np.float32],
    rate: int,
    beats: NDArray[np.float64],
    marks: NDArray[np.float64],
) -> Iterator[Rendering]:
    first = 0
    while first + _BEATS < len(beats):
        times_s = beats[first : first + _BEATS + 1, 0]
        even = np.linspace(times_s[0], times_s[-1], _BEATS + 1)
        bar = beats[first, 1] == 1 and beats[first + 4, 1] == 1
        if not bar or np.abs(times_s - even).max() > _UNEVEN_S:
            first += 1
            continue
        first += _BEATS
        bpm = 60 * _BEATS / (times_s[-1] - times_s[0])
        start, stop = (round(at * rate) for at in (times_s[0], times_s[-1]))
        if rate != SAMPLE_RATE or stop > sound.size:
            continue
        yield _window(sound[start:stop], bpm, marks - times_s[0])


def _window(samples: NDArray[np.float32], bpm: float, marks: NDArray[np.float64]) -> Rendering:
    steps, step_s = 4 * _BEATS, 15 / bpm
    onset, offset_s = np.zeros(steps, bool), np.zeros(steps)
    for place in marks / step_s:
        nearest = int(np.ceil(place - 0.5))
        if 0 <= nearest < steps and not onset[nearest]:
            onset[nearest] = True
            offset_s[nearest] = (place - nearest) * step_s
    scaled = np.asarray(normalised(samples.copy(), 1.0), np.float32)
    return Rendering("real", bpm, 2, scaled, onset, onset.astype(float), offset_s)
