"""The tempo and the number of bars of a loop, and the confidence in both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainer.audio.grid import Values

SLOWEST_BPM, FASTEST_BPM = 40.0, 300.0
METERS = {"4/4": 16, "3/4": 12, "5/4": 20, "6/8": 12, "7/8": 14}
"""Time signatures, and the sixteenths of a bar. A tempo counts quarter notes in all."""

COMMON = "4/4"
BARS = (0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16)
_FIT = 0.012
LATEST_S = 0.03  # detection delay that all onsets of a sound may share
_LONG_S, _LONG_BPM = 40.0, (60, 181)
_NAMED = re.compile(r"(?<![\d.])(\d{2,3}(?:\.\d+)?)[ _-]?bpm", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w.#])(\d{2,3}(?:\.\d+)?)(?![\w.])")
CONFIDENT = 0.93  # of simulated loops above it 1 % were wrong


@dataclass(frozen=True, slots=True)
class Tempo:
    """bpm, bars (a fraction below one bar), their source, confidence 0..1, and metre.

    source: given, table, project, name, tag, onsets, folder or midi.
    """

    bpm: float
    bars: float
    source: str
    confidence: float
    meter: str = COMMON

    @property
    def steps_per_bar(self) -> int:
        """How many sixteenths a bar has."""
        return METERS[self.meter]

    @property
    def steps(self) -> int:
        """How many sixteenths the loop has."""
        return max(1, round(self.bars * self.steps_per_bar))

    @property
    def step_s(self) -> float:
        """How long a sixteenth lasts."""
        return 15 / self.bpm

    @property
    def duration_s(self) -> float:
        """How long the loop lasts at this tempo."""
        return self.steps * self.step_s


@dataclass(frozen=True, slots=True)
class Hint:
    """The tempo, length and metre a person gave for a loop; None where not given."""

    bpm: float | None = None
    bars: float | None = None
    meter: str | None = None


NO_HINT = Hint()


def checked_hint(bpm: float | None, bars: float | None, meter: str | None = None) -> Hint:
    """Return the hint; ValueError if not 20..400 bpm, 0.25..1024 bars, and of METERS."""
    if bpm is not None and not 20 <= bpm <= 400:
        raise ValueError(f"a tempo of {bpm} bpm is not within 20..400")
    if bars is not None and not 0.25 <= bars <= 1024:
        raise ValueError(f"{bars} bars is not within 0.25..1024")
    if meter is not None and meter not in METERS:
        raise ValueError(f"a metre of {meter} is not one of {', '.join(METERS)}")
    return Hint(bpm, bars, meter)


def bar_s(bpm: float, meter: str = COMMON) -> float:
    """Return the length of a bar in seconds."""
    return METERS[meter] * 15 / bpm


def bars_at(bpm: float, duration_s: float, meter: str = COMMON) -> float:
    """Return how many bars (in whole beats below one bar) come nearest to the duration."""
    bars = duration_s / bar_s(bpm, meter)
    return float(max(1, round(bars))) if bars > 0.8 else max(0.25, round(bars * 4) / 4)


def fits(tempo: Tempo, duration_s: float, slack_s: float = 0.0) -> bool:
    """Return whether a file is as long as its bars: within 1.2 %, or longer by the slack."""
    excess_s = duration_s - tempo.duration_s
    return -_FIT * duration_s <= excess_s <= _FIT * duration_s + slack_s


def given(
    bpm: float | None, bars: float | None, duration_s: float, source: str, meter: str = COMMON
) -> Tempo:
    """Return a given tempo, completed from the duration; bpm or bars must be given.

    Raises ValueError if the bars would be played at less than 20 or more than 400 bpm.
    """
    if bpm is None:
        if bars is None:
            raise ValueError("neither tempo nor bars")
        bpm = bars * bar_s(1, meter) / duration_s
        if not 20 <= bpm <= 400:
            raise ValueError(f"{bars:g} bars in {duration_s:.2f} s would be {bpm:.1f} bpm")
        return Tempo(bpm, bars, source, 1.0, meter)
    return Tempo(bpm, bars or bars_at(bpm, duration_s, meter), source, 1.0, meter)


def named_tempo(name: str) -> tuple[float, bool] | None:
    """Return the tempo in a file name and whether it is marked ("120bpm"), or None.

    A lone number from 60 to 200 is taken too; of several none is.
    """
    marked = [float(text) for text in _NAMED.findall(name)]
    if marked and SLOWEST_BPM <= marked[0] <= FASTEST_BPM:
        return marked[0], True
    stem = name.rpartition(".")[0] or name
    bare = [float(text) for text in _BARE.findall(stem.replace("_", " "))]
    bare = [bpm for bpm in bare if 60 <= bpm <= 200]
    return (bare[0], False) if len(bare) == 1 else None


def from_name(
    name: str, duration_s: float, slack_s: float, meter: str = COMMON
) -> Tempo | None:
    """Return the tempo a file name gives; a bare number only if the length agrees."""
    found = named_tempo(name)
    if found is None:
        return None
    bpm, marked = found
    tempo = Tempo(bpm, bars_at(bpm, duration_s, meter), "name", 1.0, meter)
    if fits(tempo, duration_s, slack_s):
        return tempo if marked else replace(tempo, confidence=0.95)
    return replace(tempo, confidence=0.4) if marked else None


def from_tags(
    claims: Iterable[float], duration_s: float, slack_s: float, meter: str = COMMON
) -> Tempo | None:
    """Return the first tag that agrees with the duration to within a percent."""
    for bpm in claims:
        tempo = Tempo(bpm, bars_at(bpm, duration_s, meter), "tag", 0.95, meter)
        if tempo.bars in BARS and fits(tempo, duration_s, slack_s):
            return tempo
    return None


def candidates(duration_s: float, slack_s: float = 0.0, meter: str = COMMON) -> list[Tempo]:
    """Return the tempi at which usual numbers of bars fill a file."""
    found = []
    for bars in BARS:
        length = bars * bar_s(1, meter)
        exact = length / duration_s
        whole = np.arange(np.ceil(exact), np.floor(length / (duration_s - slack_s)) + 1)
        near = round(exact)
        bpm = {float(near)} if abs(near / exact - 1) < 1e-3 else {exact}
        found += [
            Tempo(value, float(bars), "onsets", 0.0, meter)
            for value in sorted(bpm | {float(tempo) for tempo in whole})
            if SLOWEST_BPM <= value <= FASTEST_BPM
        ]
    if duration_s > _LONG_S:
        found += [
            Tempo(float(bpm), bars_at(bpm, duration_s, meter), "onsets", 0.0, meter)
            for bpm in range(*_LONG_BPM)
        ]
    return found


def alignment(tempo: Tempo, times_s: Values, weight: Values, latest_s: float = 0.0) -> float:
    """Return how well onsets sit on the sixteenths, -1 (between them) to 1 (on them).

    All may be late together by up to `latest_s`, as slow attacks and codecs make them.
    """
    total = weight.sum()
    if not total:
        return 0.0
    turn = 2 * np.pi / tempo.step_s
    mean = complex(np.sum(weight * np.exp(1j * turn * times_s)) / total)
    late_s = np.angle(mean) / turn
    away_s = late_s - np.clip(late_s, 0, latest_s)
    return float(abs(mean) * np.cos(turn * away_s))


def consensus(tempi: Sequence[Tempo], *, least: int = 3) -> float | None:
    """Return the tempo that most of a folder's confident loops share, if most do."""
    bpms = [tempo.bpm for tempo in tempi if tempo.confidence >= 0.8]
    if len(bpms) < least:
        return None
    values, counts = np.unique(np.round(bpms, 1), return_counts=True)
    most = int(np.argmax(counts))
    return float(values[most]) if counts[most] > 0.6 * len(bpms) else None
