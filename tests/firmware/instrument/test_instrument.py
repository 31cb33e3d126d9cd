import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.pattern import SILENCE
from firmware.engine.state import PROGRAM, MidiControl, Quantum, Report
from firmware.instrument.instrument import Instrument, Source
from firmware.instrument.parameters import CV_TARGETS, KEYS, Key, ParameterError, checked_value
from firmware.instrument.patch import DEFAULT_PATCH
from firmware.instrument.preset import State
from firmware.instrument.requests import LoadBundleAt, RecallPreset

X, Y, THRESHOLD = Key("x"), Key("y"), Key("threshold")
S_NS = 1_000_000_000
SILENT = (SILENCE,) * 3


@pytest.fixture
def instrument() -> Instrument:
    return Instrument(State())


def turn(instrument: Instrument, *positions: float) -> None:
    """Turn the X knob through positions."""
    for position in positions:
        instrument.take_knobs((position, 0.5, 0.5))


def test_a_value_is_set_and_played(instrument: Instrument) -> None:
    instrument.set_value(X, 0.25, Source.OSC)
    assert instrument.patch[X] == 0.25
    assert instrument.place(0)[0] == 0.25


def test_a_value_set_to_what_it_is_leaves_the_patch_alone(instrument: Instrument) -> None:
    before = instrument.patch
    instrument.set_value(X, 0.5, Source.OSC)
    assert instrument.patch is before


@pytest.mark.parametrize(
    ("key", "value"), [(X, 1.5), (X, float("nan")), (Key("nothing"), 0), (Key("x", 3), 0)]
)
def test_what_cannot_be_is_refused(instrument: Instrument, key: Key, value: float) -> None:
    with pytest.raises(ParameterError):
        instrument.set_value(key, value, Source.OSC)
    assert instrument.patch == DEFAULT_PATCH


@pytest.mark.parametrize("source", [Source.OSC, Source.MIDI, Source.ENCODER, Source.RECALL])
def test_a_knob_waits_until_it_is_turned_through_what_another_hand_set(
    instrument: Instrument, source: Source
) -> None:
    turn(instrument, 0.4, 0.6)
    assert instrument.patch[X] == pytest.approx(0.6, abs=0.01)
    instrument.set_value(X, 0.2, source)
    turn(instrument, 0.7, 0.3)
    assert instrument.patch[X] == 0.2
    turn(instrument, 0.1)
    assert instrument.patch[X] == pytest.approx(0.1, abs=0.01)


def test_selecting_another_voice_lets_the_knobs_go(instrument: Instrument) -> None:
    turn(instrument, 0.4, 0.6)
    instrument.set_value(Key("x", 1), 0.9, Source.OSC)
    instrument.select(1)
    turn(instrument, 0.7)
    assert instrument.patch[Key("x", 1)] == 0.9
    assert instrument.patch[X] == pytest.approx(0.6, abs=0.01)
    turn(instrument, 0.95)
    assert instrument.patch[Key("x", 1)] == pytest.approx(0.95, abs=0.01)


def test_cvs_add_and_leave_what_was_set_alone(instrument: Instrument) -> None:
    instrument.take_cvs((1.0, 0, 0, 0, 0), 0)
    assert instrument.patch[X] == 0.5
    assert instrument.place(0)[0] == pytest.approx(0.7, abs=0.01)


def test_linked_voices_keep_their_distances_even_past_the_edge(instrument: Instrument) -> None:
    instrument.set_value(Key("x", 1), 0.8, Source.OSC)
    instrument.set_value(Key("link"), 1, Source.OSC)
    instrument.set_value(X, 0.9, Source.OSC)
    assert [instrument.patch[Key("x", v)] for v in range(3)] == [0.9, 1.0, 0.9]
    instrument.set_value(X, 0.5, Source.OSC)
    assert [instrument.patch[Key("x", v)] for v in range(3)] == [
        0.5,
        pytest.approx(0.8),
        0.5,
    ]


def test_a_cv_selects_a_voice_and_requests_a_bundle_once(instrument: Instrument) -> None:
    for place, name in enumerate(("voice", "bundle")):
        index = CV_TARGETS.index(name)
        instrument.set_value(Key("cv_assign", 0, place), index, Source.ENCODER)
    instrument.bundles = 4
    instrument.take_cvs((0, 0, 0, 2.5, 5.0), 0)
    instrument.take_cvs((0, 0, 0, 2.4, 5.0), 1)
    assert instrument.selected == 1
    assert instrument.pending_requests == [LoadBundleAt(3)]


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        (MidiControl(0, PROGRAM, 5), RecallPreset(5)),
        (MidiControl(9, PROGRAM, 63), RecallPreset(63)),
        (MidiControl(0, PROGRAM, 64), LoadBundleAt(0)),
        (MidiControl(0, PROGRAM, 127), LoadBundleAt(63)),
    ],
)
def test_program_changes(
    instrument: Instrument, control: MidiControl, expected: object
) -> None:
    instrument.take_report(Report(controls=(control,)), 0)
    assert instrument.pending_requests == [expected]


@pytest.mark.parametrize(
    ("channel", "number", "key"),
    [(0, 16, X), (1, 17, Key("y", 1)), (2, 18, Key("threshold", 2))],
)
def test_control_changes(instrument: Instrument, channel: int, number: int, key: Key) -> None:
    instrument.take_control(MidiControl(channel, number, 127))
    assert instrument.patch[key] == 1.0


@pytest.mark.parametrize("control", [MidiControl(0, 1, 9), MidiControl(5, 16, 9)])
def test_other_controls_do_nothing(instrument: Instrument, control: MidiControl) -> None:
    instrument.take_control(control)
    assert instrument.patch == DEFAULT_PATCH


def test_a_preset_brings_its_music_and_leaves_the_rack_alone(instrument: Instrument) -> None:
    preset = State(DEFAULT_PATCH.with_values({X: 0.1, Key("clock"): 2, Key("length"): 7}))
    instrument.set_value(Key("run"), 0, Source.OSC)
    instrument.recall_preset(preset)
    assert instrument.patch[X] == 0.1
    assert instrument.patch[Key("length")] == 7
    assert instrument.patch[Key("clock")] == 3
    assert instrument.patch[Key("run")] == 0


def test_what_was_recalled_waits_for_the_bar_until_the_player_has_it(
    instrument: Instrument,
) -> None:
    instrument.recall_preset(State())
    assert instrument.engine_state(SILENT).quantum is Quantum.BAR
    instrument.take_report(Report(recall=1), 0)
    assert instrument.engine_state(SILENT).quantum is Quantum.STEP


def test_a_place_is_glided_to_from_the_bar_on(instrument: Instrument) -> None:
    instrument.set_value(Key("glide"), 2, Source.OSC)
    instrument.store(3)
    instrument.set_value(X, 0.9, Source.OSC)
    # 120 BPM: a bar lasts two seconds. At tick 192 a second of it is left, less half a step.
    instrument.take_report(Report(running=True, milli_bpm=120_000, tick=192), 0)
    instrument.recall_memory(3, 0)
    bar_ns = S_NS - 62_500_000
    instrument.advance(bar_ns - 1_000_000)
    assert instrument.patch[X] == 0.9
    instrument.advance(bar_ns + 1_000_000)
    instrument.advance(bar_ns + S_NS)
    assert instrument.patch[X] == pytest.approx(0.7, abs=0.01)
    instrument.advance(bar_ns + 3 * S_NS)
    assert instrument.patch[X] == 0.5
    instrument.set_value(X, 0.2, Source.OSC)
    instrument.advance(bar_ns + 4 * S_NS)
    assert instrument.patch[X] == 0.2


def test_a_hand_on_the_map_ends_a_glide(instrument: Instrument) -> None:
    instrument.set_value(Key("glide"), 2, Source.OSC)
    instrument.store(0)
    instrument.set_value(X, 0.9, Source.OSC)
    instrument.recall_memory(0, 0)
    instrument.advance(0)
    instrument.advance(S_NS)
    instrument.set_value(Y, 0.1, Source.OSC)
    x = instrument.patch[X]
    instrument.advance(2 * S_NS)
    assert instrument.patch[X] == x


def test_without_glide_and_stopped_a_place_is_there_at_once(instrument: Instrument) -> None:
    instrument.store(0)
    instrument.set_value(X, 0.9, Source.OSC)
    instrument.recall_memory(0, 5)
    instrument.advance(5)
    assert instrument.patch[X] == 0.5


def test_an_empty_place_is_nowhere_to_go(instrument: Instrument) -> None:
    instrument.recall_memory(7, 0)
    instrument.advance(S_NS)
    assert instrument.patch == DEFAULT_PATCH


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.floats(-200, 400)), max_size=30))
def test_whatever_is_set_the_patch_stays_in_range_and_makes_an_engine_state(
    settings: list[tuple[Key, float]],
) -> None:
    instrument = Instrument(State())
    for key, value in settings:
        try:
            instrument.set_value(key, value, Source.OSC)
        except ParameterError:
            continue
    for key in KEYS:
        checked_value(key, instrument.playing[key])
    instrument.engine_state(SILENT)
