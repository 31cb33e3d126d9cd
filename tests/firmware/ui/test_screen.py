from dataclasses import replace

import pytest
from PIL import ImageChops

from firmware.instrument.parameters import CV_TARGETS
from firmware.ui.page_graphics import DRAWINGS
from firmware.ui.pages import PAGES, Kind, Page
from firmware.ui.screen import draw_page, note_text, parameter_text, value_text
from firmware.ui.snapshot import DisplaySnapshot
from tools.manual_pages import example_view

WIDTH, HEIGHT = 128, 64
MAP_PAGE = next(page for page in PAGES if page.name == "map")


def test_every_page_has_a_drawing() -> None:
    assert set(DRAWINGS) == {page.name for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_line_of_every_page_is_drawn(page: Page) -> None:
    for line in range(len(page.items)):
        picture = draw_page(example_view(page, line))
        assert (picture.size, picture.mode) == ((WIDTH, HEIGHT), "1")
        assert picture.convert("L").histogram()[255] > 100


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_without_a_bundle_or_a_player_is_drawn(page: Page) -> None:
    example = example_view(page)
    draw_page(
        DisplaySnapshot(
            page=page,
            item=page.items[0],
            editing=False,
            voice=2,
            patch=example.patch,
            playing=example.playing,
            pattern=example.pattern,
            report=example.report,
            choices=example.choices,
        )
    )


def test_the_same_view_gives_the_same_picture() -> None:
    views = [example_view(PAGES[0]) for _ in range(2)]
    assert views[0] == views[1]
    assert draw_page(views[0]).tobytes() == draw_page(views[1]).tobytes()


@pytest.mark.parametrize(
    ("page", "line", "text"),
    [
        ("pitch", 0, "C2"),
        ("pattern", 3, "/ 1"),
        ("clock", 0, "120"),
        ("scale", 0, "minor pentatonic"),
        ("presets", 0, "19"),
        ("presets", 1, ""),
        ("kits", 0, "drums"),
        ("inputs", 0, "CV X"),
        ("outputs", 0, "+1 V"),
        ("outputs", 2, "+12 c"),
        ("outputs", 3, "+1.004 V"),
    ],
)
def test_values_are_read_as_musicians_read_them(page: str, line: int, text: str) -> None:
    shown = next(one for one in PAGES if one.name == page)
    snapshot = example_view(shown, line)
    assert value_text(snapshot, snapshot.item) == text


@pytest.mark.parametrize(
    ("target", "text"),
    [("bundle", "kit"), ("dice", "probability"), ("ratchet_chance", "ratchet chance")],
)
def test_targets_are_named_as_people_name_them(target: str, text: str) -> None:
    assert parameter_text("cv_assign", CV_TARGETS.index(target)) == text


@pytest.mark.parametrize(("note", "text"), [(60, "C4"), (0, "C-1"), (127, "G9"), (70, "A#4")])
def test_notes(note: int, text: str) -> None:
    assert note_text(note) == text


def test_every_value_fits_on_the_screen() -> None:
    for page in PAGES:
        for line, item in enumerate(page.items):
            if item.kind is Kind.VALUE:
                snapshot = example_view(page, line)
                assert len(value_text(snapshot, item)) <= 18


@pytest.mark.parametrize(
    "line", range(len(MAP_PAGE.items)), ids=lambda n: MAP_PAGE.items[n].name
)
def test_the_ends_of_the_selected_axis_are_named(line: int) -> None:
    named = example_view(MAP_PAGE, line)
    unnamed = replace(named, map=replace(named.map, axes=()))
    changed = ImageChops.logical_xor(draw_page(named), draw_page(unnamed)).getbbox()
    if MAP_PAGE.items[line].name in {"x", "y"}:
        assert changed is not None
        left, top, right, bottom = changed
        assert left >= 64
        assert right < WIDTH
        assert 25 <= top < bottom <= 46
    else:
        assert changed is None
