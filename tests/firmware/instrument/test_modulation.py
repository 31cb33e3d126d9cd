import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.instrument.modulation import CvInputs, Modulation, chosen, modulated
from firmware.instrument.parameters import CV_TARGETS, KEYS, Key, checked_value
from firmware.instrument.patch import DEFAULT_PATCH, Patch

VOLTS = st.floats(-11, 11)


def assigned(first: str, second: str = "none", **values: float) -> Patch:
    targets = {
        Key("cv_assign", 0, place): float(CV_TARGETS.index(name))
        for place, name in enumerate((first, second))
    }
    return DEFAULT_PATCH.with_values(targets | {Key(name): v for name, v in values.items()})


def played(patch: Patch, *volts: float, selected: int = 0) -> Patch:
    row = (*volts, *(0.0,) * (5 - len(volts)))
    return modulated(patch, CvInputs().read(row, patch, 0), selected)


def test_without_cvs_what_plays_is_what_was_set() -> None:
    assert played(DEFAULT_PATCH) == DEFAULT_PATCH


@given(st.lists(VOLTS, min_size=5, max_size=5), st.sampled_from(CV_TARGETS))
def test_whatever_the_jacks_carry_every_value_stays_in_its_range(
    volts: list[float], name: str
) -> None:
    patch = played(assigned(name, name), *volts)
    for key in KEYS:
        checked_value(key, patch[key])


def test_cvs_add_to_every_voice() -> None:
    patch = played(DEFAULT_PATCH, 1.0, 2.0, -3.0)
    for voice in range(3):
        assert patch[Key("x", voice)] == pytest.approx(0.7, abs=0.01)
        assert patch[Key("y", voice)] == pytest.approx(0.9, abs=0.01)
        assert patch[Key("threshold", voice)] == 0.5


def test_cvs_add_to_the_selected_voice_alone_if_so_set() -> None:
    patch = played(assigned("none", cv_voices=1), 1.0, selected=1)
    assert [patch[Key("x", voice)] for voice in range(3)] == [
        0.5,
        pytest.approx(0.7, abs=0.01),
        0.5,
    ]


@pytest.mark.parametrize(
    ("volts", "semitones"), [(0, 0), (1, 12), (-1, -12), (1 / 12, 1), (2.5, 30), (-11, -60)]
)
def test_transpose_is_a_volt_per_octave_both_ways(volts: float, semitones: int) -> None:
    patch = played(assigned("transpose"), 0, 0, 0, volts)
    assert patch.whole("transpose", 2) == semitones


@pytest.mark.parametrize(
    ("name", "volts", "value"),
    [
        ("length", -5.0, 32),
        ("length", 5.0, 32),
        ("rotate", 2.5, 16),
        ("swing", 5.0, 0.75),
        ("chaos", 5.0, 1.0),
        ("z", 5.0, 1.0),
        ("run", 0.0, 0),
        ("run", 5.0, 1),
        ("mute", 0.0, 0),
        ("mute", 5.0, 1),
        ("fill", 2.5, 0.5),
        ("dice", 5.0, 1.0),
        ("ratchet_chance", 1.25, 0.25),
        ("division", 0.0, 1),
        ("division", 5.0, 16),
        ("division", 1.0, 4),
        ("division", -1.0, 1),
    ],
)
def test_targets(name: str, volts: float, value: float) -> None:
    patch = played(assigned(name), 0, 0, 0, volts)
    assert patch[Key(name)] == pytest.approx(value, abs=0.02)


@pytest.mark.parametrize(("volts", "division"), [(-1.0, -3), (-5.0, -15), (1.0, 5), (0.0, 2)])
def test_a_bipolar_cv_moves_the_division_both_ways(volts: float, division: int) -> None:
    patch = assigned("division", division=2).with_values({Key("cv_range", 0, 3): 3.0})
    assert played(patch, 0, 0, 0, volts).whole("division") == division


def test_a_mute_gate_cannot_unmute() -> None:
    assert played(assigned("mute", mute=1), 0, 0, 0, 0.0)[Key("mute")] == 1


def test_as_density_a_higher_threshold_cv_lets_more_sound() -> None:
    patch = played(DEFAULT_PATCH.with_values({Key("density"): 1.0}), 0, 0, 1.0)
    assert patch[Key("threshold")] == pytest.approx(0.3, abs=0.01)


def test_two_cvs_on_one_target_add_up() -> None:
    assert played(assigned("chaos", "chaos"), 0, 0, 0, 1.0, 1.5)[Key("chaos")] == (
        pytest.approx(0.5, abs=0.02)
    )


@pytest.mark.parametrize(
    ("value", "place"), [(-1.0, 0), (0.0, 0), (0.34, 1), (0.99, 2), (1.0, 2)]
)
def test_a_cv_chooses(value: float, place: int) -> None:
    patch = assigned("voice")
    assert chosen(patch, Modulation(assigned=(value, 0.0)), "voice", 3) == place
    assert chosen(patch, Modulation(assigned=(value, 0.0)), "bundle", 3) is None
    assert chosen(patch, Modulation(assigned=(value, 0.0)), "voice", 0) is None


@given(VOLTS, st.lists(st.integers(-2, 2), min_size=1, max_size=20))
def test_noise_on_a_jack_never_transposes(volts: float, codes: list[int]) -> None:
    patch, inputs = assigned("transpose"), CvInputs()

    def transpose(code: int) -> int:
        row = (0.0, 0.0, 0.0, volts + code * 0.00537, 0.0)
        return modulated(patch, inputs.read(row, patch, 0), 0).whole("transpose")

    for code in (-2, 2, -2, 2):
        transpose(code)
    assert len({transpose(code) for code in codes}) == 1


def test_unmoved_jacks_are_taken_over_and_a_slewed_one_goes_on_moving() -> None:
    volts = (2.0, 0.0, 0.0, 0.0, 0.0)
    jacks = CvInputs()
    jacks.read((0.0,) * 5, DEFAULT_PATCH, 0)
    at_once = jacks.read(volts, DEFAULT_PATCH, 1)
    assert jacks.read(volts, DEFAULT_PATCH, 2) is at_once
    slewed = DEFAULT_PATCH.with_values({Key("cv_slew", 0, 0): 100.0})
    jacks = CvInputs()
    jacks.read((0.0,) * 5, slewed, 0)
    rising = [jacks.read(volts, slewed, n * 10_000_000).x for n in range(1, 5)]
    assert rising == sorted(set(rising))
