"""Which two-bar windows of each loop go into a dataset: distinct ones, and a fair share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.audio.grid import Grid, windows

FAIR_SHARE = 0.1
"""The largest share of a dataset that comes from one file."""

ALWAYS = 8
"""Windows of one file that are taken even where they exceed the share."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The windows of one file; window numbers count from 0.

    windows: (number, grid), distinct and not silent. repeated: how many repeat an earlier
    one. excess: how many were left out for the fair share.
    """

    windows: tuple[tuple[int, Grid], ...]
    repeated: int = 0
    excess: int = 0


def choose_windows(grids: Sequence[Grid], share: float = FAIR_SHARE) -> list[Chosen]:
    """Choose the windows of each file; `share` 1 sets no limit."""
    distinct = [_distinct(grid) for grid in grids]
    most = _limit([len(one.windows) for one in distinct], share)
    return [_limited(one, most) for one in distinct]


def _distinct(grid: Grid) -> Chosen:
    """Return the windows with onsets, each pattern once."""
    first: dict[bytes, tuple[int, Grid]] = {}
    sounding = 0
    for number, window in enumerate(windows(grid)):
        if window.onset.any():
            sounding += 1
            first.setdefault(window.onset.tobytes(), (number, window))
    return Chosen(tuple(first.values()), sounding - len(first))


def _limit(counts: Sequence[int], share: float) -> int:
    """Return the largest number of windows a file that is within its share of all."""
    most = max(counts, default=0)
    while most > ALWAYS and most > share * sum(min(count, most) for count in counts):
        most -= 1
    return max(most, ALWAYS)


def _limited(chosen: Chosen, most: int) -> Chosen:
    """Return at most so many windows, evenly spaced over the file."""
    count = len(chosen.windows)
    if count <= most:
        return chosen
    taken = tuple(chosen.windows[at * count // most] for at in range(most))
    return Chosen(taken, chosen.repeated, count - most)
