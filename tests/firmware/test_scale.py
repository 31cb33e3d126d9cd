import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.scale import NOTE_MAX, NOTE_MIN, SCALE_NAMES, SCALES, fold, pitch_volts, quantise

MAJOR = SCALE_NAMES.index("major")
OCTAVES = SCALE_NAMES.index("octaves")


@pytest.mark.parametrize(("note", "volts"), [(60, 0.0), (72, 1.0), (24, -3.0), (120, 5.0)])
def test_c4_is_0_v_and_an_octave_a_volt(note: int, volts: float) -> None:
    assert pitch_volts(note) == pytest.approx(volts)


@pytest.mark.parametrize(
    ("note", "folded"), [(24, 24), (23, 35), (0, 24), (120, 120), (121, 109), (127, 115)]
)
def test_folds_by_octaves(note: int, folded: int) -> None:
    assert fold(note) == folded


@given(st.integers(-300, 400))
def test_folding_keeps_the_pitch_class_and_reaches_the_range(note: int) -> None:
    assert NOTE_MIN <= fold(note) <= NOTE_MAX
    assert (fold(note) - note) % 12 == 0


@pytest.mark.parametrize(
    ("note", "scale", "root", "expected"),
    [
        (61, MAJOR, 0, 60),
        (62, MAJOR, 0, 62),
        (66, MAJOR, 0, 65),
        (61, MAJOR, 1, 61),
        (65, OCTAVES, 0, 60),
        (67, OCTAVES, 0, 72),
        (59, OCTAVES, 11, 59),
    ],
)
def test_quantises_to_the_nearest_and_of_two_to_the_lower(
    note: int, scale: int, root: int, expected: int
) -> None:
    assert quantise(note, scale, root) == expected


@given(st.integers(0, 127), st.integers(0, len(SCALES) - 1), st.integers(0, 11))
def test_a_quantised_note_is_on_the_scale_and_stays(note: int, scale: int, root: int) -> None:
    there = quantise(note, scale, root)
    assert (there - root) % 12 in SCALES[SCALE_NAMES[scale]]
    assert quantise(there, scale, root) == there
    assert abs(there - note) <= 6
