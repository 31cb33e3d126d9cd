"""What the pictures say: each is drawn alone, and looked at where the meaning is."""

from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from firmware.engine.pattern import STEPS, checked_pattern
from firmware.engine.state import Report
from firmware.instrument.parameters import Key
from firmware.ui.graphics import Area
from firmware.ui.page_graphics import DRAWINGS
from firmware.ui.pages import PAGES
from firmware.ui.snapshot import DisplaySnapshot, TuneView
from tools.manual_pages import example_view

AREA = Area(0, 0, 127, 31)


def build_snapshot(page: str, **changes: object) -> DisplaySnapshot:
    shown = next(one for one in PAGES if one.name == page)
    return replace(example_view(shown), **changes)  # type: ignore[arg-type]


def drawn(snapshot: DisplaySnapshot) -> Image.Image:
    image = Image.new("1", (128, 32))
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    DRAWINGS[snapshot.page.name](draw, AREA, snapshot)
    return image


def lit(image: Image.Image, area: Area) -> int:
    """Count the pixels of an area that are lit."""
    left, top, right, bottom = area
    return image.crop((left, top, right + 1, bottom + 1)).convert("L").histogram()[255]


def set_to(snapshot: DisplaySnapshot, **values: float) -> DisplaySnapshot:
    changes = {Key(name): value for name, value in values.items()}
    return replace(
        snapshot,
        patch=snapshot.patch.with_values(changes),
        playing=snapshot.playing.with_values(changes),
    )


def test_steps_that_sound_are_filled_and_those_beyond_the_length_are_dots() -> None:
    levels = [0.9 if step % 2 else 0.3 for step in range(STEPS)]
    snapshot = build_snapshot("pattern", pattern=checked_pattern(levels), report=Report())
    image = drawn(set_to(snapshot, length=16, threshold=0.5))
    counts = [lit(image, AREA.column(step, STEPS)) for step in range(STEPS)]
    assert min(counts[1:16:2]) > 2 * max(counts[0:16:2])
    assert max(counts[16:]) <= 3  # a dot, and the dotted line of the threshold


def test_the_step_that_plays_is_underlined() -> None:
    for step in (0, 11):
        image = drawn(build_snapshot("pattern", report=Report(steps=(step, -1, -1))))
        column = AREA.column(step, STEPS)
        foot = Area(0, AREA.bottom, AREA.right, AREA.bottom)
        assert lit(image, foot) == column.right - column.left + 1
        assert image.getpixel((column.left, AREA.bottom))


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (1.0, 0.0), (0.25, 0.75)])
def test_the_cursor_stands_where_the_voice_plays(x: float, y: float) -> None:
    square = Area(0, 0, 63, 63)
    snapshot = set_to(build_snapshot("map"), x=x, y=y)
    image = Image.new("1", (64, 64))
    DRAWINGS["map"](ImageDraw.Draw(image), square, snapshot)
    column, row = Area(2, 2, 61, 61).at(x, y)
    arms = [(column + d, row) for d in range(-2, 3)] + [(column, row + d) for d in range(-2, 3)]
    assert all(image.getpixel(place) for place in arms if min(place) >= 0 and max(place) < 64)


def test_presets_are_filled_where_there_is_one_and_the_chosen_is_framed() -> None:
    there = tuple(number in {0, 63} for number in range(64))
    image = drawn(build_snapshot("presets", presets=there, choices={"preset": 63}))
    box = [
        Area(8 * (n % 16), 8 * (n // 16), 8 * (n % 16) + 7, 8 * (n // 16) + 7)
        for n in range(64)
    ]
    assert lit(image, box[0]) > 10
    assert lit(image, box[1]) == 1
    assert lit(image, box[63]) > lit(image, box[0])


@pytest.mark.parametrize("beat", range(4))
def test_the_clocks_page_lights_the_beat_while_it_runs(beat: int) -> None:
    feet = [Area(0, 25, 127, 31).column(place, 4) for place in range(4)]
    for running in (True, False):
        report = Report(running=running, milli_bpm=120_000, tick=384 * 5 + 96 * beat)
        image = drawn(build_snapshot("clock", report=report))
        counts = [lit(image, foot) for foot in feet]
        brightest = [place for place in range(4) if counts[place] > min(counts)]
        assert brightest == ([beat] if running else [])


def test_a_cv_is_a_bar_up_or_down_from_the_middle() -> None:
    image = drawn(build_snapshot("cv", cv_volts=(5.0, -5.0, 0.0, 0.0, 0.0)))
    columns = [AREA.column(place, 5) for place in range(3)]
    upper, lower = (
        [lit(image, Area(one.left + 4, top, one.right - 4, top + 7)) for one in columns]
        for top in (12, 24)
    )
    assert upper[0] > upper[1] == upper[2] == 0
    assert lower[1] > lower[0] == lower[2] == 0


def test_the_octave_that_sounds_is_filled() -> None:
    pictures = [
        drawn(
            build_snapshot("outputs", choices={"octave": 8}, tuned=TuneView(sounding=sounding))
        )
        for sounding in (False, True)
    ]
    bar = Area(AREA.left + 72, 0, 127, 29).column(8, 9)
    silent, sounding = (lit(picture, bar) for picture in pictures)
    assert sounding > 1.5 * silent
    assert lit(pictures[1], Area(bar.left, 31, bar.right, 31)) == bar.right - bar.left + 1
