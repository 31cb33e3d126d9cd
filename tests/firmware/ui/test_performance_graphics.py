"""The performance page shows what each voice does."""

from dataclasses import replace
from itertools import pairwise

import pytest

from firmware.engine.pattern import checked_pattern
from firmware.engine.state import ClockSource, Report
from firmware.instrument.parameters import Key
from firmware.ui.pages import PAGES
from firmware.ui.screen import draw_page
from firmware.ui.snapshot import DisplaySnapshot
from tools.manual_pages import example_view

VIEW = example_view(PAGES[0])


def rows(snapshot: DisplaySnapshot) -> list[bytes]:
    """Return the picture of the head, each voice's row, and the foot."""
    picture = draw_page(snapshot)
    ends = (0, 12, 25, 38, 51, 64)
    return [picture.crop((0, top, 128, bottom)).tobytes() for top, bottom in pairwise(ends)]


def changed(snapshot: DisplaySnapshot) -> list[int]:
    """Return which rows differ from the example's."""
    pairs = zip(rows(snapshot), rows(VIEW), strict=True)
    return [place for place, (row, before) in enumerate(pairs) if row != before]


def with_playing(**values: float) -> DisplaySnapshot:
    keys = {Key(name, 1): value for name, value in values.items()}
    return replace(VIEW, playing=VIEW.playing.with_values(keys))


def test_it_comes_first() -> None:
    assert PAGES[0].name == "play"


@pytest.mark.parametrize(
    ("snapshot", "places"),
    [
        (with_playing(mute=1), [2]),
        (with_playing(threshold=0.9), [2]),
        (with_playing(length=8), [2]),
        (replace(VIEW, patterns=(*VIEW.patterns[:2], checked_pattern([0.9] * 32))), [3]),
        (replace(VIEW, report=VIEW.report._replace(steps=(11, 4, 7))), [2]),
        (replace(VIEW, report=VIEW.report._replace(clock_source=ClockSource.JACK)), [0]),
        (replace(VIEW, report=Report(steps=(11, 3, 7), milli_bpm=126_500)), [0]),
        (replace(VIEW, choices={**VIEW.choices, "preset": 3}), [0]),
        (replace(VIEW, voice=1), [1, 2]),
        (replace(VIEW, notice="saved"), [4]),
        (replace(VIEW, editing=True), [4]),
    ],
)
def test_each_row_shows_its_own(snapshot: DisplaySnapshot, places: list[int]) -> None:
    assert changed(snapshot) == places
