"""MIDI controllers: what they set, and how they are learned."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.state import PROGRAM, MidiControl
from firmware.instrument.instrument import Instrument, Source
from firmware.instrument.midi_file import midi_bytes, parse_midi
from firmware.instrument.midi_map import (
    LEARN_NS,
    Assignment,
    Learner,
    MidiMap,
    Mode,
    default_assignments,
)
from firmware.instrument.parameters import BY_NAME, KEYS, PROGRAM_CHANGES, Key, checked_value
from firmware.instrument.patch import DEFAULT_PATCH
from firmware.instrument.preset import State
from firmware.instrument.requests import LoadBundleAt, RecallPreset

GATE = Key("gate", 1)
keys = st.sampled_from(KEYS)
assignments = st.builds(
    Assignment, st.integers(0, 15), st.integers(0, 127), keys, st.sampled_from(Mode)
)


def cc(number: int, value: int, channel: int = 0) -> MidiControl:
    return MidiControl(channel, number, value)


@given(keys, st.sampled_from(Mode), st.lists(st.integers(0, 127), min_size=1, max_size=6))
def test_whatever_is_sent_every_parameter_stays_in_its_range(
    key: Key, mode: Mode, values: list[int]
) -> None:
    controls, patch = MidiMap((), [Assignment(0, 5, key, mode)]), DEFAULT_PATCH
    for value in values:
        for number in (5, 37):
            moved = controls.set_by(cc(number, value), patch)
            if moved:
                assert moved[0] == key
                checked_value(*moved)
                patch = patch.with_values(dict([moved]))


@given(keys)
def test_the_ends_of_a_controller_are_the_ends_of_the_parameter(key: Key) -> None:
    controls = MidiMap((), [Assignment(0, 70, key)])
    ends = [controls.set_by(cc(70, value), DEFAULT_PATCH) for value in (0, 127)]
    assert ends == [(key, BY_NAME[key.name].low), (key, BY_NAME[key.name].high)]


def test_14_bits_are_set_when_the_low_part_comes() -> None:
    controls = MidiMap((), [Assignment(3, 5, GATE, Mode.FINE)])
    assert controls.set_by(cc(37, 9, 3), DEFAULT_PATCH) is None
    assert controls.set_by(cc(5, 64, 3), DEFAULT_PATCH) is None
    moved = controls.set_by(cc(37, 1, 3), DEFAULT_PATCH)
    assert moved == (GATE, pytest.approx(0.01 + 0.99 * (64 * 128 + 1) / 16383))


@pytest.mark.parametrize(
    ("mode", "value", "detents"),
    [
        (Mode.RELATIVE, 1, 1),
        (Mode.RELATIVE, 127, -1),
        (Mode.RELATIVE, 125, -3),
        (Mode.OFFSET, 65, 1),
        (Mode.OFFSET, 61, -3),
        (Mode.OFFSET, 64, 0),
    ],
)
def test_relative_controllers_turn_as_the_encoder_does(
    mode: Mode, value: int, detents: int
) -> None:
    controls = MidiMap((), [Assignment(0, 5, GATE, mode)])
    moved = controls.set_by(cc(5, value), DEFAULT_PATCH)
    assert moved == (GATE, pytest.approx(0.5 + 0.01 * detents))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([(74, 10), (74, 12), (74, 13), (74, 15)], (74, Mode.COARSE)),
        ([(5, 10), (37, 3)], (5, Mode.FINE)),
        ([(37, 3), (5, 10)], (5, Mode.FINE)),
        ([(5, 10), (5, 11), (5, 12), (5, 13)], (5, Mode.COARSE)),
        ([(20, 1), (20, 1), (20, 1), (20, 2)], (20, Mode.RELATIVE)),
        ([(20, 127), (20, 127), (20, 1), (20, 127)], (20, Mode.RELATIVE)),
        ([(20, 65), (20, 65), (20, 63), (20, 65)], (20, Mode.OFFSET)),
        # A knob that is turned slowly near its end, or near its middle.
        ([(20, 1), (20, 2), (20, 3), (20, 4)], (20, Mode.COARSE)),
        ([(20, 63), (20, 64), (20, 65), (20, 66)], (20, Mode.COARSE)),
    ],
)
def test_the_kind_of_a_controller_is_learned_from_what_it_sends(
    sent: Sequence[tuple[int, int]], expected: tuple[int, Mode]
) -> None:
    learner = Learner(GATE)
    for now_ns, (number, value) in enumerate(sent):
        assert learner.result(now_ns) is None
        learner.take(cc(number, value, 9), now_ns)
    assert learner.result(len(sent)) == Assignment(9, expected[0], GATE, expected[1])


def test_a_button_that_sends_once_is_learned_after_a_while() -> None:
    learner = Learner(GATE)
    learner.take(cc(64, 127), 0)
    assert learner.result(LEARN_NS - 1) is None
    assert learner.result(LEARN_NS) == Assignment(0, 64, GATE)


def test_another_controller_meanwhile_is_not_mistaken_for_it() -> None:
    learner = Learner(GATE)
    for value, number in enumerate((74, 1, 1, 1, 74, 74, 1, 74)):
        learner.take(cc(number, value), 0)
    assert learner.result(0) == Assignment(0, 74, GATE)


def test_a_learned_controller_replaces_a_default_one_until_it_is_forgotten() -> None:
    controls = MidiMap(default_assignments({16: "x"}))
    assert controls.set_by(cc(16, 127, 1), DEFAULT_PATCH) == (Key("x", 1), 1.0)
    controls.add(Assignment(1, 16, GATE))
    assert controls.set_by(cc(16, 127, 1), DEFAULT_PATCH) == (GATE, 1.0)
    assert controls.of(GATE) == controls.learned
    controls.add(Assignment(1, 16, Key("chaos")))
    assert controls.of(GATE) == ()
    controls.forget(Key("chaos"))
    assert controls.set_by(cc(16, 127, 1), DEFAULT_PATCH) == (Key("x", 1), 1.0)


@given(st.lists(assignments, max_size=5))
def test_what_is_saved_is_read(learned: list[Assignment]) -> None:
    assert parse_midi(midi_bytes(tuple(learned))) == tuple(learned)


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{}",
        b"x",
        b'{"format": "exnihilo-midi", "version": 2, "controllers": []}',
        b'{"format": "exnihilo-midi", "version": 1, "controllers": [{}]}',
        b'{"format": "exnihilo-midi", "version": 1, "controllers": 1}',
        midi_bytes((Assignment(0, 5, GATE),)).replace(b"7-bit", b"8-bit"),
        midi_bytes((Assignment(0, 5, GATE),)).replace(b"gate", b"gates"),
        midi_bytes((Assignment(0, 5, GATE),)).replace(b"5", b"500"),
    ],
)
def test_a_file_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the state store shows the reason
        parse_midi(data)


def test_while_one_is_learned_controllers_set_nothing() -> None:
    instrument = Instrument(State())
    instrument.learner = Learner(GATE)
    instrument.take_control(cc(16, 127))
    assert instrument.patch[Key("x")] == 0.5
    instrument.learner = None
    instrument.take_control(cc(16, 127))
    assert instrument.patch[Key("x")] == 1.0


@pytest.mark.parametrize(
    ("recalls", "number", "expected"),
    [
        ("both", 63, [RecallPreset(63)]),
        ("both", 64, [LoadBundleAt(0)]),
        ("presets", 63, [RecallPreset(63)]),
        ("presets", 64, []),
        ("kits", 0, [LoadBundleAt(0)]),
        ("kits", 127, [LoadBundleAt(127)]),
        ("off", 0, []),
    ],
)
def test_a_program_change_recalls_what_is_set(
    recalls: str, number: int, expected: list[object]
) -> None:
    instrument = Instrument(State())
    instrument.set_value(Key("program"), PROGRAM_CHANGES.index(recalls), Source.OSC)
    instrument.take_control(MidiControl(0, PROGRAM, number))
    assert instrument.pending_requests == expected
