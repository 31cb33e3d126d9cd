import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.midi.parser import MidiReader, all_notes_off

seven = st.integers(0, 127)
channel = st.integers(0, 15)
channel_messages = st.one_of(
    *(
        st.builds(mido.Message, st.just(kind), channel=channel, note=seven, velocity=seven)
        for kind in ("note_on", "note_off")
    ),
    st.builds(
        mido.Message, st.just("control_change"), channel=channel, control=seven, value=seven
    ),
    st.builds(mido.Message, st.just("program_change"), channel=channel, program=seven),
    st.builds(
        mido.Message, st.just("pitchwheel"), channel=channel, pitch=st.integers(-8192, 8191)
    ),
    st.builds(mido.Message, st.just("songpos"), pos=st.integers(0, 16383)),
)
real_time = st.sampled_from(["clock", "start", "continue", "stop"]).map(mido.Message)


@given(st.lists(st.one_of(channel_messages, real_time), max_size=20), st.data())
def test_whole_messages_come_back_however_the_stream_is_cut(
    messages: list[mido.Message], data: st.DataObject
) -> None:
    stream = b"".join(bytes(message.bytes()) for message in messages)
    cut = data.draw(st.integers(0, len(stream)))
    reader = MidiReader()
    read = reader.feed(stream[:cut]) + reader.feed(stream[cut:])
    assert [mido.Message.from_bytes(message) for message in read] == messages


@given(channel_messages, real_time, st.integers(1, 2))
def test_a_real_time_message_may_cut_into_another(
    message: mido.Message, clock: mido.Message, at: int
) -> None:
    stream = bytes(message.bytes())
    read = MidiReader().feed(stream[:at] + bytes(clock.bytes()) + stream[at:])
    assert sorted(read) == sorted([stream, bytes(clock.bytes())])


@pytest.mark.parametrize(
    ("stream", "messages"),
    [
        ("90 3c 40 3c 00", ["90 3c 40", "90 3c 00"]),
        ("90 3c f8 40 f8 3e 41", ["f8", "90 3c 40", "f8", "90 3e 41"]),
        ("c1 05 06", ["c1 05", "c1 06"]),
        ("f2 10 00 3c 40", ["f2 10 00"]),
        ("b0 10 7f f6 10 7e", ["b0 10 7f", "f6"]),
        ("f0 7e 00 f8 09 01 f7 90 3c 40", ["f8", "90 3c 40"]),
        ("f0 7e 00 90 3c 40", ["90 3c 40"]),
        ("3c 40 90 3c 40", ["90 3c 40"]),
        ("90 3c f4 40 91 3c 40", ["91 3c 40"]),
        ("f9 fd fa", ["fa"]),
    ],
)
def test_streams_as_wires_carry_them(stream: str, messages: list[str]) -> None:
    assert MidiReader().feed(bytes.fromhex(stream)) == list(map(bytes.fromhex, messages))


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_noise_makes_only_valid_messages(chunks: list[bytes]) -> None:
    reader = MidiReader()
    for chunk in chunks:
        for message in reader.feed(chunk):
            mido.Message.from_bytes(message)


def test_endless_system_exclusive_data_is_not_kept() -> None:
    reader = MidiReader()
    reader.feed(b"\xf0" + bytes(100_000))
    assert len(reader._message) <= 1


def test_all_notes_off_is_mido_s() -> None:
    assert mido.Message.from_bytes(all_notes_off(2)) == mido.Message(
        "control_change", channel=2, control=123
    )
