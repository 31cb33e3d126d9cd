import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board import KNOB
from firmware.controls import (
    CATCH,
    CvInput,
    CvSetting,
    Knob,
    Play,
    Slew,
    cv_position,
    knob_position,
    sum_position,
)

POSITION = st.floats(0, 1)
MS_NS = 1_000_000


@pytest.mark.parametrize(
    ("volts", "low", "high", "position"),
    [
        (0, 0, 5, 0),
        (2.5, 0, 5, 0.5),
        (4.99, 0, 5, 1),
        (9, 0, 5, 1),
        (-3, 0, 5, 0),
        (4, 0, 8, 0.5),
        (5, 0, 10, 0.5),
        (-5, -5, 5, -1),
        (0, -5, 5, 0),
        (2.5, -5, 5, 0.5),
        (-9, -5, 5, -1),
    ],
)
def test_ranges(volts: float, low: float, high: float, position: float) -> None:
    assert cv_position(volts, low, high, 0.03) == position


@given(POSITION, st.floats(-2, 2))
def test_the_sum_stays_on_the_map(knob: float, cv: float) -> None:
    assert 0 <= sum_position(knob, cv) <= 1
    assert sum_position(knob, 0.0) == knob


@pytest.mark.parametrize(("volts", "position"), [(0.0, 0.0), (KNOB.reference_volts, 1.0)])
def test_a_knob_reaches_both_ends(volts: float, position: float) -> None:
    knob = Knob()
    knob.read(0.5, 0.5)
    assert knob.read(knob_position(KNOB.volts(KNOB.code(volts))), 0.5) == position


def test_slew_goes_two_thirds_of_the_way_in_a_time_constant() -> None:
    slew = Slew()
    assert slew.follow(0.0, 10 * MS_NS, 0) == 0.0
    for ms in range(1, 10):
        slew.follow(1.0, 10 * MS_NS, ms * MS_NS)
    assert slew.follow(1.0, 10 * MS_NS, 10 * MS_NS) == pytest.approx(0.632, abs=0.001)


@given(st.lists(st.floats(-1, 1), min_size=1), st.floats(-1, 1))
def test_play_follows_and_holds_still(path: list[float], end: float) -> None:
    play = Play((0.0,))
    for position in [*path, end]:
        assert abs(play.follow(position, 0.01) - position) <= 0.01501
    assert play.follow(end, 0.01) == play.follow(end, 0.01)


@given(st.floats(0.02, 4.98), st.lists(st.integers(-2, 2), min_size=1))
def test_noise_on_a_jack_moves_nothing(volts: float, codes: list[int]) -> None:
    per_code = 0.00537
    jack = CvInput()
    # The first samples settle the play somewhere; tremble of two codes then moves nothing.
    for code in (-2, 2, -2, 2):
        jack.read(volts + code * per_code, CvSetting(), 0)
    settled = jack.read(volts, CvSetting(), 0)
    assert {jack.read(volts + code * per_code, CvSetting(), 0) for code in codes} == {settled}


@pytest.mark.parametrize("play_volts", [0.0, 0.1, 0.5])
def test_a_cv_trembles_within_its_own_play(play_volts: float) -> None:
    jack = CvInput()
    setting = CvSetting(play_volts=play_volts)
    heard = [jack.read(2.5 + volts, setting, 0) for volts in (0, -0.04, 0.04, -0.04, 0.2)]
    assert len(set(heard[1:4])) == (1 if play_volts else 2)
    assert (heard[4] == heard[3]) == (play_volts == 0.5)


@pytest.mark.parametrize("play_volts", [0.0, 0.03, 0.5])
def test_a_cv_reaches_both_ends_through_play_and_attenuverter(play_volts: float) -> None:
    jack = CvInput()
    setting = CvSetting(amount=-0.5, offset=0.25, play_volts=play_volts)
    assert jack.read(5.0, setting, 0) == -0.25
    assert jack.read(0.0, setting, 0) == 0.25


def test_a_knob_moves_nothing_until_it_passes_the_value() -> None:
    knob = Knob()
    assert knob.read(0.2, 0.6) is None
    assert knob.read(0.4, 0.6) is None
    assert knob.read(0.7, 0.6) == pytest.approx(0.7, abs=0.002)
    knob.let_go()
    assert knob.read(0.8, 0.1) is None
    assert knob.read(0.05, 0.1) is not None


def test_a_knob_near_the_value_picks_it_up() -> None:
    knob = Knob()
    knob.read(0.5, 0.5)
    assert knob.read(0.5 + CATCH / 2, 0.5) is not None


def test_a_knob_left_alone_moves_nothing() -> None:
    knob = Knob()
    assert [knob.read(0.5 + tremble, 0.5) for tremble in (0, 5e-4, -5e-4, 0)] == [None] * 4


def test_a_knob_turned_quickly_over_the_value_picks_it_up() -> None:
    knob = Knob()
    knob.read(0.0, 0.5)
    assert knob.read(1.0, 0.5) == 1.0
