"""The metre of a loop whose tempo is stated: by its length, and by what returns in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.grid import Values
from trainer.audio.onsets import Onsets, find_onsets
from trainer.audio.tempo import COMMON, METERS, Tempo, bar_s

_FILLS_S = 0.004  # how much a file's length may differ from whole bars
_USUAL_BARS = (1, 2, 4, 8, 12, 16)
_RARE = 0.25  # by how much more another metre than 4/4 must return
_TINY = 1e-9
_AMBIGUOUS = 0.9  # confidence where another metre fills the file too


def in_likeliest_meter(stated: Tempo, samples: Samples) -> Tempo:
    """Return a stated tempo with the metre whose bars fill the file, 4/4 if none does.

    Where several do, as 4 bars of 3/4 and 3 of 4/4, the metre is taken whose bars are most
    alike; of 3/4 and 6/8, the one whose beats are accented. 4/4 is reported as uncertain then.
    """
    fitting = _fitting(stated, samples.size / SAMPLE_RATE)
    usual = [tempo for tempo in fitting if tempo.meter == COMMON and tempo.bars in _USUAL_BARS]
    if usual or all(tempo.meter == COMMON for tempo in fitting):
        return stated
    onsets = find_onsets(samples)
    best = max(fitting, key=lambda tempo: _returning(tempo, onsets))
    return replace(best, confidence=_AMBIGUOUS) if best.meter == COMMON else best


def _fitting(stated: Tempo, duration_s: float) -> list[Tempo]:
    """Return the tempo in each metre of which whole bars fill the file."""
    found = []
    for meter in METERS:
        bars = float(round(duration_s / bar_s(stated.bpm, meter)))
        tempo = replace(stated, bars=bars, meter=meter, confidence=1.0)
        usual = meter == COMMON or bars in _USUAL_BARS
        if bars and usual and abs(tempo.duration_s - duration_s) < _FILLS_S:
            found.append(tempo)
    return found


def _returning(tempo: Tempo, onsets: Onsets) -> float:
    """Return how alike the bars are, and how the beats of 3/4 and 6/8 stand out of them."""
    nearest = np.round(onsets.times_s / tempo.step_s).astype(int) % tempo.steps
    level = np.bincount(nearest, onsets.strength, tempo.steps).astype(float)
    returning = _likeness(level, tempo.steps_per_bar) if tempo.bars > 1 else 0.0
    if tempo.meter == COMMON:
        return returning + _RARE
    beat = {"6/8": 6, "3/4": 4}.get(tempo.meter)
    return returning + (_accent(level, beat) if beat else 0.0)


def _likeness(level: Values, lag: int) -> float:
    """Return the correlation of a loop's sixteenths with those so many later."""
    away = level - level.mean()
    return float(away @ np.roll(away, lag)) / (float(away @ away) + _TINY)


def _accent(level: Values, beat: int) -> float:
    """Return the share of all strength that lies on the beats, less what chance would give."""
    return float(level[::beat].sum() / (level.sum() + _TINY)) - 1 / beat
