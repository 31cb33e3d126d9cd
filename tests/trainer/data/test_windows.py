import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.audio.grid import Grid
from trainer.data.windows import ALWAYS, FAIR_SHARE, choose_windows


def grid(patterns: list[int]) -> Grid:
    """Return two bars for each number, which is the binary code of its first steps."""
    onset = np.array([[number >> bit & 1 for bit in range(32)] for number in patterns], bool)
    flat = onset.reshape(-1)
    return Grid(flat, flat * 0.5, flat * 0.0)


def test_a_repeated_window_is_taken_once() -> None:
    (chosen,) = choose_windows([grid([1, 2, 1, 1, 3, 2])])
    assert [number for number, _ in chosen.windows] == [0, 1, 4]
    assert chosen.repeated == 3
    assert chosen.excess == 0


def test_a_silent_window_is_left_out() -> None:
    (chosen,) = choose_windows([grid([0, 5, 0])])
    assert [number for number, _ in chosen.windows] == [1]
    assert chosen.repeated == 0


def test_files_of_one_pattern_are_not_compared() -> None:
    assert [len(one.windows) for one in choose_windows([grid([7]), grid([7])])] == [1, 1]


def test_a_long_file_is_limited_to_its_share_and_spread_over_its_length() -> None:
    files = [grid(list(range(1, 83)))] + [grid([number]) for number in range(1, 99)]
    long, *others = choose_windows(files)
    total = len(long.windows) + len(others)
    assert len(long.windows) <= FAIR_SHARE * total
    assert long.excess == 82 - len(long.windows)
    numbers = [number for number, _ in long.windows]
    assert np.ptp(np.diff(numbers)) <= 1
    assert numbers[-1] > 60


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_a_few_windows_are_always_taken(share: float) -> None:
    (chosen,) = choose_windows([grid(list(range(1, 41)))], share)
    assert len(chosen.windows) == ALWAYS


def test_without_a_limit_all_are_taken() -> None:
    (chosen,) = choose_windows([grid(list(range(1, 41)))], 1.0)
    assert len(chosen.windows) == 40


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.floats(0.02, 0.9))
def test_no_file_exceeds_its_share_but_by_the_few(counts: list[int], share: float) -> None:
    chosen = choose_windows([grid(list(range(1, count + 1))) for count in counts], share)
    taken = [len(one.windows) for one in chosen]
    assert max(taken) <= max(ALWAYS, share * sum(taken))
    assert all(
        one.excess == count - len(one.windows)
        for one, count in zip(chosen, counts, strict=True)
    )
    # One more of each limited file would exceed the share.
    more = [min(count, max(taken) + 1) for count in counts]
    assert taken == counts or max(more) > share * sum(more)
