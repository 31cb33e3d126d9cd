"""One loop, from samples to sixteenths: tempo, length, onsets and warnings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from trainer.audio.audio_file import SAMPLE_RATE, Audio, LoopError, Samples
from trainer.audio.features import step_features
from trainer.audio.grid import Grid, joined
from trainer.audio.loop_check import not_a_loop
from trainer.audio.meter import in_likeliest_meter
from trainer.audio.onset_strength import onset_strength
from trainer.audio.onsets import Onsets, find_onsets
from trainer.audio.placement import (
    Placement,
    place_inferred,
    place_stated,
    surrounding_silence,
)
from trainer.audio.step_classifier import classify_steps, shipped_network
from trainer.audio.tempo import (
    COMMON,
    CONFIDENT,
    Hint,
    Tempo,
    alignment,
    bar_s,
    fits,
    from_name,
    from_tags,
    given,
)

OUTLINE = 400
_LOSSY_SLACK_S = 0.09
_LEAD_S, _LEAD_TOGETHER = 0.012, 0.75
_OFF_GRID = 0.5
_EXACT_S = 0.004
_NOTABLE = 0.003  # a change of tempo to be reported, as a share
_SECTION_STEPS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Transcription:
    """The transcription of one loop.

    off_grid: 0 (all hits at one position within their sixteenths) to 1 (anywhere).
    outline: highest amplitude in each of OUTLINE slices of the loop, uint8.
    not_a_loop: why the file is none (a one-shot, noise...), empty for a loop.
    """

    tempo: Tempo
    grid: Grid
    off_grid: float
    outline: NDArray[np.uint8]
    warnings: tuple[str, ...]
    duration_s: float
    not_a_loop: str = ""

    def may_have_tempo(self, bpm: float) -> bool:
        """Return whether the tempo is uncertain and the file as long as bars at `bpm`."""
        tempo = given(bpm, None, self.duration_s, "folder")
        uncertain = self.tempo.source == "onsets" and self.tempo.confidence < CONFIDENT
        return uncertain and tempo.bpm != self.tempo.bpm and fits(tempo, self.duration_s)


def transcribe(
    audio: Audio, name: str, hint: Hint, source: str, tags: Iterable[float]
) -> Transcription:
    """Transcribe a loop to sixteenths; `hint` (from `source`) overrides name and tags."""
    slack_s = _LOSSY_SLACK_S if audio.lossy else 0.0
    meter = hint.meter or COMMON
    stated = (
        _requested_tempo(audio, hint, source)
        or from_name(name, audio.duration_s, slack_s, meter)
        or from_tags(tags, audio.duration_s, slack_s, meter)
    )
    if stated and hint.meter is None and hint.bars is None:
        stated = in_likeliest_meter(stated, audio.samples)
    place = _placement(audio, stated, hint, slack_s)
    tempo, length = place.tempo, round(place.tempo.duration_s * SAMPLE_RATE)
    samples = fit_to_length(audio.samples[round(place.start_s * SAMPLE_RATE) :], length)
    if audio.lossy and (lead_s := lead_in(find_onsets(samples), tempo)):
        samples = fit_to_length(audio.samples[round(lead_s * SAMPLE_RATE) :], length)
    grid = replace(to_steps(samples, tempo), steps_per_bar=tempo.steps_per_bar)
    away = off_grid(grid)
    warnings = _meter_warnings(tempo, hint)
    warnings += _tempo_warnings(tempo, stated, audio.duration_s - place.start_s, slack_s)
    warnings += _onset_warnings(grid, away, samples, tempo)
    return Transcription(
        tempo,
        grid,
        away,
        outline(samples),
        tuple(warnings),
        audio.duration_s,
        _intake(audio, stated, slack_s),
    )


def _placement(audio: Audio, stated: Tempo | None, hint: Hint, slack_s: float) -> Placement:
    """Return tempo and start of the loop; onsets are only searched for where in doubt."""
    if stated and abs(stated.duration_s - audio.duration_s) < _EXACT_S:
        return Placement(stated)
    silence = surrounding_silence(audio.samples)
    onsets = find_onsets(audio.samples)
    if stated is None:
        return place_inferred(onsets, audio.duration_s, slack_s, silence, hint.meter or COMMON)
    if audio.lossy:
        return Placement(stated)
    bars_given = hint.bars is not None
    return place_stated(stated, onsets, audio.duration_s, silence, bars_given=bars_given)


def _intake(audio: Audio, stated: Tempo | None, slack_s: float) -> str:
    """Return what the file is instead of a loop; a stated tempo that fits makes it one."""
    if stated and (
        stated.source in {"given", "table", "folder", "project"}
        or fits(stated, audio.duration_s, slack_s)
    ):
        return ""
    return not_a_loop(audio.samples)


def _requested_tempo(audio: Audio, hint: Hint, source: str) -> Tempo | None:
    if hint.bpm is None and hint.bars is None:
        return None
    try:
        return given(hint.bpm, hint.bars, audio.duration_s, source, hint.meter or COMMON)
    except ValueError as error:
        raise LoopError(str(error)) from error


def to_steps(samples: Samples, tempo: Tempo) -> Grid:
    """Classify the sixteenths of a loop, by section so that long loops need little memory."""
    parts = []
    for first in range(0, tempo.steps, _SECTION_STEPS):
        steps = min(_SECTION_STEPS, tempo.steps - first)
        start, stop = (round(at * tempo.step_s * SAMPLE_RATE) for at in (first, first + steps))
        envelope = onset_strength(samples, start, stop)
        features = step_features(samples[start:stop], envelope, steps, tempo.step_s)
        parts.append(classify_steps(features, tempo.step_s, shipped_network()))
    return joined(parts)


def fit_to_length(samples: Samples, size: int) -> Samples:
    """Return the loop cut, or filled with silence, to `size` samples."""
    if samples.size >= size:
        return samples[:size]
    return np.pad(samples, (0, size - samples.size))


def lead_in(onsets: Onsets, tempo: Tempo) -> float:
    """Return the delay (s) that a codec gave all hits, 0 if they do not agree on one."""
    turns = np.exp(2j * np.pi * onsets.times_s / tempo.step_s)
    mean = complex(np.sum(turns * onsets.strength) / max(1e-9, float(onsets.strength.sum())))
    late_s = float(np.angle(mean)) / (2 * np.pi) * tempo.step_s
    return late_s if late_s > _LEAD_S and abs(mean) > _LEAD_TOGETHER else 0.0


def off_grid(grid: Grid) -> float:
    """Return how much the hits differ in their position within their steps, 0..1.

    One minus the length of their mean phase: playing steadily late is still on a grid.
    """
    if not grid.onset.any():
        return 0.0
    return max(0.0, float(1 - np.abs(np.exp(2j * np.pi * grid.offset[grid.onset]).mean())))


def clearly_off_grid(grid: Grid) -> bool:
    """Return whether the hits are off the grid by more than chance explains.

    Takes one standard error off the figure: that of the mean cosine of hits spread as a
    wrapped normal, (1 - length ** 2) / sqrt(2 * hits).
    """
    hits = max(1, int(grid.onset.sum()))
    away = off_grid(grid)
    return bool(away - (1 - (1 - away) ** 2) / np.sqrt(2 * hits) >= _OFF_GRID)


def outline(samples: Samples) -> NDArray[np.uint8]:
    """Return the waveform's outline for a drawing: peaks of OUTLINE slices, 0..255."""
    edges = np.linspace(0, samples.size, OUTLINE + 1).astype(int)[:-1]
    highest = np.maximum.reduceat(samples, edges)
    lowest = np.minimum.reduceat(samples, edges)
    return (np.maximum(highest, -lowest) * 255).astype(np.uint8)


def _tempo_warnings(
    tempo: Tempo, stated: Tempo | None, duration_s: float, slack_s: float
) -> list[str]:
    found = []
    if stated and abs(tempo.bpm / stated.bpm - 1) > _NOTABLE:
        found.append(f"{stated.bpm:g} bpm stated, fitted to {tempo.bpm:.5g} bpm")
    if tempo.confidence < CONFIDENT:
        found.append(
            f"uncertain tempo ({tempo.bpm:g} bpm, {tempo.confidence:.0%}); give --bpm, or"
            " --tempi for single files"
        )
    bars = duration_s / bar_s(tempo.bpm, tempo.meter)
    if not fits(tempo, duration_s, slack_s):
        done = "cut" if bars > tempo.bars else "filled with silence"
        found.append(f"lasts {bars:.2f} bars at {tempo.bpm:g} bpm; {done} to {tempo.bars:g}")
    if tempo.bars < 1:
        found.append(f"only {bars:.2f} bars at {tempo.bpm:g} bpm; repeated to fill two")
    return found


def _meter_warnings(tempo: Tempo, hint: Hint) -> list[str]:
    if tempo.meter == COMMON:
        return []
    per_bar = tempo.steps_per_bar
    bars, steps = ("two bars", 2 * per_bar) if 2 * per_bar <= STEPS else ("one bar", per_bar)
    found = f"{tempo.meter}: patterns of {bars}; play them with a length of {steps} steps"
    if hint.meter is None:
        found = f"{found}; uncertain metre, give --meter if it is another"
    return [found]


def _onset_warnings(grid: Grid, away: float, samples: Samples, tempo: Tempo) -> list[str]:
    if not grid.onset.any():
        return ["no onsets found"]
    if not clearly_off_grid(grid):
        return []
    onsets = find_onsets(samples)
    threes = replace(tempo, bpm=tempo.bpm * 3 / 4)
    on_threes = alignment(threes, onsets.times_s, onsets.strength)
    if on_threes > alignment(tempo, onsets.times_s, onsets.strength) + 0.3:
        return [f"off the grid by {away:.2f} of 1; sounds like triplets"]
    return [f"off the grid by {away:.2f} of 1; wrong tempo, another --meter, or free time"]
