"""The pages can be read: each fits its frame, and no text lies on another or on a wire."""

import itertools

import pytest

from hardware.sheets.export import all_sheets

SHEETS = all_sheets()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.title)
def test_page_fits_its_frame(sheet):
    assert sheet.fits()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.title)
def test_no_text_lies_on_another(sheet):
    for one, two in itertools.combinations(sheet.boxes, 2):
        apart = (
            one.right <= two.left or two.right <= one.left
            or one.top <= two.bottom or two.top <= one.bottom
        )  # fmt: skip
        assert apart, (one.text, two.text)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.title)
def test_no_wire_runs_through_a_text(sheet):
    for (start, end), box in itertools.product(sheet.wires, sheet.boxes):
        (x1, y1), (x2, y2) = start, end
        outside = (
            max(x1, x2) <= box.left + 0.03 or min(x1, x2) >= box.right - 0.03
            or max(y1, y2) <= box.bottom + 0.03 or min(y1, y2) >= box.top - 0.03
        )  # fmt: skip
        assert outside, box.text


def test_pages_are_numbered_and_titled():
    titles = [sheet.title for sheet in SHEETS]
    assert len(set(titles)) == len(titles)
