"""How near a transcription is to what was played."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.audio.grid import Grid


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A loop of some kind: what was played, what was detected, and its sixteenth in ms."""

    kind: str
    played: Grid
    detected: Grid
    step_ms: float

    @property
    def both(self) -> NDArray[np.bool_]:
        """Where a note was played and detected."""
        return self.played.onset & self.detected.onset

    def counts(self) -> NDArray[np.int_]:
        """Return how many notes were hit, invented and missed."""
        both = self.both
        sides = (both, self.detected.onset & ~both, self.played.onset & ~both)
        return np.array([side.sum() for side in sides])

    def late_ms(self) -> NDArray[np.float64]:
        """Return how late each note was detected."""
        return (self.detected.offset - self.played.offset)[self.both] * self.step_ms

    def likeness(self) -> float | None:
        """Return the correlation of velocities; None where there is too little to compare."""
        played, detected = self.played.velocity[self.both], self.detected.velocity[self.both]
        if played.size <= 4 or played.std() <= 0.05 or detected.std() < 1e-9:
            return None
        return float(np.corrcoef(played, detected)[0, 1])


def interval(
    pairs: Iterable[Pair], other: Iterable[Pair] | None = None, rounds: int = 2000
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval, over loops, of F1 or of F1 less that of `other`."""
    counts = [np.array([pair.counts() for pair in each]) for each in (pairs, other or ())]
    rows = np.random.default_rng(0).integers(0, len(counts[0]), (rounds, len(counts[0])))
    scores = [_f1(each[rows].sum(axis=1)) for each in counts if len(each)]
    drawn = scores[0] if len(scores) == 1 else scores[0] - scores[1]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _f1(counts: NDArray[np.int_]) -> NDArray[np.float64]:
    hit, false, missed = np.moveaxis(counts, -1, 0)
    return np.asarray(2 * hit / np.maximum(2 * hit + false + missed, 1))


def timely(pairs: Iterable[Pair], within_ms: float = 30.0) -> float:
    """Return the F1 of onsets that are detected within so many ms of where they were played."""
    hit = played = detected = 0
    for pair in pairs:
        hit += int((np.abs(pair.late_ms()) <= within_ms).sum())
        played += int(pair.played.onset.sum())
        detected += int(pair.detected.onset.sum())
    return 2 * hit / max(1, played + detected)


def figures(pairs: Iterable[Pair]) -> dict[str, float]:
    """Return F1 by kind and in all, exact loops, first steps, timing and loudness."""
    pairs = list(pairs)
    counts: dict[str, NDArray[np.int_]] = defaultdict(lambda: np.zeros(3, int))
    for pair in pairs:
        counts[pair.kind] += pair.counts()
        counts["all"] += pair.counts()
    first = np.array([(pair.played.onset[0], pair.detected.onset[0]) for pair in pairs])
    late_ms = np.concatenate([pair.late_ms() for pair in pairs])
    alike = [likeness for pair in pairs if (likeness := pair.likeness()) is not None]
    return {name: 2 * hit / (2 * hit + a + b) for name, (hit, a, b) in counts.items()} | {
        "exact": float(np.mean([not pair.counts()[1:].any() for pair in pairs])),
        "step 1 found": _mean(first[first[:, 0], 1]),
        "step 1 false": _mean(first[~first[:, 0], 1]),
        "bias ms": float(np.median(late_ms)),
        "timing mae ms": float(np.abs(late_ms).mean()),
        "velocity r": _mean(np.array(alike)),
    }


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else float("nan")
