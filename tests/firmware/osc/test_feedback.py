"""What is sent is what is set, and what sounds."""

from firmware.bundle.manifest import Axis
from firmware.instrument.parameters import KEYS, Key
from firmware.instrument.patch import DEFAULT_PATCH
from firmware.osc.addresses import Values, request_of
from firmware.osc.feedback import axis_values, control_values, note_values, voice_values
from firmware.osc.packet import Message
from tests.firmware.playing import pattern_of


def test_a_patch_that_is_reported_is_set_by_the_same_messages() -> None:
    values: dict[Key, float] = {}
    for address, arguments in control_values(DEFAULT_PATCH).items():
        request = request_of(Message(address, arguments))
        assert isinstance(request, Values)
        values |= request.values
    assert DEFAULT_PATCH.with_values(values) == DEFAULT_PATCH
    assert set(values) == set(KEYS)


def test_notes_are_reported_as_they_sound() -> None:
    patch = DEFAULT_PATCH.with_values(
        {Key("pitch", 1, 0): 61.0, Key("transpose", 1): 12.0, Key("scale"): 1.0}
    )
    assert note_values(patch)["/voice/2/notes"][:2] == (72, 74)
    assert note_values(DEFAULT_PATCH)["/voice/1/notes"][2:4] == (48, 36)


def test_the_ends_of_x_and_y_are_reported_where_they_are_known() -> None:
    axes = (Axis("density", "sparse", "dense"), Axis("syncopation", "straight", "syncopated"))
    assert axis_values((axes, ())) == {
        "/voice/1/axes": ("sparse", "dense", "straight", "syncopated"),
        "/voice/2/axes": ("",) * 4,
        "/voice/3/axes": ("",) * 4,
    }


def test_a_pattern_is_reported_thresholded_before_length_and_rotation() -> None:
    reported = voice_values(1, pattern_of([0, 31], level=0.6), 0.5, (0.1, 0.2, 0.3, 0.4))
    assert reported["/voice/2/pattern"] == (1, *(0,) * 30, 1)
    assert reported["/voice/2/velocity"][:2] == (76, 13)
    assert reported["/voice/2/xy"] == (0.1, 0.2)
    assert reported["/voice/2/offset"] == (0.0,) * 32
