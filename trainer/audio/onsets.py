"""Onset times of a loop, independent of tempo: peaks of the rising bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.grid import Values
from trainer.audio.onset_strength import EDGE, FIRST, by_region, rises
from trainer.audio.spectrum import FRAME_S, HOP, Frames, log_bands, stretch, strongest_near

_BEHIND, _AHEAD = 21, 3  # frames of the local mean: 120 ms back, 20 ms ahead
_REACH = 5  # a peak is the highest within 30 ms
_DELTA, _RELATIVE = 0.05, 0.02
_SECTION = 4096 * HOP

Curve = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Onsets:
    """Onsets in time order.

    times_s: seconds from the loop's start; strength: height of each peak; low: the same in
    the bass.
    """

    times_s: Values
    strength: Values
    low: Values


def find_onsets(samples: Samples) -> Onsets:
    """Find the onsets of a loop (float32, peak 1) that starts again where it ends."""
    parts = [
        _in_section(samples, start, min(start + _SECTION, samples.size))
        for start in range(0, samples.size, _SECTION)
    ]
    return Onsets(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _in_section(samples: Samples, start: int, stop: int) -> tuple[Values, Values, Values]:
    context = stretch(samples, start - EDGE, stop + EDGE)
    rise = rises(log_bands(context))
    curve = rise.mean(axis=1)
    frames = peaks(curve)
    times_s = start / SAMPLE_RATE + (between_frames(curve, frames) - FIRST) * FRAME_S
    inside = (times_s >= start / SAMPLE_RATE) & (times_s < stop / SAMPLE_RATE)
    frames, times_s = frames[inside], times_s[inside]
    low = by_region(strongest_near(rise, frames))[:, 0]
    return times_s, curve[frames].astype(float), low.astype(float)


def peaks(curve: Curve) -> Frames:
    """Return the frames that stand out from what surrounds them."""
    padded = np.pad(curve, (_BEHIND, _REACH), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _BEHIND + _REACH + 1)
    nearby = windows[:, _BEHIND - _REACH :].max(axis=1)
    usual = windows[:, : _BEHIND + _AHEAD + 1].mean(axis=1)
    enough = usual + _DELTA + _RELATIVE * curve.max(initial=0.0)
    return np.flatnonzero((curve >= nearby) & (curve >= enough))


def between_frames(curve: Curve, frames: Frames) -> Values:
    """Return where the parabola through each frame and its neighbours has its top."""
    inner = np.clip(frames, 1, curve.size - 2)
    before, top, after = (curve[inner + shift].astype(float) for shift in (-1, 0, 1))
    bend = np.minimum(before - 2 * top + after, -1e-9)
    return np.asarray(inner + np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
