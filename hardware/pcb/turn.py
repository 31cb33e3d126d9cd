# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Turns of points on a board, whose y grows downwards."""

import math

Point = tuple[float, float]


def turned(point: Point, origin: Point, degrees: float) -> Point:
    """Move a point from a footprint's own axes to the board's."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = point
    return (origin[0] + x * cosine + y * sine, origin[1] - x * sine + y * cosine)
