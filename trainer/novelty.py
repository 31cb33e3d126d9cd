"""How much is new in a loop at each moment: the curves from which onsets are read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from trainer.loops import SAMPLE_RATE
from trainer.spectrum import HOP, WINDOW, Bands, Samples, filterbank, log_bands, stretch

LAG = 3
PAD = 86 * HOP  # half a second, a whole number of frames
FIRST = PAD // HOP
_REACH = 48  # the longest mean, in frames
EDGE = PAD + WINDOW // 2
_REGION_EDGES_HZ = (200.0, 1000.0, 5000.0)

Curves = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Novelty:
    """Curves of a stretch of a loop and its context; frame FIRST is centred on its start.

    curves: float32 (frames, curves), the first the mean rise and the last the level.
    rise: float32 (frames, bands), how far each band rises over LAG frames.
    growth: float32 (frames, bands), its mean over 8 frames to come less that of 8 past.
    """

    curves: Curves
    rise: Bands
    growth: Bands


def novelty(samples: Samples, start: int, stop: int) -> Novelty:
    """Return the curves of samples start to stop of a loop that repeats for ever."""
    bands = log_bands(stretch(samples, start - EDGE, stop + EDGE))
    rise = rises(bands)
    sums = _running_sums(bands)
    growth = _growth(sums, 8)
    longer, longest = _growth(sums, 24), _growth(sums, _REACH)
    up, up_longer = np.maximum(growth, 0), np.maximum(longer, 0)
    columns = [
        rise.mean(axis=1),
        *_by_region(rise),
        np.sqrt((rise**2).mean(axis=1)),
        up.mean(axis=1),
        *_by_region(up),
        np.maximum(-growth, 0).mean(axis=1),
        up_longer.mean(axis=1),
        *_by_region(up_longer),
        np.sqrt((up_longer**2).mean(axis=1)),
        np.maximum(-longer, 0).mean(axis=1),
        np.maximum(longest, 0).mean(axis=1),
        _change(sums, 12),
        _change(sums, 32),
        bands.mean(axis=1),
    ]
    return Novelty(np.stack(columns, axis=1).astype(np.float32), rise, growth)


def rises(bands: Bands) -> Bands:
    """Return how far each band rises over LAG frames, shape (frames, bands).

    A band rises over the highest of its neighbours LAG frames ago, so that vibrato and
    sliding pitch are no onsets (SuperFlux: Boeck and Widmer 2013, section 2).
    """
    before = bands[:-LAG]
    highest = before.copy()
    np.maximum(highest[:, 1:], before[:, :-1], out=highest[:, 1:])
    np.maximum(highest[:, :-1], before[:, 1:], out=highest[:, :-1])
    rise = np.zeros_like(bands)
    np.maximum(bands[LAG:] - highest, 0, out=rise[LAG:])
    return rise


def _running_sums(bands: Bands) -> NDArray[np.float64]:
    """Return sums of all frames before each, with _REACH silent frames at both ends."""
    sums = np.zeros((len(bands) + 1 + 2 * _REACH, bands.shape[1]))
    inner = sums[_REACH + 1 : len(sums) - _REACH]
    np.cumsum(bands, axis=0, dtype=np.float64, out=inner)
    sums[len(sums) - _REACH :] = inner[-1]
    return sums


def _around(sums: NDArray[np.float64], frames: int) -> tuple[Bands, Bands]:
    """Return the mean bands over the frames before each frame, and from it on."""
    count = len(sums) - 2 * _REACH - 1
    past, now, future = (
        sums[_REACH + shift : _REACH + shift + count] for shift in (-frames, 0, frames)
    )
    before = (now - past).astype(np.float32) / np.float32(frames)
    after = (future - now).astype(np.float32) / np.float32(frames)
    return before, after


def _growth(sums: NDArray[np.float64], frames: int) -> Bands:
    before, after = _around(sums, frames)
    return np.subtract(after, before, out=after)


def _change(sums: NDArray[np.float64], frames: int) -> Curves:
    """Return how different the spectrum is after each frame, 0 (same shape) to 1."""
    before, after = _around(sums, frames)
    squares = (np.einsum("tb,tb->t", side, side) for side in (before, after))
    length = np.sqrt(np.prod(list(squares), axis=0))
    return np.asarray(1 - np.einsum("tb,tb->t", before, after) / (length + 1e-3), np.float32)


@cache
def _region_starts() -> NDArray[np.intp]:
    """Return the first band of each region: bass, low mids, high mids, treble."""
    centres_hz = filterbank().argmax(axis=0) * SAMPLE_RATE / WINDOW
    return np.searchsorted(centres_hz, (0.0, *_REGION_EDGES_HZ))


def _by_region(bands: Bands) -> list[Curves]:
    starts = _region_starts()
    counts = np.diff(np.append(starts, bands.shape[1]))
    means = np.add.reduceat(bands, starts, axis=1) / counts
    return list(means.T)
