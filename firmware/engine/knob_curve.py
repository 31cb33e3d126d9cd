"""The knob curve: knob travel is spread by the density of the training points."""

from bisect import bisect_right
from collections.abc import Sequence

AXES = ("x", "y", "z", "w")
"""The parameters that are a position on the map."""


def latent_at(position: float, knots: Sequence[float]) -> float:
    """Return the latent value at a knob position 0..1; `knots` are evenly spaced, rising."""
    if position <= 0.0:
        return knots[0]
    if position >= 1.0:
        return knots[-1]
    scaled = position * (len(knots) - 1)
    index = int(scaled)
    low = knots[index]
    return low + (knots[index + 1] - low) * (scaled - index)


def position_at(latent: float, knots: Sequence[float]) -> float:
    """Return the knob position 0..1 of a latent value, clipped to the ends."""
    last = len(knots) - 1
    index = min(max(bisect_right(knots, latent) - 1, 0), last - 1)
    low, high = knots[index], knots[index + 1]
    return min(max((index + (latent - low) / (high - low)) / last, 0.0), 1.0)
