"""Features of a whole file that separate loops from one-shots, noise, speech and ambience."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.grid import Values
from trainer.audio.onset_strength import EDGE, FIRST, rises
from trainer.audio.onsets import between_frames, peaks
from trainer.audio.spectrum import FRAME_S, Bands, Frames, log_bands, stretch, strongest_near
from trainer.audio.tempo import alignment, candidates

LONGEST_S = 30.0  # of a longer file, its middle is examined
_LATEST_S = 0.03  # detection delay that all onsets of a sound may share
_STRONG = 0.3  # of the strongest onset
_LAGS_S = (0.1, 2.5)
_SLICES = 20
_MOST_COMPARED = 48
_TINY = 1e-6


def loop_features(samples: Samples) -> NDArray[np.float32]:
    """Return the features of a file, float32 (features,); samples have peak 1."""
    part = _middle(samples)
    size = part.size
    bands = log_bands(stretch(part, -EDGE, size + EDGE))
    rise = rises(bands)
    curve = rise.mean(axis=1)
    found = peaks(curve)
    inside = found[(found >= FIRST) & (found < len(curve) - FIRST)]
    bands, body = bands[FIRST:-FIRST], curve[FIRST:-FIRST]
    duration_s = size / SAMPLE_RATE
    features = [
        *_onset_statistics(curve, inside, duration_s),
        *_periodicity(body, bands),
        *_tempo_evidence(curve, inside, duration_s, samples.size / SAMPLE_RATE),
        *_level_statistics(part),
        *_spectrum_statistics(bands),
        *_repetition(rise, curve, inside),
    ]
    return np.nan_to_num(np.array(features, np.float32))


def _middle(samples: Samples) -> Samples:
    most = round(LONGEST_S * SAMPLE_RATE)
    start = max(0, samples.size - most) // 2
    return samples[start : start + most]


def _onset_statistics(curve: Bands, found: Frames, duration_s: float) -> list[float]:
    """Return how many onsets there are, how strong, and how far into the file."""
    strength = curve[found]
    highest = float(strength.max(initial=_TINY))
    strong = found[strength > _STRONG * highest]
    at = (strong - FIRST) * FRAME_S / duration_s
    gaps = np.diff(strong) * FRAME_S
    body = curve[FIRST:-FIRST]
    return [
        np.log(duration_s),
        np.log1p(found.size),
        np.log1p(strong.size),
        strong.size / duration_s,
        float(at.max(initial=0)),
        float(at.mean()) if at.size else 0.0,
        float(np.std(gaps) / (np.mean(gaps) + _TINY)) if gaps.size else -1.0,
        highest,
        float(np.median(body)) / highest,
        float(body.mean()) / highest,
        float(curve[FIRST - 5 : FIRST + 6].max() / highest),
        float(strength.mean() / highest) if strength.size else 0.0,
    ]


def _periodicity(body: Bands, bands: Bands) -> list[float]:
    """Return how the onset strength and the spectrum repeat, around the loop."""
    centred = body - body.mean()
    power = np.abs(np.fft.rfft(centred)) ** 2
    correlation = np.fft.irfft(power, centred.size) / (power.sum() / centred.size * 2 + _TINY)
    correlation = correlation / (correlation[0] + _TINY)
    first, last = (round(lag / FRAME_S) for lag in _LAGS_S)
    lags = correlation[first : min(last, centred.size // 2 + 1)]
    if not lags.size:
        return [0.0, 0.0, 0.0, 0.0]
    best = int(np.argmax(lags)) + first
    shifted = np.roll(bands, best, axis=0)
    here, there = bands.ravel()[::7], shifted.ravel()[::7]
    alike = float(np.corrcoef(here, there)[0, 1]) if here.std() > _TINY else 1.0
    return [float(lags.max()), float(np.std(lags)), best * FRAME_S, alike]


def _tempo_evidence(
    curve: Bands, found: Frames, duration_s: float, whole_s: float
) -> list[float]:
    """Return how well onsets and length agree with whole bars at a tempo."""
    times_s = (between_frames(curve, found) - FIRST) * FRAME_S
    strength = curve[found].astype(float)
    aligned = [
        alignment(tempo, times_s, strength, _LATEST_S) for tempo in candidates(duration_s)
    ]
    best = max(aligned, default=0.0)
    return [best, np.sqrt(found.size) * best, np.log1p(1000 * _away_from_bars(whole_s))]


def _away_from_bars(duration_s: float) -> float:
    """Return the distance (s) to the nearest length of whole bars at a whole tempo."""
    bpm = np.arange(60, 201)
    lengths_s = np.array([1, 2, 4, 8])[:, None] * 240 / bpm
    return float(np.abs(lengths_s - duration_s).min())


def _level_statistics(samples: Samples) -> list[float]:
    """Return how the level runs through the file, in dB/20 below its highest slice."""
    edges = np.linspace(0, samples.size, _SLICES + 1).astype(int)[:-1]
    power = np.add.reduceat(samples.astype(float) ** 2, edges) / (samples.size / _SLICES)
    level = np.log10(np.maximum(power / (power.max() + _TINY), 1e-8)) / 2
    share = np.cumsum(power) / (power.sum() + _TINY)
    crest = np.log10(1 / np.sqrt(float(np.mean(samples.astype(float) ** 2)) + _TINY))
    return [
        float(level[-1]),
        float(level[:-1].min()),
        float(np.median(level)),
        float(level[0]),
        float(share[_SLICES // 4]),
        float(share[_SLICES // 2]),
        float(np.mean(level < -2)),
        float(crest),
        float(np.polyfit(np.arange(_SLICES), level, 1)[0] * _SLICES),
    ]


def _spectrum_statistics(bands: Bands) -> list[float]:
    """Return how flat, how bright and how changing the spectrum is."""
    mean = bands.mean(axis=0)
    weight = np.arange(mean.size) / mean.size
    power = np.expm1(np.minimum(mean, 20)) + _TINY
    over_time = bands.mean(axis=1)
    steady = np.sort(np.abs(np.fft.rfft(over_time - over_time.mean())))[::-1]
    return [
        float(np.log(power).mean() - np.log(power.mean())),
        float((power * weight).sum() / power.sum()),
        float(bands.std(axis=0).mean()),
        float(np.abs(np.diff(bands, axis=0)).mean()),
        float(np.abs(np.diff(bands, axis=1)).mean()),
        float(over_time.std()),
        float(steady[:4].sum() / (steady.sum() + _TINY)),
    ]


def _repetition(rise: Bands, curve: Bands, found: Frames) -> list[float]:
    """Return how alike the attacks are: each beside its nearest, and all together."""
    order = np.argsort(curve[found])[::-1][:_MOST_COMPARED]
    if order.size < 2:
        return [0.0, 0.0]
    spectra = np.asarray(strongest_near(rise, found[np.sort(order)]), float)
    spectra /= np.linalg.norm(spectra, axis=1, keepdims=True) + _TINY
    alike: Values = spectra @ spectra.T
    np.fill_diagonal(alike, 0)
    return [
        float(alike.max(axis=1).mean()),
        float(alike.sum() / (order.size * (order.size - 1))),
    ]
