"""Log-frequency spectra of loops: the loop as bands over frames, with circular context."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, sparse

from trainer.audio.audio_file import SAMPLE_RATE, Samples

Bands = NDArray[np.float32]
Frames = NDArray[np.intp]

WINDOW = 2048
HOP = 256
FRAME_S = HOP / SAMPLE_RATE
_PER_OCTAVE = 24
_LOW_HZ, _HIGH_HZ = 30.0, 16000.0
_GAIN = 1000.0
_CHUNK = 32  # frames that stay in the processor's cache


@cache
def filterbank() -> NDArray[np.float32]:
    """Return overlapping triangles on a log-frequency axis, shape (WINDOW / 2 + 1, bands).

    Low centres that fall on the same bin are one band (Boeck and Widmer 2013, section 2).
    """
    octaves = np.log2(_HIGH_HZ / _LOW_HZ)
    centres_hz = _LOW_HZ * 2.0 ** (np.arange(round(octaves * _PER_OCTAVE) + 1) / _PER_OCTAVE)
    bins = np.unique(np.round(centres_hz * WINDOW / SAMPLE_RATE)).astype(int)
    bank = np.zeros((WINDOW // 2 + 1, bins.size - 2), np.float32)
    for band, (low, centre, high) in enumerate(zip(bins, bins[1:], bins[2:], strict=False)):
        rise, fall = np.arange(low, centre), np.arange(centre, high)
        bank[rise, band] = (rise - low) / (centre - low)
        bank[fall, band] = (high - fall) / (high - centre)
    return bank


@cache
def _sparse_bank() -> Any:
    """Return the filterbank, (bands, bins up to the last that counts), without its zeros.

    Besides being quicker it keeps the linear algebra library from starting threads of its
    own under ours.
    """
    last = np.flatnonzero(filterbank().any(axis=1))[-1]
    return sparse.csr_matrix(filterbank()[: last + 1].T)


@cache
def _window() -> NDArray[np.float32]:
    """Return a periodic Hann window, scaled to make a full-scale sine about _GAIN."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return np.asarray(hann * (2 / (WINDOW / 2)) * _GAIN, np.float32)


def log_bands(samples: Samples) -> Bands:
    """Return log band levels, shape (frames, bands); frame t is centred on sample t * HOP.

    `samples` carries WINDOW / 2 samples of context at both ends. Memory
    holds the bands but never the whole spectrogram.
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    bank, window = _sparse_bank(), _window()
    bands = np.empty((len(frames), bank.shape[0]), np.float32)
    for start in range(0, len(frames), _CHUNK):
        # Frequency by time, so that the product with the bank need not be turned around.
        spectrum = fft.rfft((frames[start : start + _CHUNK] * window).T, axis=0)
        bands[start : start + _CHUNK] = (bank @ np.abs(spectrum[: bank.shape[1]])).T
    bands += 1  # not log1p: rounding it off costs nothing here, and log is vectorised
    return np.log(bands, out=bands)


def strongest_near(bands: Bands, frames: Frames) -> Bands:
    """Return each band's highest value within two frames of each of `frames`.

    Shape (frames, bands).
    """
    near = np.clip(frames[:, None] + np.arange(-2, 3), 0, len(bands) - 1)
    return np.asarray(bands[near].max(axis=1))


def stretch(samples: Samples, start: int, stop: int) -> Samples:
    """Return samples start to stop of a loop that repeats without end, both ways."""
    if start >= 0 and stop <= samples.size:
        return samples[start:stop]
    first = start % samples.size
    rest = stop - start
    parts = [samples[first : first + rest]]
    rest -= parts[0].size
    parts += [samples] * (rest // samples.size) + [samples[: rest % samples.size]]
    return np.concatenate(parts)
