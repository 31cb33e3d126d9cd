"""What a person is told of few loops, many loops and voices that failed."""

from dataclasses import replace
from pathlib import Path

import pytest

from firmware.bundle.bundle import read_manifest
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.data.voice_sets import shared, voice_sets
from trainer.pipeline import warnings

LOOPS = dataset_of(rhythms(60))


@pytest.mark.parametrize(
    ("count", "says"),
    [(1, "only 1 distinct pattern:"), (2, "only 2"), (12, "a large area"), (900, "holds 256")],
)
def test_few_and_many_loops_are_explained(count: int, says: str) -> None:
    (line,) = warnings.on_dataset(dataset_of(rhythms(count)))
    assert says in line


def test_enough_loops_need_no_word() -> None:
    assert not list(warnings.on_dataset(LOOPS))


def test_few_loops_of_one_voice_are_said_to_be_its() -> None:
    few = dataset_of(rhythms(2, seed=5))
    (line,) = warnings.on_sets(voice_sets([LOOPS, few, few]))
    assert line.startswith("voice 2, 3: only 2")
    (line,) = warnings.on_sets(shared(few, 3))
    assert line.startswith("only 2")


def test_collapsed_voices_and_dead_knobs_are_named(kit: Path) -> None:
    voice, _ = read_manifest(kit).voices

    def said(name: str, **figures: float) -> list[str]:
        changed = replace(voice, name=name, metrics={**voice.metrics, **figures})
        return list(warnings.on_voices([changed], shared(LOOPS, 1)))

    assert not said("map")
    assert "another --seed" in said("map", distinct=1)[0]
    assert "--l2" in said("model2", distinct=1)[0]
    assert "dead latent" in said("map", dead_latents=1)[0]
