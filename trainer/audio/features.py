"""The features of each sixteenth of a loop from which its onsets are classified."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.grid import Values
from trainer.audio.loudness import TINY, Table, loudness
from trainer.audio.onset_strength import FIRST, LAG, OnsetStrength, rises
from trainer.audio.onsets import between_frames
from trainer.audio.spectrum import (
    FRAME_S,
    HOP,
    WINDOW,
    Frames,
    log_bands,
    stretch,
    strongest_near,
)

_PATCH = np.array([-16, -12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12, 16])
_NEIGHBOURS = (-16, -8, -4, -3, -2, -1, 1, 2, 3, 4, 8, 16)
_ECHOES = (1, 2, 3, 4, 6, 8)
_RISE, _GROWTH, _LONGER, _LEVEL = 0, 6, 12, -1
_ATTACK_S = (0.0045, 0.030)
_BEFORE_S = (0.035, -0.0045)


@dataclass(frozen=True, slots=True, eq=False)
class StepFeatures:
    """One row per sixteenth.

    table: float32 (steps, features); offset_s: time of the strongest rise in each step,
    seconds from the grid; level: peak amplitude there, 0..1.
    """

    table: Table
    offset_s: Values
    level: Values


def step_features(
    samples: Samples, envelope: OnsetStrength, steps: int, step_s: float
) -> StepFeatures:
    """Describe each sixteenth of a stretch of steps * step_s seconds (float32, peak 1)."""
    centres = FIRST + np.arange(steps) * step_s / FRAME_S
    edges = np.ceil(FIRST + (np.arange(steps + 1) - 0.5) * step_s / FRAME_S).astype(np.intp)
    curves = envelope.curves
    tops = np.maximum.reduceat(curves[: edges[-1]], edges[:-1], axis=0)
    scale = np.percentile(tops, 90, axis=0).astype(np.float32) + np.float32(TINY)
    scale[_LEVEL] = 1
    best = _candidates(curves[:, _RISE], edges)
    offset_s = (between_frames(curves[:, _RISE], best) - centres) * FRAME_S
    times_s = np.arange(steps) * step_s + offset_s
    level, before = (_peak_level(samples, times_s, *span) for span in (_ATTACK_S, _BEFORE_S))
    table = [
        _patches(curves, best, centres, scale),
        _neighbours(tops / scale),
        _whole_loop(tops / scale, scale),
        _timing(offset_s, step_s),
        _seam(samples, curves[:, _RISE], steps, scale[_RISE]),
        _likeness(envelope.rise, best),
        _likeness(envelope.growth, best),
        np.stack([level, before, level - before], axis=1),
        loudness(envelope, best, level, tops[:, _RISE] / scale[_RISE]),
    ]
    return StepFeatures(np.concatenate(table, axis=1).astype(np.float32), offset_s, level)


def _candidates(rise: Table, edges: Frames) -> Frames:
    """Return the frame of the highest local peak in each step, or else its highest point."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(rise, 3), 7).max(axis=1)
    peaks = np.where(rise >= around, rise, 0)
    found = []
    for start, end in pairwise(edges):
        within = peaks[start:end]
        found.append(start + np.argmax(within if within.any() else rise[start:end]))
    return np.array(found, np.intp)


def _peak_level(samples: Samples, times_s: Values, before_s: float, after_s: float) -> Values:
    """Return the highest amplitude from before to after each time, around the loop."""
    early, late = round(before_s * SAMPLE_RATE), round(after_s * SAMPLE_RATE)
    starts = np.round(times_s * SAMPLE_RATE).astype(int)
    index = starts[:, None] + np.arange(-early, late)
    return np.asarray(np.abs(samples.take(index, mode="wrap")).max(axis=1), float)


def _patches(curves: Table, best: Frames, centres: Values, scale: Table) -> Table:
    """Return all curves around each candidate, relative to the loop and in themselves."""
    index = np.clip(best[:, None] + _PATCH, 0, len(curves) - 1)
    patch = curves[index]
    patch[:, :, _LEVEL] -= curves[centres.astype(np.intp), _LEVEL].mean()
    middle = patch[:, len(_PATCH) // 2, :_LEVEL]
    rows = (patch / scale).reshape(len(best), -1)
    return np.concatenate([rows, np.log(middle + TINY)], axis=1)


def _neighbours(tops: Table) -> Table:
    """Return how strong the steps around each step are, a bar before and after included."""
    strongest = tops[:, [_RISE, _GROWTH, _LONGER]]
    near = (np.arange(len(tops))[:, None] + _NEIGHBOURS) % len(tops)
    return np.asarray(strongest[near].reshape(len(tops), -1))


def _whole_loop(tops: Table, scale: Table) -> Table:
    """Return what all steps share: level, density, and how strongly the loop echoes.

    An echo follows every strong step at the same distance; a pattern seldom does.
    """
    rise, growth = tops[:, _RISE], tops[:, _GROWTH]
    strong = np.flatnonzero(rise > 0.5)
    echoes = np.zeros((8, 1))
    if strong.size:
        following = rise[(strong + np.arange(1, 9)[:, None]) % rise.size]
        echoes = np.minimum(following / (rise[strong] + TINY), 2)
    busy = [strong.size / rise.size, np.mean(rise > 0.2), np.median(rise), np.median(growth)]
    shared = np.concatenate(
        [
            np.log(scale[:_LEVEL]),
            busy,
            echoes.mean(axis=1),
            np.percentile(echoes, 20, axis=1),
        ]
    )
    return np.asarray(np.tile(shared, (len(tops), 1)), np.float32)


def _timing(offset_s: Values, step_s: float) -> Table:
    early, tenths = offset_s / step_s, offset_s * 20
    length = np.full(offset_s.size, step_s * 8)
    columns = [early, np.abs(early), tenths, np.abs(tenths), length]
    return np.asarray(np.stack(columns, axis=1), np.float32)


def _seam(samples: Samples, rise: Table, steps: int, scale: np.float32) -> Table:
    """Return, for the first step only, the rise there after silence.

    A loop cut hard jumps where it starts again; that is no note unless it is one without
    the jump too.
    """
    before, after = 5, 8  # frames around the start
    silent = (before + LAG) * HOP + WINDOW // 2
    start = stretch(samples, 0, (after - 1) * HOP + WINDOW // 2)
    alone = rises(log_bands(np.pad(start, (silent, 0))))[LAG:].mean(axis=1)
    near = rise[FIRST - before : FIRST + after]
    table = np.zeros((steps, 3), np.float32)
    table[0] = 1, alone.max() / scale, alone.max() / (near.max() + TINY)
    return table


def _likeness(bands: Table, best: Frames) -> Table:
    """Return how alike each candidate is to those before it, in spectrum and in strength."""
    spectra = np.maximum(strongest_near(bands, best), 0)
    length = np.linalg.norm(spectra, axis=1) + TINY
    earlier = (np.arange(len(best))[:, None] - _ECHOES) % len(best)
    products = np.einsum("sb,seb->se", spectra, spectra[earlier])
    alike = products / (length[:, None] * length[earlier])
    louder = np.log(length[:, None] / length[earlier])
    return np.asarray(np.stack([alike, louder], axis=2).reshape(len(best), -1))
