"""What candidates are ranked by: each figure counts, and none more than the others."""

import pytest

from trainer.model.maps import ranking

WHOLE = {
    "f1": 0.8,
    "plausible": 500.0,
    "effective": 300.0,
    "density_overlap": 0.6,
    "distinct": 900.0,
    "plausible_area": 0.5,
    "neighbour_distance": 0.3,
    "dead_latents": 0.0,
    "flips_0.5": 0.1,
}
COUNTED = ("f1", "plausible", "effective", "density_overlap")
TOLD = ("distinct", "plausible_area", "neighbour_distance", "velocity_rmse", "offset_rmse")


def with_more(name: str) -> dict[str, float]:
    return {**WHOLE, name: WHOLE.get(name, 0.1) * 1.1}


@pytest.mark.parametrize("name", COUNTED)
def test_of_two_that_differ_in_one_figure_the_higher_is_better(name: str) -> None:
    assert ranking([WHOLE, with_more(name)]) == [1, 0]
    assert ranking([with_more(name), WHOLE]) == [0, 1]


@pytest.mark.parametrize("name", TOLD)
def test_what_is_only_told_ranks_nothing(name: str) -> None:
    assert ranking([WHOLE, with_more(name)]) == [0, 1]
    assert ranking([with_more(name), WHOLE]) == [0, 1]


@pytest.mark.parametrize("one", COUNTED)
@pytest.mark.parametrize("other", COUNTED)
def test_no_figure_outweighs_another(one: str, other: str) -> None:
    assert ranking([with_more(one), with_more(other)]) == [0, 1]
