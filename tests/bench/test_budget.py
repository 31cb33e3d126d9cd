"""The budget's figures, and that a count is of the work alone."""

import pytest

from tests.bench.budget.__main__ import derived, exceeded, lines
from tests.bench.budget.count import counts

COUNTED = {
    "scan at rest": 100_000.0,
    "scan moving": 500_000.0,
    "scan with report": 90_000.0,
    "scan without report": 50_000.0,
    "frame of play": 2e6,
    "sixteenth without steps": 20_000.0,
    "sixteenth with steps": 30_000.0,
}


def test_figures_are_made_of_counts() -> None:
    figures = derived(COUNTED)
    assert figures["step of three voices"] == 24 * 10_000
    assert (figures["report"], figures["tick"]) == (40_000, 20_000)
    assert "start to first gate" not in figures
    started = derived({**COUNTED, "supervisor": 1.0, "player": 2.0, "panel": 4.0})
    assert started["start to first gate"] == 7


@pytest.mark.parametrize(("grown", "over"), [(1.0, []), (1.049, []), (1.051, ["scan at rest"])])
def test_what_grew_by_more_than_5_percent_fails(grown: float, over: list[str]) -> None:
    figures = derived(COUNTED)
    moved = {**figures, "scan at rest": grown * figures["scan at rest"], "new": 1.0}
    assert exceeded(moved, figures) == over


def test_the_table_names_every_figure_and_the_shares_of_a_core() -> None:
    figures = derived(COUNTED)
    text = "\n".join(lines(figures, figures))
    assert all(name in text for name in figures)
    # 500 scans of .1 million and 20 reports of .04 million, of 500 million a second.
    assert "10.2% of a Cortex-A53 core: panel at rest" in text


def test_a_count_is_the_same_each_time() -> None:
    taken = [sum(counts(("this",))[1].values()) for _ in range(2)]
    assert taken[0] > 10_000_000
    assert taken[0] == pytest.approx(taken[1], rel=0.001)
