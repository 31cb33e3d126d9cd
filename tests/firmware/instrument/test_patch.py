"""A patch changes only where it is asked to, and its engine state holds its values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.knob_curve import AXES
from firmware.engine.state import VOICES, ClockSource, GateMode, Quantum
from firmware.instrument.parameters import BY_NAME, KEYS, Key
from firmware.instrument.patch import DEFAULT_PATCH, engine_state_of, voice_state

keys = st.sampled_from(KEYS)


@st.composite
def changes(draw: st.DrawFn) -> dict[Key, float]:
    chosen = draw(st.lists(keys, max_size=6, unique=True))
    limits = [(BY_NAME[key.name].low, BY_NAME[key.name].high) for key in chosen]
    return {
        key: draw(st.sampled_from((low, high)))
        for key, (low, high) in zip(chosen, limits, strict=True)
    }


@given(changes())
def test_only_what_was_changed_differs(changed: dict[Key, float]) -> None:
    patch = DEFAULT_PATCH.with_values(changed)
    unlike = set(patch.keys_unlike(DEFAULT_PATCH))
    assert unlike == {key for key, value in changed.items() if DEFAULT_PATCH[key] != value}
    assert all(patch[key] == value for key, value in changed.items())


@given(changes())
def test_a_recalled_preset_leaves_the_rack_as_it_is(changed: dict[Key, float]) -> None:
    patch = DEFAULT_PATCH.with_music_of(DEFAULT_PATCH.with_values(changed))
    for key in patch.keys_unlike(DEFAULT_PATCH):
        assert BY_NAME[key.name].musical
        assert patch[key] == changed[key]


@given(changes())
def test_a_voice_has_the_values_of_its_own(changed: dict[Key, float]) -> None:
    patch = DEFAULT_PATCH.with_values(changed)
    moved = {key.voice for key in patch.keys_unlike(DEFAULT_PATCH) if is_in_engine_state(key)}
    for voice in range(VOICES):
        if voice not in moved:
            assert voice_state(patch, voice) == voice_state(DEFAULT_PATCH, voice)


def is_in_engine_state(key: Key) -> bool:
    return BY_NAME[key.name].per_voice and key.name not in AXES


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({Key("gate_mode"): 1, Key("trigger"): 7.0, Key("gate"): 0.9}, "gate", 7.0),
        ({Key("gate_mode"): 2, Key("trigger"): 7.0, Key("gate"): 0.9}, "gate", 0.9),
        ({Key("gate_mode"): 2}, "gate_mode", GateMode.TIE),
        ({Key("slide", 0, 0): 1, Key("slide", 0, 7): 1}, "slides", 0b10000001),
        ({Key("advance"): 1}, "advance_by_gate", True),
        ({Key("mute", 1): 1}, "mute", False),
    ],
)
def test_a_voice_is_asked_for_what_is_set(
    changed: dict[Key, float], field: str, expected: object
) -> None:
    state = voice_state(DEFAULT_PATCH.with_values(changed), 0)
    assert getattr(state, field) == expected


def test_an_engine_state_names_its_clock_in_the_fields_words() -> None:
    changed = {Key("tempo"): 123.4567, Key("clock"): 1.0, Key("clock_in"): 5.0}
    patch = DEFAULT_PATCH.with_values({**changed, Key("quantum"): 2.0})
    state = engine_state_of(patch, (), 3)
    assert (state.milli_bpm, state.clock_source) == (123_457, ClockSource.JACK)
    assert (state.clock_in_ppqn, state.quantum, state.recall) == (48, Quantum.BAR, 3)
