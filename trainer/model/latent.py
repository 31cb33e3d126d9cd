"""From latents to knobs: which latent is X, what it spans, and how travel is spent on it."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.engine.knob_curve import position_at
from trainer.model.models import Array, Autoencoder

KNOTS = 33
DEAD_SHARE = 0.05
"""A latent that spreads less than this share of the widest is dead: so little moves no step."""

DEAD_SPREAD = 0.01
"""A standard deviation over the training patterns below which even the widest is dead."""

NARROWEST = 0.1
"""The least trained range: one pattern alone spans nothing, and a knob must span something."""

Knots = tuple[tuple[float, ...], ...]


def by_spread(model: Autoencoder, latents: Array) -> Autoencoder:
    """Reorder one model's latents so that those of the widest spread are X and Y."""
    order = np.argsort(-latents.std(0), kind="stable")
    both = np.concatenate([order, order + len(order)]) if model.latent_kind == "vae" else order
    kernel, bias = model.encoder[-1]
    first, first_bias = model.decoder[0]
    return Autoencoder(
        model.latent_kind,
        (*model.encoder[:-1], (kernel[:, both], bias[:, both])),
        ((first[order], first_bias), *model.decoder[1:]),
    )


def dead_latents(latents: NDArray[Any]) -> int:
    """Count the latents (n, latents) that say nothing of the pattern."""
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


def classic(span: float, latents: int) -> Knots:
    """Give the paper's mapping: linear, 0.5 is latent 0."""
    return ((-span, span),) * latents


def to_latents(positions: NDArray[Any], knots: Knots) -> Array:
    """Map knob positions (n, latents) to latents, as the firmware does one by one."""
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


def grid(size: int, latents: int) -> NDArray[np.float64]:
    """Give the knob positions of the X-Y map, row by row from low Y; other knobs at rest.

    Shape (size * size, latents); X varies fastest.
    """
    along = np.linspace(0, 1, size)
    positions = np.full((size * size, latents), 0.5)
    positions[:, 0] = np.tile(along, size)
    positions[:, 1] = np.repeat(along, size)
    return positions


def cloud(count: int, latents: int) -> NDArray[np.float64]:
    """Give knob positions that fill the whole range evenly, its corners first.

    Shape (count, latents), count at least 2 ** latents. After the corners an additive
    recurrence on the powers of the generalised golden ratio, so nothing is left to chance.
    """
    corners = np.array(list(product((0.0, 1.0), repeat=latents)))
    ratio = 2.0
    for _ in range(50):
        ratio = (1 + ratio) ** (1 / (latents + 1))
    steps = ratio ** -np.arange(1, latents + 1)
    inside = (0.5 + np.arange(count - len(corners))[:, None] * steps) % 1
    return np.concatenate([corners, inside])
