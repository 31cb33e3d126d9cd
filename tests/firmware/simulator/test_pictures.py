"""Pictures: of the right size, and showing what they are given."""

from itertools import pairwise

import pytest
from PIL import Image, ImageChops

from firmware.engine.pattern import SILENCE, STEPS, checked_pattern
from firmware.simulator.pictures import (
    COLOURS,
    PatternRow,
    frame_picture,
    pattern_picture,
    trace_picture,
)
from firmware.simulator.trace import Sample

REST = Sample(0, (0.0, 0.0, 0.0, 0.0))


def pattern(*steps):
    return checked_pattern([1.0 if step in steps else 0.0 for step in range(STEPS)])


def differs(one, other):
    return ImageChops.difference(one, other).getbbox()


def count(picture, colour):
    """Count the pixels of a colour."""
    found = picture.getcolors(1 << 24) or []
    return sum(number for number, value in found if value == colour)


@pytest.mark.parametrize("voices", [1, 2, 3])
def test_every_voice_has_its_row_and_colour(voices):
    rows = [PatternRow(f"voice {n}", pattern(n), 0.5) for n in range(voices)]
    picture = pattern_picture(rows)
    assert picture.mode == "RGB"
    assert [count(picture, colour) > 100 for colour in COLOURS] == [
        n < voices for n in range(3)
    ]


def test_every_step_shows_in_its_own_place():
    silent = pattern_picture([PatternRow("a", SILENCE, 0.5)])
    spans = [
        _columns(silent, pattern_picture([PatternRow("a", pattern(step), 0.5)]))
        for step in range(STEPS)
    ]
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


def _columns(silent, picture):
    """Return left and right of where the bars differ, the title's line left out."""
    below = (0, 60, picture.width, picture.height)
    left, _, right, _ = differs(silent.crop(below), picture.crop(below))
    return left, right


def test_the_threshold_decides_what_is_bright():
    low, high = (
        pattern_picture(
            [PatternRow("a", checked_pattern([0.5] * STEPS, [1.0] * STEPS), threshold)]
        )
        for threshold in (0.4, 0.6)
    )
    assert count(low, COLOURS[0]) > count(high, COLOURS[0])


def test_traces_show_what_moves_and_when():
    still = trace_picture([[REST]], 0, 1000, 250)
    gate = [REST, Sample(500, (0.0, 0.0, 0.0, 5.0)), Sample(750, (0.0, 0.0, 0.0, 0.0))]
    left, _, right, _ = differs(still, trace_picture([gate], 0, 1000, 250))
    plot = 1280 - 28 - 136
    assert left == pytest.approx(136 + plot / 2, abs=3)
    assert right == pytest.approx(136 + plot * 3 / 4, abs=3)


def test_a_trace_that_began_before_is_drawn_from_where_it_stands():
    early = [REST, Sample(10, (0.0, 5.0, 0.0, 0.0))]
    late = [Sample(0, (0.0, 5.0, 0.0, 0.0))]
    assert not differs(
        trace_picture([early], 100, 1100, 250), trace_picture([late], 100, 1100, 250)
    )


def test_a_frame_is_enlarged_pixel_by_pixel():
    frame = Image.new("1", (128, 64))
    dark = frame_picture(frame)
    frame.putpixel((127, 0), 1)
    lit = frame_picture(frame)
    assert lit.size == (816, 432)
    assert differs(dark, lit) == (24 + 127 * 6, 24, 24 + 127 * 6 + 5, 29)
