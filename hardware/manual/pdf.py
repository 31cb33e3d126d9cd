# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Sets the manual's Markdown as a PDF, A5 for print."""

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from fpdf import FPDF
from markdown_it import MarkdownIt

from firmware.ui.pages import PAGES
from hardware.manual.text import chapters
from hardware.panel.geometry import BODIES_MM, DIAMETERS_MM, HEIGHT_MM, Panel, panel
from tools.manual_pages import page_picture

_A5_MM = (148, 210)
_PICTURE = r'<img src="pages/([^"]+)"[^>]*/>'
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""A fixed date: the same tables must give the same bytes."""


def manual(board: Panel | None = None) -> bytes:
    """Set the whole manual, the panel first."""
    document = FPDF(format=_A5_MM)
    document.set_creation_date(_EPOCH)
    document.set_title("Ex Nihilo: manual")
    document.set_margins(12, 12)
    document.set_auto_page_break(auto=True, margin=14)
    _cover(document, board or panel())
    parser = MarkdownIt("commonmark").enable("table")
    with TemporaryDirectory() as folder:
        for page in PAGES:
            (Path(folder) / f"{page.name}.png").write_bytes(page_picture(page))
        for chapter in chapters():
            document.add_page()
            document.set_font("helvetica", size=8)
            document.write_html(_html(parser.render(chapter), Path(folder)))
    stream = BytesIO()
    document.output(stream)
    return stream.getvalue()


def _html(text: str, pictures: Path) -> str:
    """Fit markdown-it's HTML to what fpdf2 can set."""
    text = re.sub(
        r'<img src="pages/([^"]+)"[^>]*/>', rf'<img src="{pictures}/\1" width="340">', text
    )
    text = re.sub(r"\n?<p>Made by <code>.*?</p>", "", text, flags=re.DOTALL)
    text = re.sub(r'<a href="[^"]*">(.*?)</a>', r"\1", text)
    # fpdf2 sets no inline marks inside cells.
    text = re.sub(r"<(/?)(?:code|em)>", "", text)
    return text.replace("<table>", '<table border="1" cellpadding="1">')


def _cover(document: FPDF, board: Panel) -> None:
    """Draw the panel at its true size."""
    document.add_page()
    left, top = (document.w - board.width) / 2, 40.0
    document.set_font("helvetica", "B", 20)
    document.cell(0, 12, "Ex Nihilo", align="C")
    document.set_font("helvetica", size=9)
    document.set_xy(12, 26)
    document.cell(0, 6, f"{board.hp} HP, at its true size", align="C")
    document.rect(left, top, board.width, HEIGHT_MM)
    for hole in board.holes:
        x, y = left + hole.x, top + HEIGHT_MM - hole.y
        document.circle(x=x, y=y, radius=BODIES_MM[hole.kind] / 2)
        document.circle(x=x, y=y, radius=DIAMETERS_MM[hole.kind] / 2)
    window = board.window
    x, y = left + window.x - window.width / 2, top + HEIGHT_MM - window.y - window.height / 2
    document.rect(x, y, window.width, window.height)
    for word in board.legends:
        document.set_font("helvetica", size=word.size_mm * 3)
        half = document.get_string_width(word.text) / 2
        document.text(
            left + word.x - half, top + HEIGHT_MM - word.y + word.size_mm / 2, word.text
        )
