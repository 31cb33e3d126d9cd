"""The front panel as text."""

import pytest
from PIL import Image

from firmware.desk import drawing
from firmware.desk.controls import CONTROLS
from firmware.desk.drawing import KEYS

VALUES = {
    "/voice/1/pattern": (1, 0, 1, 1) + (0,) * 28,
    "/voice/1/velocity": (127, 90, 1, 64) + (0,) * 28,
    "/voice/1/step": (5,),
    "/voice/1/mute": (1,),
    "/state": (1, 1, 97.5),
    "/bundle": ("demo",),
}


def test_a_pattern_shows_velocities_the_step_and_the_mute() -> None:
    bars, lamp = drawing.pattern(VALUES, 0).splitlines()
    assert bars.startswith("1 █·▁▄ ····")
    assert bars.endswith(" mute")
    assert lamp.index("▲") == bars.index(" ", 3) + 1


def test_no_values_are_drawn_empty() -> None:
    assert drawing.patterns({}).splitlines()[0].startswith("1 ")


@pytest.mark.parametrize(
    ("latest", "responds", "status"),
    [
        ({}, False, f"{KEYS}   starting   here"),
        (VALUES, False, f"{KEYS}   the module does not answer   here"),
        (VALUES, True, f"{KEYS}   plays  97.5 BPM  demo   here"),
        (
            VALUES | {"/state": (0, 1, 97.5)},
            True,
            f"{KEYS}   stopped (space: run)  97.5 BPM  demo   here",
        ),
    ],
)
def test_the_status_says_what_plays(
    latest: dict[str, tuple[float | str, ...]], responds: bool, status: str
) -> None:
    assert drawing.status(latest, responds=responds, places="here") == status


def test_the_screen_is_braille() -> None:
    image = Image.new("1", (4, 4))
    for place in ((0, 0), (1, 3), (3, 1)):
        image.putpixel(place, 1)
    assert drawing.screen(image) == "\u2881\u2810"


def test_meters_have_no_minus_before_nothing() -> None:
    text = drawing.meters([(-0.0002, 4.0, 5.0, 0.0)])
    assert "+0.000" in text
    assert text.endswith("● ○")


def test_knobs_and_jacks_stop_at_their_ends() -> None:
    knob, jack = CONTROLS[0], CONTROLS[3]
    assert knob.moved(2.0).reading == "100 %"
    assert jack.moved(-0.125).reading == "-2.50 V"
    assert (
        drawing.control_rows([knob.moved(-1)], 0) == "▶ X           ●" + "─" * 14 + "     0 %"
    )
