"""The level of each sixteenth relative to the others, and to those that sound like it.

A velocity says how hard something was struck, and a soft kick drum is louder than a hard
struck hi-hat: levels are compared within a timbre.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.audio.onset_strength import OnsetStrength, by_region
from trainer.audio.spectrum import Frames, strongest_near

LOUDNESS_FEATURES = 22
_ATTACK = np.arange(8)  # frames from a candidate on, 46 ms
_BEFORE = np.arange(-9, -5)  # frames whose windows end before it
_ALIKE = 8  # the power of the cosine that weighs how alike two spectra are
TINY = 1e-3

Table = NDArray[np.float32]


def loudness(
    envelope: OnsetStrength, best: Frames, level: NDArray[np.float64], strength: Table
) -> Table:
    """Return the loudness features of the candidates, float32 (steps, features).

    best: their frames; level: their peak amplitudes; strength: how likely each is a note.
    """
    levels = np.concatenate(
        [np.log(level[:, None] + TINY), _new_energy(envelope, best)], axis=1
    )
    weight = _alike(envelope.rise, best) * np.clip(strength, 0.01, 1)
    total = weight.sum(axis=1, keepdims=True)
    usual = weight @ levels / total
    loudest = 0.5 * np.log(weight @ np.exp(2 * levels) / total)
    softer = (levels[None] < levels[:, None]) * weight[:, :, None]
    columns = [
        levels - levels.max(axis=0),
        levels - usual,
        levels - loudest,
        softer.sum(axis=1) / total,
        total / total.max(),
        np.sqrt(level / (level.max() + TINY))[:, None],
    ]
    return np.asarray(np.concatenate(columns, axis=1), np.float32)


def _new_energy(envelope: OnsetStrength, best: Frames) -> Table:
    """Return the log of what each candidate adds to each region, in amplitude."""
    after = _energy(envelope, best, _ATTACK).max(axis=1)
    before = _energy(envelope, best, _BEFORE).mean(axis=1)
    return np.asarray(0.5 * np.log(np.maximum(after - before, 0.01 * after) + TINY), np.float32)


def _energy(envelope: OnsetStrength, best: Frames, around: Frames) -> Table:
    """Return the energy by region at frames around each, (steps, frames, regions)."""
    near = np.clip(best[:, None] + around, 0, len(envelope.bands) - 1)
    power = np.expm1(envelope.bands[near.ravel()]) ** 2
    return np.asarray(by_region(power).reshape(*near.shape, -1), np.float32)


def _alike(rise: Table, best: Frames) -> Table:
    """Return how alike the candidates' spectra are, (steps, steps), 1 for the same."""
    spectra = strongest_near(rise, best)
    spectra /= np.linalg.norm(spectra, axis=1, keepdims=True) + TINY
    alike = np.maximum(spectra @ spectra.T, 0) ** _ALIKE
    np.fill_diagonal(alike, 1)  # silence too is like itself
    return np.asarray(alike, np.float32)
