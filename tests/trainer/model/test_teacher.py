"""The blend: its loops at their places, as many onsets, and steps that move one by one."""

import numpy as np
import pytest

from tests.trainer.rhythms import rhythms
from trainer.model import teacher
from trainer.model.layout import lay_out
from trainer.model.measures import GRID, f1_score, map_figures
from trainer.model.rhythm import density
from trainer.model.sampling import square_grid
from trainer.model.teacher import blend, displacements

LOOPS = np.unique(rhythms(70), axis=0)
LAYOUT = lay_out(LOOPS)


def drawn() -> np.ndarray:
    return (blend(square_grid(GRID), LOOPS, LAYOUT) > 0.5).reshape(GRID, GRID, -1)


def test_loops_sound_at_their_places() -> None:
    assert f1_score(blend(LAYOUT.places, LOOPS, LAYOUT) > 0.5, LOOPS) > 0.85


def test_one_loop_fills_the_map() -> None:
    one = LOOPS[:1]
    played = blend(square_grid(4), one, lay_out(one)) > 0.5
    assert (played == one).all()


def test_each_step_is_read_elsewhere_but_near() -> None:
    aside = displacements()
    assert np.abs(aside).max() <= teacher.STAGGER
    assert len(np.unique(aside, axis=0)) == len(aside)
    assert np.abs(aside.mean(0)).max() < 0.05


@pytest.mark.parametrize(
    ("name", "off", "figure"),
    [("STAGGER", 0.0, "jump"), ("FOREIGN", np.float32(0), "parents")],
)
def test_what_each_correction_is_for(
    name: str, off: float, figure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng
    corrected = map_figures(drawn(), LOOPS, rng(0))[figure]
    monkeypatch.setattr(teacher, name, off)
    plain = map_figures(drawn(), LOOPS, rng(0))[figure]
    assert corrected < 0.8 * plain if figure == "jump" else corrected > plain + 0.005


def test_as_many_steps_sound_as_in_the_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    def off() -> float:
        return abs(float(density(drawn().reshape(-1, 32)).mean() - density(LOOPS).mean()))

    corrected = off()
    monkeypatch.setattr(teacher, "SHIFT_MAX", 0.0)
    assert corrected < 0.5 * off()
