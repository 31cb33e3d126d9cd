"""Where in a loop things start: spectral flux and its peaks, circular in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.loops import SAMPLE_RATE
from trainer.spectrum import FRAME_S, HOP, WINDOW, Bands, Samples, circular, log_bands, silent

LAG = 3
PAD = 86 * HOP  # half a second, a whole number of frames
_BEHIND, _AHEAD = 21, 3  # frames of the local mean: 120 ms back, 20 ms ahead
_REACH = 5  # a peak is the highest within 30 ms
_DELTA, _RELATIVE = 0.05, 0.02
_SEAM_S = 0.03
_ATTACK_S = (0.0045, 0.030)
# From the frame where flux peaks to the start of the note, measured on rendered notes.
_LATE_S = 0.0

Curve = NDArray[np.float32]
Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Onsets:
    """Onsets of a loop in time order.

    times_s: seconds from the loop's start, in [0, duration).
    strength: height of the flux peak; level: peak amplitude of the attack, 0..1.
    """

    times_s: Times
    strength: Times
    level: Times


def flux(bands: Bands) -> Curve:
    """Return the mean rise of the bands over LAG frames, shape (frames,).

    A band rises over the highest of its neighbours LAG frames ago, so that vibrato and
    sliding pitch are no onsets (SuperFlux: Boeck and Widmer 2013, section 2).
    """
    before = bands[:-LAG]
    highest = before.copy()
    np.maximum(highest[:, 1:], before[:, :-1], out=highest[:, 1:])
    np.maximum(highest[:, :-1], before[:, 1:], out=highest[:, :-1])
    rise = np.maximum(bands[LAG:] - highest, 0).mean(axis=1)
    return np.concatenate([np.zeros(LAG, np.float32), rise]).astype(np.float32)


def peaks(curve: Curve) -> NDArray[np.intp]:
    """Return the frames that stand out from what surrounds them."""
    padded = np.pad(curve, (_BEHIND, _REACH), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _BEHIND + _REACH + 1)
    nearby = windows[:, _BEHIND - _REACH :].max(axis=1)
    usual = windows[:, : _BEHIND + _AHEAD + 1].mean(axis=1)
    enough = usual + _DELTA + _RELATIVE * curve.max(initial=0.0)
    return np.flatnonzero((curve >= nearby) & (curve >= enough))


def between_frames(curve: Curve, frames: NDArray[np.intp]) -> Times:
    """Return where the parabola through each peak and its neighbours has its top."""
    inner = np.clip(frames, 1, curve.size - 2)
    before, top, after = (curve[inner + shift].astype(float) for shift in (-1, 0, 1))
    bend = np.minimum(before - 2 * top + after, -1e-9)
    return inner + np.clip(0.5 * (before - after) / bend, -0.5, 0.5)


def _in_context(context: Samples, size: int) -> tuple[Times, Times]:
    """Return times (s, from the loop's start) and strength of the onsets inside the loop."""
    curve = flux(log_bands(context))
    frames = peaks(curve)
    times_s = (between_frames(curve, frames) - PAD // HOP) * FRAME_S - _LATE_S
    inside = (times_s >= -1e-9) & (times_s < size / SAMPLE_RATE)
    return times_s[inside], curve[frames][inside].astype(float)


def attack_levels(samples: Samples, times_s: Times) -> Times:
    """Return the highest amplitude from just before each onset to 30 ms after it."""
    early, late = (round(edge * SAMPLE_RATE) for edge in _ATTACK_S)
    starts = np.round(times_s * SAMPLE_RATE).astype(int)
    index = starts[:, None] + np.arange(-early, late)
    return np.abs(samples.take(index, mode="wrap")).max(axis=1, initial=0).astype(float)


def detect(samples: Samples) -> Onsets:
    """Find the onsets of a loop (float32, peak 1) that starts again where it ends."""
    edge = PAD + WINDOW // 2
    times_s, strength = _in_context(circular(samples, edge, edge), samples.size)
    keep = _real_at_seam(samples, times_s, strength)
    times_s, strength = times_s[keep], strength[keep]
    return Onsets(times_s, strength, attack_levels(samples, times_s))


def _real_at_seam(samples: Samples, times_s: Times, strength: Times) -> NDArray[np.bool_]:
    """Tell which onsets are more than the click of a loop cut hard at its ends.

    One at the seam counts if it is there after silence too, or is as strong as the rest.
    """
    length_s = samples.size / SAMPLE_RATE
    at_seam = np.minimum(times_s, length_s - times_s) < _SEAM_S
    if not at_seam.any() or at_seam.all():
        return np.ones(times_s.size, bool)
    edge = PAD + WINDOW // 2
    alone, _ = _in_context(silent(samples, edge, edge), samples.size)
    confirmed = np.any(np.abs(alone[None, :] - times_s[:, None]) < _SEAM_S, axis=1)
    usual = np.median(strength[~at_seam])
    return ~at_seam | confirmed | (strength >= usual)
