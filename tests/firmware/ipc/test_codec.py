import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.engine.pattern import STEPS, Pattern
from firmware.engine.state import (
    CONTROLS_MAX,
    NOTES_MAX,
    PITCHES,
    PROGRAM,
    ClockOut,
    ClockSource,
    Command,
    CommandKind,
    EngineState,
    Fault,
    GateMode,
    MidiControl,
    MidiNote,
    PitchHold,
    Quantum,
    Report,
    VoiceState,
)
from firmware.ipc.codec import MESSAGE_BYTES_MAX, MessageError, pack, unpack
from tests.firmware.engine.test_engine_properties import states

counts = st.integers(0, 2**32 - 1)
reports = st.builds(
    Report()._replace,
    running=st.booleans(),
    locked=st.booleans(),
    milli_bpm=counts,
    tick=st.integers(0, 2**62),
    steps=st.tuples(*[st.integers(-1, 31)] * 3),
    recall=counts,
    clock_source=st.sampled_from(ClockSource),
    lateness_ns=st.integers(0, 2**63),
    faults=st.tuples(*[counts] * len(Fault)),
    controls=st.lists(
        st.builds(
            MidiControl, st.integers(0, 15), st.integers(0, PROGRAM), st.integers(0, 127)
        ),
        max_size=CONTROLS_MAX,
    ).map(tuple),
    notes=st.lists(
        st.builds(
            MidiNote,
            st.integers(0, 15),
            st.integers(0, 127),
            st.integers(1, 127),
            st.integers(0, 2**62),
        ),
        max_size=NOTES_MAX,
    ).map(tuple),
)
commands = st.builds(Command, st.sampled_from(CommandKind), st.integers(0, 2**62))


@given(st.one_of(reports, commands), counts)
def test_reports_and_commands_come_back(message: Report | Command, sequence: int) -> None:
    assert unpack(pack(message, sequence)) == (sequence, message)


@given(states, counts)
def test_an_engine_state_comes_back_in_single_precision(
    state: EngineState, sequence: int
) -> None:
    data = pack(state, sequence)
    number, back = unpack(data)
    assert number == sequence
    assert isinstance(back, EngineState)
    assert pack(back, sequence) == data
    assert [voice.pitches for voice in back.voices] == [v.pitches for v in state.voices]
    assert [v.pattern.onset for v in back.voices] == [v.pattern.onset for v in state.voices]
    assert len(data) <= MESSAGE_BYTES_MAX


def test_every_field_of_an_engine_state_comes_back() -> None:
    voice = VoiceState(
        Pattern((0.25,) * STEPS, (0.5,) * STEPS, (-0.25,) * STEPS),
        *(0.125, 0.75, 0.5, 0.0625, 0.25, 0.375, 1.5, GateMode.TIE, 7, 3, -2, 4, 513),
        *(True, True, 0x81, -5),
        tuple(range(40, 40 + PITCHES)),
    )
    state = EngineState(
        (VoiceState(), voice, VoiceState()),
        *(False, 97_531, 0.625, 0.375, 2**32 - 1, True, Quantum.BAR, 5, 11, 9),
        *(ClockSource.MIDI, 24, ClockOut.END_OF_CYCLE, 48, True, True, PitchHold(2, 4095)),
    )
    defaults = EngineState()._asdict()
    assert [name for name, value in state._asdict().items() if value == defaults[name]] == []
    assert unpack(pack(state, 0)) == (0, state)


@pytest.mark.parametrize(
    "message",
    [
        Report(controls=(MidiControl(0, 0, 0),) * (CONTROLS_MAX + 1)),
        Report(notes=(MidiNote(0, 0, 0, 0),) * (NOTES_MAX + 1)),
        EngineState(voices=(VoiceState(),) * 2),
    ],
)
def test_a_list_of_a_wrong_length_is_refused(message: Report | EngineState) -> None:
    with pytest.raises(MessageError, match="a list of"):
        unpack(pack(message, 1))


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(MessageError):
        unpack(b"X" + data)


@given(states, st.data())
def test_a_message_cut_short_is_refused(state: EngineState, data: st.DataObject) -> None:
    whole = pack(state, 1)
    with pytest.raises(MessageError):
        unpack(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_another_version_is_refused() -> None:
    data = bytearray(pack(EngineState(), 1))
    data[1] += 1
    with pytest.raises(MessageError, match="version"):
        unpack(bytes(data))
