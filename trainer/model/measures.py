"""The figures of a map: one yardstick for what is trained, compared and documented.

A map is a square of patterns, rows of Y by columns of X by 32 steps. Figures that need loops
which the map was not trained on say so: what a map owes to its own loops is no evidence of what
it does for other music, so each stands beside what the bare loops, or a mean, would give.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.model.feel import step_means
from trainer.model.rhythm import Matrix, Onsets, density, features, hamming, syncopation
from trainer.model.two_sample import distinguishability

GRID = 64
"""Places along X and along Y at which a map is measured."""

THRESHOLD = 0.5
NEAR = 4
"""Steps by which a pattern may differ from a loop and still stand for it."""

DENSE = 24
"""Onsets above which a pattern is nearly full."""

QUANTILES = (np.arange(200) + 0.5) / 200
STYLE_PLACES = 1200
"""Places whose patterns are described in full."""

Figures = dict[str, float]


def map_figures(drawn: Onsets, loops: Onsets, rng: np.random.Generator) -> Figures:
    """Measure a map (rows, columns, 32) against the loops (n, 32) it was trained on."""
    patterns = drawn.reshape(-1, drawn.shape[-1])
    x, y = _axes(drawn)
    sample = rng.permutation(len(patterns))[:STYLE_PLACES]
    described = features(patterns[sample])
    places = np.stack([x, y], 1)
    return {
        **_variety(patterns, loops),
        **_movement(drawn),
        "r2_density": explained(places, density(patterns)),
        "r2_syncopation": explained(places[sample], described[:, 1]),
        "x_density": correlation(x, density(patterns)),
        "y_syncopation": correlation(y, syncopation(patterns)),
        "dense_share": float((density(patterns) > DENSE).mean()),
        "dense_share_loops": float((density(loops) > DENSE).mean()),
        "style": style_distance(described, features(loops)),
        "parents": parent_share(patterns, loops),
    }


def held_out_figures(
    drawn: Onsets, loops: Onsets, unseen: Onsets, rng: np.random.Generator
) -> Figures:
    """Measure a map against loops (m, 32) it was not trained on, beside the bare loops.

    The floor of the classifier's area is that of the training loops themselves, drawn as often
    as the map has places.
    """
    patterns = drawn.reshape(-1, drawn.shape[-1])
    copies = loops[rng.integers(0, len(loops), len(patterns))]
    return {
        "held_coverage": coverage(patterns, unseen),
        "held_coverage_loops": coverage(loops, unseen),
        "c2st": distinguishability(unseen, patterns, rng),
        "c2st_floor": distinguishability(unseen, copies, rng),
    }


def coverage(patterns: Onsets, wanted: Onsets) -> float:
    """Give the share of wanted patterns (m, 32) that some pattern (n, 32) is near to."""
    distinct = np.unique(patterns, axis=0)
    return float((hamming(wanted, distinct).min(1) <= NEAR).mean()) if len(wanted) else 0.0


def f1_score(played: Onsets, truth: Onsets) -> float:
    """Give the F1 of onsets over all steps; 1 where neither has any."""
    total = int(played.sum()) + int(truth.sum())
    return 2 * int((played & truth).sum()) / total if total else 1.0


def parent_share(patterns: Onsets, loops: Onsets) -> float:
    """Give the share of onsets that one of the two nearest loops has at the same step."""
    distinct, times = np.unique(patterns, axis=0, return_counts=True)
    nearest = np.argsort(hamming(distinct, loops), axis=1, kind="stable")[:, :2]
    explained_onsets = distinct & loops[nearest].any(1)
    total = float(times @ distinct.sum(1))
    return float(times @ explained_onsets.sum(1)) / total if total else 1.0


def style_distance(described: Matrix, wanted: Matrix) -> float:
    """Give the mean Wasserstein distance of each feature, in deviations of the wanted ones."""
    ends = np.quantile(described, QUANTILES, axis=0), np.quantile(wanted, QUANTILES, axis=0)
    spread = np.maximum(wanted.std(0), 1e-9)
    apart = np.abs(ends[0] - ends[1]).mean(0)
    return float((apart / spread)[wanted.std(0) > 0].mean()) if wanted.std(0).any() else 0.0


def explained(places: Matrix, values: NDArray[Any]) -> float:
    """Give the share of the values' variance that a plane over the places (n, 2) explains."""
    plane = np.concatenate([np.ones((len(places), 1)), places], 1)
    solved = plane @ np.linalg.lstsq(plane, values.astype(float), rcond=None)[0]
    total = ((values - values.mean()) ** 2).sum()
    return float(1 - ((values - solved) ** 2).sum() / total) if total else 0.0


def correlation(along: Matrix, values: NDArray[Any]) -> float:
    """Give Pearson's correlation; 0 where the values do not vary."""
    return float(np.corrcoef(along, values)[0, 1]) if np.ptp(values) else 0.0


def overlap(first: Onsets, second: Onsets) -> float:
    """Give the mean Jaccard index of patterns (..., 32) of two voices at the same places."""
    either = (first | second).sum(-1)
    return float(((first & second).sum(-1) / np.maximum(either, 1)).mean())


def error_beside_mean(
    predicted: Matrix, onset: Onsets, values: Matrix, training: tuple[Onsets, Matrix]
) -> tuple[float, float]:
    """Give the RMS error of velocity or timing (n, 32) at onsets, and that of the step's mean.

    `training` are the onsets and values that the mean is taken from.
    """
    mean = np.tile(step_means(*training), (len(onset), 1))
    errors = [np.sqrt(((guess - values)[onset] ** 2).mean()) for guess in (predicted, mean)]
    return (float(errors[0]), float(errors[1])) if onset.any() else (0.0, 0.0)


def ranking(candidates: list[Mapping[str, float]]) -> list[int]:
    """Order candidates from best to worst by the sum of their ranks in `RANKED`."""
    score = np.zeros(len(candidates))
    for name, sign in RANKED.items():
        values = sign * np.array([candidate[name] for candidate in candidates])
        score += (values[:, None] < values[None]).sum(1)
    return [int(index) for index in np.argsort(score, kind="stable")]


RANKED = {"f1": 1, "r2_density": 1, "r2_syncopation": 1, "style": -1, "jump": -1, "still": -1}
"""What candidates are ranked by, and whether more (1) or less (-1) of it is better."""


def _variety(patterns: Onsets, loops: Onsets) -> Figures:
    distinct, times = np.unique(patterns, axis=0, return_counts=True)
    share = times / times.sum()
    nearest = hamming(distinct, loops).min(1)
    counts = [
        np.bincount(density(group), minlength=patterns.shape[1] + 1) / len(group)
        for group in (patterns, loops)
    ]
    return {
        "distinct": float(len(distinct)),
        "effective": float(np.exp(-(share * np.log(share)).sum())),
        "plausible": float(((nearest >= 1) & (nearest <= NEAR)).sum()),
        "plausible_area": float(share[nearest <= NEAR].sum()),
        "density_overlap": float(np.minimum(*counts).sum()),
    }


def _movement(drawn: Onsets) -> Figures:
    """Count how many steps change between adjacent places of a map."""
    changes = [(drawn[:, 1:] != drawn[:, :-1]).sum(-1), (drawn[1:] != drawn[:-1]).sum(-1)]
    changed = np.concatenate([change.ravel() for change in changes])
    return {
        "neighbour_distance": float(changed.mean()),
        "jump": float((changed > NEAR).mean()),
        "still": float((changed == 0).mean()),
    }


def _axes(drawn: Onsets) -> tuple[Matrix, Matrix]:
    rows, columns = drawn.shape[:2]
    y, x = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    return x.ravel(), y.ravel()
