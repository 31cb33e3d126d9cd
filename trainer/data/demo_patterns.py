"""The rhythms of the demo loops: parts of an ensemble, with metre, fills and accents.

A style names the sixteenths of a bar: `X` always, `1` to `9` with that many tenths of
probability, `.` never. Drawn numbers decide the rest, so that a seed is a collection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.engine.pattern import STEPS

BAR = 16
_MOST_ONSETS = 18
_OMIT_WEIGHT, _ADD_WEIGHT = 0.1, 0.2  # how often a variation departs from its style

Pattern = NDArray[np.bool_]
Levels = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Role:
    """A part of the ensemble.

    styles: bars to choose from. fill: the last beat of a phrase that ends in a fill.
    accents: velocity by sixteenth of a beat. ghost: velocity of steps that a style leaves
    open, as a share of the accent. late_ms: how far behind the beat the part plays.
    answers: the second bar for each style; empty where the second bar repeats the first.
    """

    styles: tuple[str, ...]
    fill: str
    accents: tuple[float, float, float, float]
    ghost: float
    late_ms: float
    answers: tuple[str, ...] = ()


ROLES: dict[str, Role] = {
    "kick": Role(
        (
            "X...X...X...X..3",
            "X..2.25.X.6..3..",
            "X.6...3..1X..4..",
            "X......6.4X3..4.",
            "X..7..X.X.....3.",
        ),
        "..4.",
        (1.0, 0.75, 0.85, 0.8),
        0.8,
        0.0,
    ),
    "snare": Role(
        (
            "....X..3.3..X2.4",
            ".3..X.2..4..X.24",
            "........X..2.1.5",
            "....X..6.7.2X...",
            "..2.X......3X4..",
        ),
        "X8X9",
        (1.0, 0.6, 0.7, 0.65),
        0.4,
        6.0,
    ),
    "hat": Role(
        (
            "X.X1X.X.X.X2X.X3",
            "X3X.X.X.X4.2X.X.",
            "X.6.X.X5X.4.X3X.",
            "X1X.X5X.X.X.X4.4",
            "X.X.X.XXX5X.X.4.",
        ),
        "X.XX",
        (0.9, 0.5, 0.7, 0.55),
        0.7,
        2.0,
    ),
    "percussion": Role(
        (
            "X..X..X...X.X2..",
            "X..X...X..X.X..4",
            "X..X.3X..X.X3.X.",
            "X..XX..X.3XX....",
            "X2.X..3X.X.X..4.",
        ),
        ".XX5",
        (1.0, 0.75, 0.8, 0.85),
        0.75,
        4.0,
        (
            "..X.X...X.3X..2.",
            "..X.X..2X..X....",
            "X..X4.X..X.X..X3",
            ".3XX...XX..X2...",
            "X..X3..X.X.X2.X.",
        ),
    ),
    "bass": Role(
        (
            "X.3X..XX..5..3XX",
            "XX..3.XX.6..XX.X",
            "X..X.4.XXX.X.4.X",
            "X5.X.X6..XX..X3.",
            "XX3...X4X..6.XX.",
        ),
        "5X.X",
        (1.0, 0.7, 0.8, 0.85),
        0.85,
        5.0,
    ),
    "chord": Role(
        (
            "X.....X.........",
            "X..X.....3X.....",
            "..X...X...X..4X.",
            "......X.......X2",
            "X.......3.X..X..",
        ),
        "..X.",
        (0.9, 0.8, 0.95, 0.9),
        0.9,
        8.0,
        (
            "X.....X...4...3.",
            "..X..X......3...",
            "..X...X.3.X...X.",
            "..3...X...X.....",
            ".X......X....X..",
        ),
    ),
    "lead": Role(
        (
            "X.XXX.4X........",
            "XXX.XX..X5......",
            "X.X.XXX.X.X.....",
            "..XXX.XXX.5.....",
            "XX.XX.X.5.X.....",
        ),
        ".5XX",
        (1.0, 0.65, 0.85, 0.75),
        0.8,
        3.0,
        (
            "....4...X.XXX.X5",
            "X.......XXX.5X..",
            "X.XX....5.X.XX..",
            "5...X.X.XX.X....",
            "X.4.....X.XX.XX.",
        ),
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Two bars of one role.

    onset: bool (32,). velocity: 0..1 and offset_ms: delay from the grid; both (32,), 0 where
    no onset.
    """

    onset: Pattern
    velocity: Levels
    offset_ms: Levels


def _probability(style: str) -> Levels:
    """Return a style's probability of an onset on each sixteenth."""
    tenths = {"X": 10, ".": 0}
    return np.array([tenths[sign] if sign in tenths else int(sign) for sign in style]) / 10


def theme(role: Role, rng: Random) -> tuple[Pattern, Levels]:
    """Return two bars, and the probability of an onset on each step."""
    number = int(rng.integers(len(role.styles)))
    first = _probability(role.styles[number])
    second = _probability(role.answers[number]) if role.answers else first
    if rng.random() < 0.4:
        second = np.concatenate([second[:12], _probability(role.fill)])
    bar = rng.random(BAR)
    # Most of what the first bar leaves open sounds alike in the second.
    again = np.where(rng.random(BAR) < 0.7, bar, rng.random(BAR))
    likely = np.concatenate([first, second])
    return np.concatenate([bar, again]) < likely, likely


def varied(pattern: Pattern, likely: Levels, rng: Random) -> Pattern:
    """Return a theme with two changed steps, mostly where its style leaves them open.

    Beats stay; of more than 18 onsets the least likely are left out.
    """
    weak = np.resize([0.0, 0.6, 0.3, 0.5], STEPS)
    omit = np.where(likely < 1, 0.8, _OMIT_WEIGHT * weak)
    weight = np.where(pattern, omit, _ADD_WEIGHT + likely)
    changed = rng.choice(STEPS, 2, replace=False, p=weight / weight.sum())
    variation = pattern.copy()
    variation[changed] ^= True
    order = np.argsort(np.where(variation, likely, 2.0), kind="stable")
    variation[order[: max(0, int(variation.sum()) - _MOST_ONSETS)]] = False
    return variation


def played(role: Role, onset: Pattern, likely: Levels, rng: Random) -> Part:
    """Return a pattern with accents, swing and the scatter of a human hand."""
    accent = np.resize(role.accents, STEPS) * np.where(likely < 1, role.ghost, 1.0)
    accent[::BAR] *= 1.05
    velocity = np.clip(accent * rng.normal(1, 0.08, STEPS), 0.15, 1.0)
    swing_ms = rng.choice([0, 0, 8, 16]) * (np.arange(STEPS) % 2)
    offset_ms = np.clip(role.late_ms + swing_ms + rng.normal(0, 4, STEPS), -25, 35)
    return Part(onset, np.where(onset, velocity, 0.0), np.where(onset, offset_ms, 0.0))


def make_part(name: str, number: int, seed: int) -> Part:
    """Return part `number` of a role; numbers 2n and 2n + 1 vary one theme.

    Raises KeyError for an unknown role.
    """
    role, identity = ROLES[name], list(ROLES).index(name)
    pattern, likely = theme(role, np.random.default_rng([seed, identity, number // 2]))
    rng = np.random.default_rng([seed, identity, number // 2, 1 + number % 2])
    return played(role, varied(pattern, likely, rng), likely, rng)
