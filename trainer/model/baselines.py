"""Maps without a network, measured as the others are: what a map must beat to be worth it."""

from __future__ import annotations

import numpy as np

from firmware.engine.pattern import STEPS
from trainer.model.layout import Layout
from trainer.model.measures import GRID, Figures, map_figures
from trainer.model.rhythm import Matrix, Onsets
from trainer.model.sampling import square_grid
from trainer.model.teacher import kernel_blend

FLIPS_MAX = 4
"""Steps that are changed in the one loop with flips."""

SOM_SIDE, SOM_STEPS = 12, 6000


def baselines(onset: Onsets, layout: Layout, rng: np.random.Generator) -> dict[str, Figures]:
    """Measure each generator on as many patterns as a map has places, by name.

    `onset` are the training patterns (n, 32) at the places of a layout.
    """
    return {
        name: map_figures(square(patterns), onset, rng)
        for name, patterns in drawn(onset, layout, rng).items()
    }


def square(patterns: Onsets) -> Onsets:
    """Lay patterns (places, 32) out as a map."""
    return patterns.reshape(GRID, GRID, STEPS)


def drawn(onset: Onsets, layout: Layout, rng: np.random.Generator) -> dict[str, Onsets]:
    """Draw the generators that take no time: patterns (places, 32) by name."""
    places = square_grid(GRID)
    return {
        "blend": kernel_blend(places, onset, layout) > 0.5,
        "nearest loop": nearest_loops(places, onset, layout),
        "random": random_patterns(onset, rng),
        "euclidean": euclidean_patterns(),
        "markov": markov_patterns(onset, rng),
    }


def nearest_loops(places: Matrix, onset: Onsets, layout: Layout) -> Onsets:
    """Give the loop that lies nearest to each place (m, 2): (m, 32)."""
    squares = ((places[:, None] - layout.places[None]) ** 2).sum(-1)
    patterns: Onsets = onset[squares.argmin(1)]
    return patterns


def flipped_loop(onset: Onsets, rng: np.random.Generator) -> Onsets:
    """Change 1 to `FLIPS_MAX` random steps of the first loop, anew at each place."""
    order = rng.random((GRID * GRID, STEPS)).argsort(1)
    count = rng.integers(1, FLIPS_MAX + 1, (GRID * GRID, 1))
    patterns: Onsets = onset[0] ^ (order < count)
    return patterns


def self_organised(onset: Onsets, rng: np.random.Generator) -> Onsets:
    """Train a self-organising map (Kohonen 1982), read bilinearly between its units."""
    along = np.linspace(0, 1, SOM_SIDE)
    units = square_grid(SOM_SIDE)
    weights = onset[rng.integers(0, len(onset), len(units))] * 0.5 + 0.25
    for step in range(SOM_STEPS):
        share = step / SOM_STEPS
        radius, loop = 0.5 * 0.1**share, onset[rng.integers(len(onset))]
        winner = units[((weights - loop) ** 2).sum(1).argmin()]
        near = np.exp(-((units - winner) ** 2).sum(1) / (2 * radius**2))
        weights += (0.3 * (1 - share) + 0.01) * near[:, None] * (loop - weights)
    grid, places = weights.reshape(SOM_SIDE, SOM_SIDE, STEPS), square_grid(GRID)
    low = np.minimum((places / along[1]).astype(int), SOM_SIDE - 2)
    (x, y), (right, up) = low.T, (places / along[1] - low).T[..., None]
    lower = grid[y, x] * (1 - right) + grid[y, x + 1] * right
    upper = grid[y + 1, x] * (1 - right) + grid[y + 1, x + 1] * right
    patterns: Onsets = lower * (1 - up) + upper * up > 0.5
    return patterns


def random_patterns(onset: Onsets, rng: np.random.Generator) -> Onsets:
    """Draw every step alone, as often as the loops have one."""
    patterns: Onsets = rng.random((GRID * GRID, STEPS)) < onset.mean()
    return patterns


def euclidean_patterns() -> Onsets:
    """Spread 0 to 32 onsets evenly, along X, and rotate them, along Y (Toussaint 2005)."""
    share = np.arange(GRID) / (GRID - 1)
    onsets = np.round(share * STEPS).astype(int)[None, :, None]
    rotation = np.floor(share * (STEPS - 1)).astype(int)[:, None, None]
    step = (np.arange(STEPS) - rotation) % STEPS
    patterns: Onsets = (step * onsets) % STEPS < onsets
    return patterns.reshape(-1, STEPS)


def markov_patterns(onset: Onsets, rng: np.random.Generator) -> Onsets:
    """Draw each step by how often the loops have it after the step before, on or off.

    The chain knows its place in the bar: each step has odds of its own.
    """
    patterns = np.zeros((GRID * GRID, STEPS), bool)
    patterns[:, 0] = rng.random(len(patterns)) < onset[:, 0].mean()
    for step in range(1, STEPS):
        before = onset[:, step - 1]
        odds = [_odds(onset[:, step], before == state) for state in (False, True)]
        chance = np.where(patterns[:, step - 1], odds[1], odds[0])
        patterns[:, step] = rng.random(len(patterns)) < chance
    return patterns


def _odds(step: Onsets, given: Onsets) -> float:
    """Give the share of onsets among the given rows; one imagined row of each kind beside."""
    return float((step[given].sum() + 0.5) / (given.sum() + 1))
