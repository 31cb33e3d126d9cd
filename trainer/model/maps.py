"""How rich a map is: what X and Y reach, and how it relates to the loops it was trained on.

A pattern is held as one 32-bit number, step 0 the lowest bit, so that the Hamming distance of
two patterns is the population count of their exclusive or.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS

GRID = 64
THRESHOLD = 0.5
PLAUSIBLE = (1, 4)
"""Hamming distance from the nearest training pattern: new, and yet of the family."""

RANKED = ("f1", "plausible", "effective", "density_overlap")
"""What candidates are ranked by, all the higher the better. Neighbour distance is told but
never ranked: a map of one pattern would win it."""

FLIPS_MAX = 0.5
"""Per cent of the steps that quantisation may change in a voice that is chosen."""

Codes = NDArray[np.uint32]
_BITS = np.uint32(1) << np.arange(STEPS, dtype=np.uint32)
_COUNTS = np.array([bin(value).count("1") for value in range(1 << 16)], np.uint8)


def codes_of(onset: NDArray[Any]) -> Codes:
    """Pack onsets (..., 32) to codes (...)."""
    packed: Codes = np.where(onset, _BITS, np.uint32(0)).sum(-1, dtype=np.uint32)
    return packed


def bit_count(codes: Codes) -> NDArray[np.uint8]:
    """Count the onsets of codes, or the steps that differ of their exclusive or."""
    counts: NDArray[np.uint8] = _COUNTS[codes & 0xFFFF] + _COUNTS[codes >> 16]
    return counts


def nearest_distance(codes: Codes, others: Codes) -> NDArray[np.uint8]:
    """Give, per code, the steps by which the nearest of `others` differs."""
    nearest = np.full(codes.shape, STEPS, np.uint8)
    for other in np.unique(others):
        np.minimum(nearest, bit_count(codes ^ other), out=nearest)
    return nearest


def effective(codes: Codes) -> float:
    """Give the exponential of the entropy: how many patterns a blind hand would meet."""
    counts = np.unique(codes, return_counts=True)[1]
    share = counts / counts.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def density_overlap(codes: Codes, others: Codes) -> float:
    """Give the common area, 0..1, of the histograms of onsets per pattern."""
    shares = [
        np.bincount(bit_count(part).ravel(), minlength=STEPS + 1) / part.size
        for part in (codes, others)
    ]
    return float(np.minimum(*shares).sum())


def neighbour_distance(codes: Codes) -> float:
    """Give the mean steps by which neighbours on a square map differ."""
    across = bit_count(codes[:, 1:] ^ codes[:, :-1])
    along = bit_count(codes[1:] ^ codes[:-1])
    return float(np.concatenate([across.ravel(), along.ravel()]).mean())


def f1_score(played: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Give the F1 of onsets over all steps; 1 where neither has any."""
    total = int(played.sum()) + int(truth.sum())
    return 2 * int((played & truth).sum()) / total if total else 1.0


def map_metrics(codes: Codes, training: Codes) -> dict[str, float]:
    """Measure a square map of codes (size, size) against the training patterns' codes."""
    distinct = np.unique(codes)
    low, high = PLAUSIBLE
    distance = nearest_distance(distinct, training)
    near = distinct[distance <= high]
    plausible = int(((distance >= low) & (distance <= high)).sum())
    return {
        "distinct": float(len(distinct)),
        "effective": effective(codes),
        "plausible": float(plausible),
        "plausible_area": float(np.isin(codes, near).mean()),
        "density_overlap": density_overlap(codes, training),
        "neighbour_distance": neighbour_distance(codes),
    }


def ranking(metrics: Sequence[Mapping[str, float]]) -> list[int]:
    """Order candidates from best to worst by the sum of their ranks.

    Those with a dead latent come last, before them those that quantisation changes too much.
    """
    score = np.zeros(len(metrics))
    for name in RANKED:
        values = np.array([candidate[name] for candidate in metrics])
        score += (values[:, None] < values[None]).sum(1)
    flipped = np.array([_flips(candidate) > FLIPS_MAX for candidate in metrics])
    dead = np.array([candidate["dead_latents"] for candidate in metrics])
    return [int(index) for index in np.lexsort((score, flipped, dead))]


def _flips(metrics: Mapping[str, float]) -> float:
    """Give the worst percentage of flipped steps; 0 for a map that is not quantised yet."""
    return max(
        (value for name, value in metrics.items() if name.startswith("flips")), default=0
    )
