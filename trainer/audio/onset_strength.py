"""The onset strength of a loop over time: the curves from which onsets are found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.spectrum import HOP, WINDOW, Bands, filterbank, log_bands, stretch

LAG = 3
PAD = 86 * HOP  # half a second, a whole number of frames
FIRST = PAD // HOP
_REACH = 48  # the longest mean, in frames
EDGE = PAD + WINDOW // 2
_REGION_EDGES_HZ = (200.0, 1000.0, 5000.0)

Curves = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class OnsetStrength:
    """Curves of a section of a loop and its context; frame FIRST is centred on its start.

    curves: float32 (frames, curves), the first the mean rise and the last the level.
    rise: float32 (frames, bands), how far each band rises over LAG frames.
    growth: float32 (frames, bands), its mean over 8 frames to come less that of 8 past.
    bands: float32 (frames, bands), the log levels themselves.
    """

    curves: Curves
    bands: Bands
    rise: Bands
    growth: Bands


def onset_strength(samples: Samples, start: int, stop: int) -> OnsetStrength:
    """Return the curves of samples start to stop of a loop that repeats for ever."""
    bands = log_bands(stretch(samples, start - EDGE, stop + EDGE))
    rise = rises(bands)
    sums = _sums(bands)
    growth, longer, longest = (_growth(sums, frames) for frames in (8, 24, _REACH))
    up, up_longer = np.maximum(growth, 0), np.maximum(longer, 0)
    columns = [
        *_means(rise),
        _root_mean_square(rise),
        *_means(up),
        (up - growth).mean(axis=1),
        *_means(up_longer),
        _root_mean_square(up_longer),
        (up_longer - longer).mean(axis=1),
        np.maximum(longest, 0, out=longest).mean(axis=1),
        _change(sums, 12),
        _change(sums, 32),
        bands.mean(axis=1),
    ]
    return OnsetStrength(np.stack(columns, axis=1).astype(np.float32), bands, rise, growth)


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


def _sums(bands: Bands) -> dict[int, Bands]:
    """Return, by number of frames, the sums of so many frames from each frame on.

    There are _REACH silent frames before the first and after the last. Each sum is made of
    two shorter ones; differences of running sums would lose digits over a long loop.
    """
    sums = {1: np.pad(bands, ((_REACH, _REACH), (0, 0)))}
    for one, other in ((1, 1), (2, 2), (4, 4), (8, 4), (8, 8), (16, 8), (16, 16), (32, 16)):
        later = sums[other][one:]
        sums[one + other] = sums[one][: len(later)] + later
    return sums


def _around(sums: dict[int, Bands], frames: int) -> tuple[Bands, Bands]:
    """Return the sums of the bands over the frames before each frame, and from it on."""
    count = len(sums[1]) - 2 * _REACH
    first = _REACH - frames
    return sums[frames][first : first + count], sums[frames][_REACH : _REACH + count]


def _growth(sums: dict[int, Bands], frames: int) -> Bands:
    before, after = _around(sums, frames)
    growth = after - before
    growth /= frames
    return growth


def _change(sums: dict[int, Bands], frames: int) -> Curves:
    """Return how different the spectrum is after each frame, 0 (same shape) to 1."""
    before, after = _around(sums, frames)
    squares = (np.einsum("tb,tb->t", side, side) for side in (before, after))
    length = np.sqrt(np.prod(list(squares), axis=0)) / frames**2
    product = np.einsum("tb,tb->t", before, after) / frames**2
    return np.asarray(1 - product / (length + 1e-3), np.float32)


@cache
def _region_starts() -> NDArray[np.intp]:
    """Return the first band of each region: bass, low mids, high mids, treble."""
    centres_hz = filterbank().argmax(axis=0) * SAMPLE_RATE / WINDOW
    return np.searchsorted(centres_hz, (0.0, *_REGION_EDGES_HZ))


def by_region(bands: Bands) -> NDArray[np.float32]:
    """Return the sum of each row's bands by region, (rows, regions)."""
    return np.asarray(np.add.reduceat(bands, _region_starts(), axis=1))


def _means(bands: Bands) -> list[Curves]:
    """Return the mean over all bands, then over those of each region."""
    sums = by_region(bands).T
    counts = np.diff(np.append(_region_starts(), bands.shape[1]))
    return [sums.sum(axis=0) / bands.shape[1], *(sums / counts[:, None])]


def _root_mean_square(bands: Bands) -> Curves:
    return np.asarray(np.sqrt(np.einsum("tb,tb->t", bands, bands) / bands.shape[1]))
