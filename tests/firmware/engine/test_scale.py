import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.scale import (
    NOTE_MAX,
    NOTE_MIN,
    SCALE_NAMES,
    SCALES,
    fold,
    pitch_volts,
    quantise,
)

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


MAJOR_MODES = (
    ("major", 0),
    ("dorian", 1),
    ("phrygian", 2),
    ("lydian", 3),
    ("mixolydian", 4),
    ("minor", 5),
    ("locrian", 6),
)


def mode_of(scale: tuple[int, ...], place: int) -> tuple[int, ...]:
    """Return the scale that has the same notes and another root."""
    return tuple(sorted((degree - scale[place]) % 12 for degree in scale))


@pytest.mark.parametrize(("name", "place"), MAJOR_MODES)
def test_the_church_modes_are_the_major_scale_from_another_root(name: str, place: int) -> None:
    assert SCALES[name] == mode_of((0, 2, 4, 5, 7, 9, 11), place)


def test_the_other_scales_are_made_of_the_major_and_the_minor() -> None:
    major, minor = SCALES["major"], SCALES["minor"]
    pentatonic = tuple(degree for n, degree in enumerate(major, 1) if n not in {4, 7})
    assert SCALES["chromatic"] == tuple(range(12))
    assert SCALES["harmonic minor"] == (*minor[:-1], minor[-1] + 1)
    assert SCALES["major pentatonic"] == pentatonic
    assert SCALES["minor pentatonic"] == mode_of(pentatonic, 4)
    assert SCALES["blues"] == tuple(sorted((*SCALES["minor pentatonic"], 6)))
    assert SCALES["whole tone"] == tuple(range(0, 12, 2))
    assert SCALES["octaves"] == (0,)


def test_a_saved_scale_number_keeps_its_meaning() -> None:
    """Presets hold the number: a new scale is added at the end."""
    assert SCALE_NAMES[:14] == (
        *("chromatic", "major", "minor", "dorian", "phrygian", "lydian", "mixolydian"),
        *("locrian", "harmonic minor", "major pentatonic", "minor pentatonic", "blues"),
        *("whole tone", "octaves"),
    )


@given(st.integers(0, 127), st.integers(0, len(SCALES) - 1), st.integers(0, 11))
def test_no_note_of_the_scale_is_nearer_and_of_two_the_lower_is_taken(
    note: int, scale: int, root: int
) -> None:
    degrees = SCALES[SCALE_NAMES[scale]]
    on_scale = [n for n in range(note - 12, note + 13) if (n - root) % 12 in degrees]
    assert quantise(note, scale, root) == min(on_scale, key=lambda n: (abs(n - note), n))
