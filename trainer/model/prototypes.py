"""Which loops a map holds when there are more than it has room for.

Greedy facility location (Nemhauser et al. 1978): each prototype is the loop that brings the
others nearest to some prototype. Gains only ever fall, so a gain that is still the largest when
it was computed anew is the largest of all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS
from trainer.model.rhythm import Onsets, hamming

MOST = 256
"""Loops that a map tells apart; beyond these its cells are smaller than a knob's steps."""

Rows = NDArray[np.intp]


def prototypes(onset: Onsets, most: int = MOST) -> Rows:
    """Choose at most `most` rows of distinct loops (n, 32) that stand for all, in order."""
    if len(onset) <= most:
        return np.arange(len(onset))
    nearest = np.full(len(onset), STEPS + 1)
    sounding = onset.sum(0)
    differing = np.where(onset, len(onset) - sounding, sounding).sum(1)
    gains = (STEPS + 1) * len(onset) - differing
    chosen: list[int] = []
    while len(chosen) < most:
        best = int(gains.argmax())
        distance = hamming(onset, onset[best : best + 1])[:, 0]
        gains[best] = np.maximum(nearest - distance, 0).sum()
        if gains.argmax() == best:
            chosen.append(best)
            nearest = np.minimum(nearest, distance)
            gains[best] = -1
    return np.sort(np.array(chosen))


def nearest_of(onset: Onsets, chosen: Onsets) -> Rows:
    """Give, per loop (n, 32), the index of the nearest chosen one (m, 32)."""
    nearest: Rows = hamming(onset, chosen).argmin(1)
    return nearest
