"""Voices are trained with drafts on the way, alike for the same seed, and can be stopped."""

import numpy as np
import pytest

from firmware.bundle.latent_map import LatentMap
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.data.dataset import Dataset
from trainer.data.progress import Progress, ignore_progress
from trainer.model.measures import GRID
from trainer.pipeline.held_back import held_back_figures, split
from trainer.pipeline.plan import Plan, TrainOptions, plan
from trainer.pipeline.training import Draft, train_voices

DATASET = dataset_of(rhythms(40))
SHORT = TrainOptions(voices=("map", "map"), steps=500, candidates=2)


def drafts_of(voices: Plan) -> list[Draft]:
    """Train voices, and return the events, all of which are drafts."""
    events: list[Progress] = []
    train_voices(voices, 0, events.append)
    drafts = [event for event in events if isinstance(event, Draft)]
    assert len(drafts) == len(events)
    return drafts


def test_drafts_come_first_and_can_be_played() -> None:
    events = drafts_of(plan(SHORT, DATASET))
    assert [(event.phase, event.voice) for event in events[:2]] == [
        ("layout", 0),
        ("layout", 1),
    ]
    assert all(event.map is not None for event in events)
    assert {event.map.onset.shape for event in events if event.map} == {(GRID, GRID, 32)}
    for phase in ("layout", "training"):
        shares = [event.share for event in events if event.phase == phase]
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1)
    assert {event.item for event in events} == {"voice 1", "voice 2"}
    assert {event.voice for event in events if event.phase == "training"} == {0, 1}


def test_candidates_are_ranked_and_kept() -> None:
    first, second = train_voices(plan(SHORT, DATASET), 0, ignore_progress)
    assert len(first.candidates) == len(second.candidates) == 2
    assert first.candidates[0].points.shape == (40, 2)
    kernels = [c.model.decoder[0][0] for v in (first, second) for c in v.candidates]
    assert not any(np.array_equal(kernels[0], other) for other in kernels[1:])


def test_the_seed_alone_decides() -> None:
    one, same, other = (
        train_voices(plan(SHORT, DATASET), seed, ignore_progress)[0].candidate.model
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one.decoder[1][0], same.decoder[1][0])
    assert not np.array_equal(one.decoder[1][0], other.decoder[1][0])


def test_whoever_watches_can_stop_it() -> None:
    seen = 0

    def stop(_event: Progress) -> None:
        nonlocal seen
        seen += 1
        if seen == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_voices(plan(SHORT, DATASET), 0, stop)
    assert seen == 4


def test_what_is_held_back_is_no_pattern_that_is_trained_on() -> None:
    twice = dataset_of(np.concatenate([rhythms(40), rhythms(40)]))
    known, unseen = split(twice, 0.25, np.random.default_rng(0))
    assert len(known) + len(unseen) == 80
    assert 16 <= len(unseen) <= 24
    assert not {bytes(row) for row in known.onset} & {bytes(row) for row in unseen.onset}


def test_figures_of_loops_held_back_stand_beside_what_is_known() -> None:
    options = TrainOptions(voices=("map",), steps=600, hold_back=0.4)
    events: list[Progress] = []
    (figures,) = held_back_figures(plan(options, DATASET), 0, events.append)
    for name in ("held_coverage", "held_velocity_rmse", "held_offset_rmse", "c2st"):
        beside = {"held_coverage": "_loops", "c2st": "_floor"}.get(name, "_mean")
        assert {name, f"{name}{beside}"} <= set(figures)
    assert events[-1].share == 1
    assert figures["held_velocity_rmse"] < 1.2 * figures["held_velocity_rmse_mean"]


@pytest.mark.parametrize("share", [0.0, 0.05])
def test_too_few_loops_are_not_held_back(share: float) -> None:
    options = TrainOptions(voices=("map",), steps=5, hold_back=share)
    assert held_back_figures(plan(options, DATASET), 0, ignore_progress) == ({},)


def test_each_set_of_loops_is_held_back_by_itself() -> None:
    options = TrainOptions(voices=("map",) * 3, steps=20, hold_back=0.4)
    other = dataset_of(rhythms(40, seed=7))
    events: list[Progress] = []
    sets = plan(options, [DATASET, other, DATASET])
    first, second, third = held_back_figures(sets, 0, events.append)
    assert first == third != second
    shares = [event.share for event in events]
    assert shares == sorted(shares)
    assert {event.item for event in events} == {"voice 1", "voice 2"}
    assert shares[-1] == 1


def test_voices_with_their_own_loops_have_layouts_of_their_own() -> None:
    options = TrainOptions(voices=("map",) * 3, steps=5)
    other = dataset_of(rhythms(30, seed=7))

    def drafts(*datasets: Dataset) -> list[LatentMap | None]:
        events = drafts_of(plan(options, list(datasets)))
        return [event.map for event in events if event.phase == "layout"]

    def same(one: LatentMap | None, two: LatentMap | None) -> bool:
        return bool(one and two and np.array_equal(one.onset, two.onset))

    alone = drafts(DATASET, DATASET, DATASET)
    mixed = drafts(DATASET, other, DATASET)
    assert same(mixed[0], alone[0])
    assert same(mixed[2], alone[1])  # beside the other voice of its loops
    assert not same(mixed[2], alone[0])
    assert same(mixed[1], drafts(other, DATASET, DATASET)[0])


def test_many_loops_are_held_by_prototypes() -> None:
    many = dataset_of(rhythms(700))
    options = TrainOptions(voices=("map",), steps=20)
    (voice,) = train_voices(plan(options, many), 0, ignore_progress)
    points = voice.candidate.points
    assert points.shape == (700, 2)
    assert len(np.unique(points, axis=0)) <= 256
