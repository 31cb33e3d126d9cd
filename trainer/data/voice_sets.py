"""The patterns of all voices together, and which of them each voice learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.data.dataset import Dataset, merge, row_keys, select

Rows = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class VoiceSets:
    """A dataset, and for each voice the rows that it learns."""

    dataset: Dataset
    rows: tuple[Rows, ...]

    def of(self, voice: int) -> Dataset:
        """Return the patterns of a voice, counted from 0."""
        rows = self.rows[voice]
        everything = rows == tuple(range(len(self.dataset)))
        return self.dataset if everything else select(self.dataset, rows)

    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Return the voices that learn the same patterns, together, by their first voice."""
        together: dict[Rows, list[int]] = {}
        for voice, rows in enumerate(self.rows):
            together.setdefault(rows, []).append(voice)
        return tuple(map(tuple, together.values()))


def shared(dataset: Dataset, voices: int) -> VoiceSets:
    """Return the sets of voices that all learn the same patterns."""
    return VoiceSets(dataset, (tuple(range(len(dataset))),) * voices)


def voice_sets(parts: Sequence[Dataset]) -> VoiceSets:
    """Return the sets of voices that learn `parts`, one per voice; a pattern is held once."""
    if all(part is parts[0] for part in parts):
        return shared(parts[0], len(parts))
    together = merge(parts)
    at = {key: row for row, key in enumerate(row_keys(together))}
    rows = (dict.fromkeys(at[key] for key in row_keys(part)) for part in parts)
    return VoiceSets(together, tuple(tuple(sorted(one)) for one in rows))
