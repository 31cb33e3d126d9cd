"""Which patterns each voice learns."""

from dataclasses import replace

import numpy as np
import pytest

from tests.trainer.rhythms import dataset_of, rhythms
from trainer.data.dataset import Dataset, merge
from trainer.data.voice_sets import shared, voice_sets


def named(prefix: str, count: int, seed: int) -> Dataset:
    made = dataset_of(rhythms(count, seed))
    return replace(made, names=tuple(f"{prefix}{row}.wav" for row in range(count)))


KICKS, HATS = named("kick", 7, 1), named("hat", 5, 2)


def test_shared_loops_are_held_once() -> None:
    sets = voice_sets([KICKS, KICKS, KICKS])
    assert sets.dataset is KICKS
    assert sets.of(2) is KICKS
    assert sets.groups() == ((0, 1, 2),)
    assert shared(KICKS, 3).rows == sets.rows


@pytest.mark.parametrize(
    ("parts", "groups"),
    [
        ([KICKS, HATS, HATS], ((0,), (1, 2))),
        ([KICKS, HATS, KICKS], ((0, 2), (1,))),
        ([KICKS, merge([KICKS, HATS])], ((0,), (1,))),
    ],
)
def test_every_voice_gets_its_own_back(
    parts: list[Dataset], groups: tuple[tuple[int, ...], ...]
) -> None:
    sets = voice_sets(parts)
    assert len(sets.dataset) == 12
    assert sets.groups() == groups
    for voice, part in enumerate(parts):
        found = sets.of(voice)
        assert (found.names, found.loops) == (part.names, part.loops)
        for name in ("onset", "velocity", "offset"):
            assert np.array_equal(getattr(found, name), getattr(part, name))
