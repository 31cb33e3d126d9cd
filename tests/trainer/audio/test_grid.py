import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.audio.grid import Grid, joined, to_grid, windows


def grid(steps: int, seed: int = 0) -> Grid:
    rng = np.random.default_rng(seed)
    onset = rng.random(steps) < 0.5
    return Grid(
        onset,
        np.where(onset, rng.uniform(0.1, 1, steps), 0),
        np.where(onset, rng.uniform(-0.4, 0.4, steps), 0),
    )


@given(
    st.lists(st.tuples(st.floats(0, 31.999), st.floats(0.01, 1)), max_size=40),
)
def test_every_note_finds_its_step_and_the_loudest_stays(
    notes: list[tuple[float, float]],
) -> None:
    place, velocity = np.array(notes).reshape(-1, 2).T
    found = to_grid(place, velocity, 32)
    assert found.onset.sum() == len({int(np.ceil(at - 0.5)) % 32 for at, _ in notes})
    assert (np.abs(found.offset) <= 0.5).all()
    assert (found.offset > -0.5).all()
    for step in np.flatnonzero(found.onset):
        near = [v for at, v in notes if int(np.ceil(at - 0.5)) % 32 == step]
        assert found.velocity[step] == max(near)


@pytest.mark.parametrize(
    ("place", "step", "offset"),
    [
        (0.0, 0, 0.0),
        (31.9, 0, -0.1),
        (31.5, 31, 0.5),
        (0.5, 0, 0.5),
        (0.51, 1, -0.49),
        (32, 0, 0),
    ],
)
def test_what_comes_just_before_the_end_is_the_first_step_early(
    place: float, step: int, offset: float
) -> None:
    found = to_grid(np.array([place]), np.array([1.0]), 32)
    assert np.flatnonzero(found.onset).tolist() == [step]
    assert found.offset[step] == pytest.approx(offset)


@pytest.mark.parametrize(
    ("steps", "count"), [(4, 1), (8, 1), (16, 1), (32, 1), (48, 2), (64, 2), (128, 4)]
)
def test_windows_are_two_bars_each(steps: int, count: int) -> None:
    whole = grid(steps)
    parts = windows(whole)
    assert len(parts) == count
    assert all(part.onset.shape == (32,) for part in parts)
    played = np.concatenate([part.onset for part in parts])
    assert np.array_equal(played[:steps], whole.onset)
    assert np.array_equal(played, np.resize(whole.onset, played.size))


def test_joined_stretches_are_as_loud_as_the_loudest() -> None:
    whole = joined([grid(16, 1), grid(32, 2)])
    assert whole.onset.size == 48
    assert whole.velocity.max() == 1
    assert joined([to_grid(np.zeros(0), np.zeros(0), 16)]).velocity.max() == 0
