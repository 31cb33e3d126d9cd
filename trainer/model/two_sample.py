"""How well a classifier tells two sets of patterns apart: the classifier two-sample test.

Extremely randomised trees (Geurts et al. 2006) are trained on four fifths of both sets and
asked about the rest, five times over; the area under the ROC curve is 0.5 where the sets are
alike and 1 where they are never mistaken (Lopez-Paz & Oquab 2017). All trees grow at once,
level by level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.model.rhythm import Matrix, Onsets, features, ranks

FOLDS = 5
TREES = 60
DEPTH = 9
CANDIDATES = 6
"""Splits that are tried per node."""

LEAF_MIN = 2
SAMPLE_MAX = 300
"""Patterns of each set that are compared."""

Labels = NDArray[np.intp]


def distinguishability(first: Onsets, second: Onsets, rng: np.random.Generator) -> float:
    """Give the area under the ROC curve, 0..1, of telling patterns (n, 32) from others (m, 32).

    Both sets are thinned to the same size, at most `SAMPLE_MAX`. Fewer than ten are too few to
    tell: 0.5.
    """
    size = min(SAMPLE_MAX, len(first), len(second))
    if size < 2 * FOLDS:
        return 0.5
    drawn = [group[rng.choice(len(group), size, replace=False)] for group in (first, second)]
    patterns = np.concatenate(drawn)
    inputs = np.concatenate([patterns.astype(float), features(patterns)], 1)
    labels = np.repeat([1, 0], size)
    fold = np.tile(rng.permutation(size) % FOLDS, 2)
    score = np.zeros(2 * size)
    for number in range(FOLDS):
        asked = fold == number
        forest = _grow(inputs[~asked], labels[~asked], rng)
        score[asked] = _predict(forest, inputs[asked])
    return area_under_curve(score, labels)


def area_under_curve(score: Matrix, labels: Labels) -> float:
    """Give the chance that a row labelled 1 scores higher than one labelled 0."""
    positive = int(labels.sum())
    negative = len(labels) - positive
    above = ranks(score)[labels == 1].sum() - positive * (positive + 1) / 2
    return float(above / (positive * negative))


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """Per tree and node: which input is compared with what. What is greater goes right."""

    feature: NDArray[np.intp]
    threshold: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class _Forest:
    """The splits of each level, and per tree and leaf the share of label 1."""

    levels: tuple[_Split, ...]
    leaves: Matrix


def _grow(inputs: Matrix, labels: Labels, rng: np.random.Generator) -> _Forest:
    at = np.zeros((TREES, len(inputs)), np.intp)
    levels = []
    for depth in range(DEPTH):
        split = _best_split(inputs, labels, at, 1 << depth, rng)
        at = _descended(split, inputs, at)
        levels.append(split)
    counts = _counts(at, 1 << DEPTH, labels, 2)
    share = (counts[..., 1] + 0.5) / (counts.sum(-1) + 1)
    return _Forest(tuple(levels), share)


def _best_split(
    inputs: Matrix, labels: Labels, at: Labels, nodes: int, rng: np.random.Generator
) -> _Split:
    """Try random splits between two members of each node; keep the purest."""
    shape = (TREES, nodes)
    best = _Split(np.zeros(shape, np.intp), np.full(shape, np.inf))
    least = np.full(shape, np.inf)
    for _ in range(CANDIDATES):
        feature = rng.integers(0, inputs.shape[1], shape)
        ends = [inputs[_members(at, nodes, rng), feature] for _ in range(2)]
        tried = _Split(feature, (ends[0] + ends[1]) / 2)
        impurity = _impurity(_descended(tried, inputs, at), nodes, labels)
        better = impurity < least
        best.feature[better], best.threshold[better] = feature[better], tried.threshold[better]
        least = np.where(better, impurity, least)
    return best


def _members(at: Labels, nodes: int, rng: np.random.Generator) -> Labels:
    """Draw a row out of each node of each tree; 0 for a node without rows."""
    rows = rng.permutation(at.shape[1])
    member = np.zeros((TREES, nodes), np.intp)
    member[np.arange(TREES)[:, None], at[:, rows]] = rows
    return member


def _descended(split: _Split, inputs: Matrix, at: Labels) -> Labels:
    """Give the child that each row (trees, rows) of a node falls into."""
    tree = np.arange(len(at))[:, None]
    values = inputs[np.arange(len(inputs)), split.feature[tree, at]]
    below: Labels = 2 * at + (values > split.threshold[tree, at])
    return below


def _impurity(below: Labels, nodes: int, labels: Labels) -> Matrix:
    """Sum the Gini impurity of both children, infinite where one is smaller than a leaf."""
    counts = _counts(below, 2 * nodes, labels, 2).reshape(TREES, nodes, 2, 2)
    size = counts.sum(-1)
    mixed = counts[..., 0] * counts[..., 1] / np.maximum(size, 1)
    return np.where((size >= LEAF_MIN).all(-1), mixed.sum(-1), np.inf)


def _counts(at: Labels, nodes: int, labels: Labels, kinds: int) -> NDArray[Any]:
    """Count the rows per tree, node and label: (trees, nodes, kinds)."""
    tree = np.arange(len(at))[:, None]
    key = ((tree * nodes + at) * kinds + labels).ravel()
    counted = np.bincount(key, minlength=len(at) * nodes * kinds)
    return counted.reshape(len(at), nodes, kinds)


def _predict(forest: _Forest, inputs: Matrix) -> Matrix:
    at = np.zeros((TREES, len(inputs)), np.intp)
    for split in forest.levels:
        at = _descended(split, inputs, at)
    mean: Matrix = forest.leaves[np.arange(TREES)[:, None], at].mean(0)
    return mean
