import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board.constants import KNOB
from firmware.instrument.controls import (
    PICKUP_DISTANCE,
    CvInput,
    CvSetting,
    Hysteresis,
    Knob,
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
    play = Hysteresis((0.0,))
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


@pytest.mark.parametrize("dead_band_volts", [0.0, 0.1, 0.5])
def test_a_cv_trembles_within_its_own_play(dead_band_volts: float) -> None:
    jack = CvInput()
    setting = CvSetting(dead_band_volts=dead_band_volts)
    readings = [jack.read(2.5 + volts, setting, 0) for volts in (0, -0.04, 0.04, -0.04, 0.2)]
    assert len(set(readings[1:4])) == (1 if dead_band_volts else 2)
    assert (readings[4] == readings[3]) == (dead_band_volts == 0.5)


@pytest.mark.parametrize("dead_band_volts", [0.0, 0.03, 0.5])
def test_a_cv_reaches_both_ends_through_play_and_attenuverter(dead_band_volts: float) -> None:
    jack = CvInput()
    setting = CvSetting(amount=-0.5, offset=0.25, dead_band_volts=dead_band_volts)
    assert jack.read(5.0, setting, 0) == -0.25
    assert jack.read(0.0, setting, 0) == 0.25


def test_a_knob_moves_nothing_until_it_passes_the_value() -> None:
    knob = Knob()
    assert knob.read(0.2, 0.6) is None
    assert knob.read(0.4, 0.6) is None
    assert knob.read(0.7, 0.6) == pytest.approx(0.7, abs=0.002)
    knob.release_pickup()
    assert knob.read(0.8, 0.1) is None
    assert knob.read(0.05, 0.1) is not None


def test_a_knob_near_the_value_picks_it_up() -> None:
    knob = Knob()
    knob.read(0.5, 0.5)
    assert knob.read(0.5 + PICKUP_DISTANCE / 2, 0.5) is not None


def test_a_knob_left_alone_moves_nothing() -> None:
    knob = Knob()
    assert [knob.read(0.5 + tremble, 0.5) for tremble in (0, 5e-4, -5e-4, 0)] == [None] * 4


def test_a_knob_turned_quickly_over_the_value_picks_it_up() -> None:
    knob = Knob()
    knob.read(0.0, 0.5)
    assert knob.read(1.0, 0.5) == 1.0


@pytest.mark.parametrize(
    ("share", "position"),
    [(0.004, 0.0), (0.996, 1.0), (0.5, 0.5), (0.252, 0.25), (0.0, 0.0), (1.0, 1.0)],
)
def test_a_pot_s_ends_are_cut_off_evenly(share: float, position: float) -> None:
    volts = share * KNOB.reference_volts
    assert knob_position(volts) == pytest.approx(position, abs=1e-6)


@pytest.mark.parametrize(
    ("volts", "expected"),
    [(4.96, 4.96 / 5), (4.98, 1.0), (-4.96, -4.96 / 5), (-4.98, -1.0), (0.01, 0.002)],
)
def test_the_last_30_mv_are_the_end(volts: float, expected: float) -> None:
    assert cv_position(volts, -5.0, 5.0, 0.03) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("knob", "cv", "expected"), [(0.3, 0.4, 0.7), (0.3, -0.4, 0.0), (0.7, 0.4, 1.0)]
)
def test_a_cv_adds_to_a_knob(knob: float, cv: float, expected: float) -> None:
    assert sum_position(knob, cv) == pytest.approx(expected)


@pytest.mark.parametrize("time_constant_ns", [0, -1])
def test_without_a_time_constant_slew_follows_at_once(time_constant_ns: int) -> None:
    slew = Slew()
    slew.follow(0.0, time_constant_ns, 0)
    assert slew.follow(1.0, time_constant_ns, 1) == 1.0


def test_the_shortest_slew_is_still_one() -> None:
    slew = Slew()
    slew.follow(0.0, 1, 0)
    assert slew.follow(1.0, 1, 1) == pytest.approx(0.632, abs=0.001)


@given(st.lists(st.integers(1, 50 * MS_NS), min_size=1, max_size=20))
def test_slew_depends_on_the_time_and_not_on_how_often_it_is_asked(gaps_ns: list[int]) -> None:
    often, once, now_ns = Slew(), Slew(), 5 * MS_NS
    often.follow(0.0, 20 * MS_NS, now_ns)
    once.follow(0.0, 20 * MS_NS, now_ns)
    for gap_ns in gaps_ns:
        now_ns += gap_ns
        last = often.follow(1.0, 20 * MS_NS, now_ns)
    assert last == pytest.approx(once.follow(1.0, 20 * MS_NS, now_ns))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([0.5, 0.54, 0.46], [0.5, 0.5, 0.5]),
        ([0.5, 0.57, 0.5, 0.48], [0.5, 0.52, 0.52, 0.52]),
        ([0.5, 0.3, 0.35, 0.38], [0.5, 0.35, 0.35, 0.35]),
        ([0.5, 0.14, 0.5], [0.5, 0.19, 0.45]),
        ([0.5, 0.13, 0.0], [0.5, 0.18, 0.0]),
        ([0.5, 0.05, 0.14, 0.16], [0.5, 0.0, 0.0, 0.11]),
        ([0.5, 0.92], [0.5, 0.87]),
        ([0.5, 0.96, 0.9], [0.5, 1.0, 1.0]),
    ],
)
def test_play_is_half_its_width_either_way_and_holds_its_stops(
    path: list[float], expected: list[float]
) -> None:
    play = Hysteresis((0.0, 1.0))
    assert [play.follow(position, 0.1) for position in path] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("setting", "volts", "expected"),
    [
        (CvSetting(), 2.5, 0.5),
        (CvSetting(), -2.5, 0.0),
        (CvSetting(low_volts=-5.0), -2.5, -0.5),
        (CvSetting(high_volts=10.0), 2.5, 0.25),
        (CvSetting(amount=0.5), 2.5, 0.25),
        (CvSetting(offset=0.125), 2.5, 0.625),
    ],
)
def test_a_jack_adds_its_position_times_its_amount_and_its_offset(
    setting: CvSetting, volts: float, expected: float
) -> None:
    assert CvInput().read(volts, setting, 0) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("volts", "expected"),
    [(-0.03, 0.0), (0.0, 0.0), (0.03, 0.0), (0.5, 0.1), (0.98, 0.196), (1.02, 0.204)],
)
def test_zero_volts_alone_is_reached_exactly(volts: float, expected: float) -> None:
    """The offset of a jack that carries 0 V moves nothing, whatever its range."""
    setting = CvSetting(low_volts=-5.0)
    assert CvInput().read(volts, setting, 0) == pytest.approx(expected, abs=1e-9)


def test_a_jack_is_slewed_before_it_is_read() -> None:
    jack, setting = CvInput(), CvSetting(slew_ns=10 * MS_NS)
    jack.read(0.0, setting, 0)
    assert jack.read(4.0, setting, 10 * MS_NS) == pytest.approx(0.632 * 0.8, abs=0.005)


@pytest.mark.parametrize("by", [0.0014, -0.0014, 0.0020, -0.0020])
def test_a_knob_trembles_within_six_codes(by: float) -> None:
    """Half of its play on either side of where it stands."""
    knob = Knob()
    knob.read(0.5, 0.5)
    knob.read(0.52, 0.5)
    assert knob.read(0.52 - 0.00075, 0.5) is None
    assert (knob.read(0.52 - 0.00075 + by / 2, 0.5) is None) == (abs(by) < 0.0015)


def test_the_first_reading_of_a_knob_moves_nothing() -> None:
    assert Knob().read(0.25, 0.25) is None


@pytest.mark.parametrize(
    ("path", "value", "picked_up"),
    [
        ([0.5, 0.6], 0.7, False),
        ([0.5, 0.6], 0.55, True),
        ([0.6, 0.5], 0.55, True),
        ([0.6, 0.5], 0.61, False),
        ([0.5, 0.6], 0.605, True),
        ([0.5, 0.6], 0.615, False),
        ([0.6, 0.5], 0.495, True),
        ([0.6, 0.5], 0.485, False),
    ],
)
def test_a_knob_picks_up_what_it_passes_or_comes_near(
    path: list[float], value: float, picked_up: bool
) -> None:
    knob = Knob()
    readings = [knob.read(position, value) for position in path]
    assert (readings[-1] is not None) == picked_up


def test_a_knob_that_was_picked_up_stays_so_however_far_it_goes() -> None:
    knob = Knob()
    for position in (0.4, 0.6):
        knob.read(position, 0.5)
    assert knob.read(0.9, 0.5) == pytest.approx(0.9, abs=0.001)
    assert knob.read(0.1, 0.5) == pytest.approx(0.1, abs=0.001)
