import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board.calibration import (
    NOMINAL,
    CalibrationError,
    OutputCurve,
    fit_input,
    fit_output,
)
from firmware.board.constants import ADC_INPUTS, CV_INPUT, CV_OUTPUT

VOLTS = st.floats(-3.0, 5.0)


@given(VOLTS)
def test_the_nominal_curve_is_the_boards(volts: float) -> None:
    assert abs(OutputCurve().code(volts) - CV_OUTPUT.code(volts)) <= 1


@given(st.floats(0.98, 1.02), st.floats(-0.05, 0.05), VOLTS)
def test_two_points_undo_gain_and_offset(gain: float, offset: float, volts: float) -> None:
    def jack(code: float) -> float:
        return CV_OUTPUT.volts(code) * gain + offset

    curve = fit_output([(code, jack(code)) for code in (100, 4000)])
    assert abs(jack(curve.code(volts)) - volts) <= 0.51 * (jack(1) - jack(0))


@pytest.mark.parametrize("volts", [-100.0, 100.0])
def test_codes_stay_inside_the_converter(volts: float) -> None:
    assert OutputCurve().code(volts) in {0, 4095}


def test_a_voice_has_codes_for_its_four_jacks() -> None:
    zero = CV_OUTPUT.zero_code
    assert NOMINAL.zero_codes(2) == (zero,) * 4
    curve = fit_output([(0, -3.0), (4095, 5.4)])
    codes = NOMINAL.with_output(1, 3, curve).codes(1, (0.0, 0.0, 0.0, 0.0))
    assert codes[:3] == (zero,) * 3
    assert codes[3] == curve.code(0.0) != zero


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(0, -3.1)],
        [(0, -3.1), (0, -3.0)],
        [(100, -2.9), (200, -3.0)],
        [(0, -3.1), (4095, 9.0)],
        [(0, float("nan")), (4095, 5.2)],
        [(-5, -3.15), (4095, 5.2)],
        [(code, CV_OUTPUT.volts(code)) for code in range(100)],
    ],
)
def test_misreadings_are_refused(points: list[tuple[float, float]]) -> None:
    with pytest.raises(CalibrationError):
        fit_output(points)


@given(st.floats(0.95, 1.05), st.floats(-0.1, 0.1))
def test_two_points_make_an_input(gain: float, offset: float) -> None:
    def code(volts: float) -> float:
        return (2048 - volts * gain / CV_INPUT.volts(0) * 2048) + offset * 100

    line = fit_input((code(0.0), 0.0), (code(5.0), 5.0), ADC_INPUTS.index("cv_x"))
    assert line.volts(code(2.5)) == pytest.approx(2.5)
    assert NOMINAL.with_input(3, line).inputs[3] == line


@pytest.mark.parametrize(
    ("low", "high"), [((2048, 0), (2048, 5)), ((2048, 0), (3000, 5)), ((1000, 0), (69, 5))]
)
def test_inputs_that_cannot_be_are_refused(
    low: tuple[float, float], high: tuple[float, float]
) -> None:
    with pytest.raises(CalibrationError):
        fit_input(low, high, 3)
