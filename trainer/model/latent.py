"""From latents to knobs: what a knob spans, and how its travel is spent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.knob_curve import position_at
from trainer.model.network import LATENT_SPAN, Array

KNOTS = 33
DEAD_SHARE = 0.05
"""A latent that spreads less than this share of the widest is dead: it moves no step."""

DEAD_SPREAD = 0.01
"""A standard deviation over the training patterns below which even the widest is dead."""

NARROWEST = 0.1
"""The least trained range: one pattern alone spans nothing, and a knob must span something."""

Knots = tuple[tuple[float, ...], ...]


def dead_latents(latents: NDArray[Any]) -> int:
    """Count the latents (n, latents) that do not depend on the pattern."""
    spread = latents.std(0)
    return int((spread < max(DEAD_SPREAD, DEAD_SHARE * spread.max())).sum())


def trained_range(latents: Array) -> tuple[tuple[float, float], ...]:
    """Give (low, high) per latent over the training patterns."""
    low, high = latents.min(0).astype(float), latents.max(0).astype(float)
    slack = np.maximum(NARROWEST - (high - low), 0) / 2
    return tuple(zip((low - slack).tolist(), (high + slack).tolist(), strict=True))


def warped(latents: Array) -> Knots:
    """Spend knob travel half evenly over the trained range, half where the patterns lie.

    The mean of the linear map and of the quantiles, per latent, at `KNOTS` knob positions.
    Full quantiles would give more variety still, but leave the plausible region more often.
    """
    share = np.linspace(0, 1, KNOTS)
    knots = []
    for axis, (low, high) in enumerate(trained_range(latents)):
        even = low + (high - low) * share
        dense = np.quantile(latents[:, axis].astype(float), share)
        knots.append(tuple(np.round((even + dense) / 2, 6).tolist()))
    return tuple(knots)


def linear(latents: int = 2) -> Knots:
    """Give the mapping of a map: knobs are latents, from end to end."""
    return ((-LATENT_SPAN / 2, LATENT_SPAN / 2),) * latents


def classic(span: float, latents: int) -> Knots:
    """Give the paper's mapping: linear, 0.5 is latent 0."""
    return ((-span, span),) * latents


def to_latents(positions: NDArray[Any], knots: Knots) -> Array:
    """Take knob positions (n, latents) to latents, as the knob curve does one by one."""
    columns = [
        np.interp(positions[:, axis], np.linspace(0, 1, len(axis_knots)), axis_knots)
        for axis, axis_knots in enumerate(knots)
    ]
    return np.array(columns, np.float32).T


def to_positions(latents: NDArray[Any], knots: Knots) -> NDArray[np.float64]:
    """Take latents (n, latents) to knob positions 0..1."""
    columns = [
        [position_at(float(latent), axis_knots) for latent in latents[:, axis]]
        for axis, axis_knots in enumerate(knots)
    ]
    return np.array(columns).T
