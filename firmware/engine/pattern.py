"""A rhythm of two bars: the output of a decoder, played by the sequencer."""

from collections.abc import Iterable
from itertools import chain
from typing import Annotated, NamedTuple

STEPS = 32
"""Sixteenths in two bars of 4/4, as in section 3.2 of the paper."""

Steps = Annotated[tuple[float, ...], f"{STEPS}f"]
"""One value per step, `STEPS` long; a message packs them in single precision."""

ON_GRID: Steps = (0.0,) * STEPS

_EARLIEST = 0.0001
"""The output of the offset head is the micro-timing, above -0.5, plus one half."""


class Pattern(NamedTuple):
    """Per step the onset probability, the velocity and the micro-timing.

    `onset` and `velocity` are 0..1; `offset` is a fraction of a step in (-0.5, 0.5].
    A pattern is not thresholded: whether a step sounds is decided when it is due.
    """

    onset: Steps
    velocity: Steps
    offset: Steps = ON_GRID

    def sounding(self, threshold: float) -> tuple[bool, ...]:
        """Return which steps have a probability greater than `threshold`."""
        return tuple([probability > threshold for probability in self.onset])


SILENCE = Pattern(onset=ON_GRID, velocity=ON_GRID)


def pattern_of_heads(values: Steps) -> Pattern:
    """Make a pattern of a decoder's outputs: `STEPS` values for each head, 0..1.

    Velocity is the onset probability where there is one head.
    """
    if len(values) == STEPS:
        return Pattern(values, values)
    late = [v - 0.5 if v > _EARLIEST else _EARLIEST - 0.5 for v in values[2 * STEPS :]]
    return Pattern(values[:STEPS], values[STEPS : 2 * STEPS], tuple(late) or ON_GRID)


def checked_pattern(
    onset: Iterable[float],
    velocity: Iterable[float] | None = None,
    offset: Iterable[float] | None = None,
) -> Pattern:
    """Make a pattern of numbers from outside the program.

    Without learned velocity, velocity is the onset probability (section 5.2 of the paper).
    Raises `ValueError` for a wrong length or a value out of its range, NaN included.
    """
    onsets = tuple(map(float, onset))
    velocities = onsets if velocity is None else tuple(map(float, velocity))
    offsets = ON_GRID if offset is None else tuple(map(float, offset))
    if not len(onsets) == len(velocities) == len(offsets) == STEPS:
        raise ValueError(f"a pattern has {STEPS} steps")
    if not all(0.0 <= value <= 1.0 for value in chain(onsets, velocities)):
        raise ValueError("onset probability and velocity lie in 0..1")
    if not all(-0.5 < value <= 0.5 for value in offsets):
        raise ValueError("micro-timing lies in (-0.5, 0.5] of a step")
    return Pattern(onsets, velocities, offsets)
