from io import BytesIO
from pathlib import Path

from PIL import Image

from firmware.ui.pages import PAGES
from firmware.ui.screen import draw_page
from tools.manual_pages import ENLARGED, FILE, example_view, manual_text, page_picture

DOCS = Path(__file__).parents[2] / "docs"


def test_the_manuals_page_is_current() -> None:
    assert (DOCS / FILE).read_text("utf-8") == manual_text()


def test_the_manual_names_every_line() -> None:
    text = manual_text()
    assert all(f"| {item.label} |" in text for page in PAGES for item in page.items)


def test_a_picture_holds_the_page_at_both_sizes() -> None:
    page = PAGES[1]
    sheet = Image.open(BytesIO(page_picture(page)))
    drawn = draw_page(example_view(page)).convert("L")
    assert sheet.crop((10, 10, 138, 74)).tobytes() == drawn.tobytes()
    large = sheet.crop((148, 10, 148 + 128 * ENLARGED, 10 + 64 * ENLARGED))
    assert large.resize((128, 64), Image.Resampling.NEAREST).tobytes() == drawn.tobytes()


def test_every_page_has_its_picture() -> None:
    assert {path.stem for path in (DOCS / "pages").glob("*.png")} == {p.name for p in PAGES}
