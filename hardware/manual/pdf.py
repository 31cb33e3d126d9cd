# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Sets the player's manual as a PDF, A5 for print, from the pages of the web manual."""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from weasyprint import CSS, HTML

DOCS = Path(__file__).parents[2] / "docs"
CHAPTERS = (
    "manual/index.md",
    "manual/panel.md",
    "manual/patches.md",
    "manual/tasks.md",
    "manual/calibration.md",
    "manual-pages.md",
    "osc.md",
)
"""The chapters in their order, below `docs/`; the site shows the same files."""

_STYLE = Path(__file__).with_name("print.css")
_LINK = re.compile(r'<a href="[^"]*">(.*?)</a>', re.DOTALL)
_HEADING = re.compile(r"<(h[12])>(.*?)</h[12]>")


def manual(docs: Path = DOCS) -> bytes:
    """Set the whole manual. The same pages give the same bytes."""
    document = HTML(string=html(docs), base_url=str(docs))
    return bytes(document.write_pdf(stylesheets=[CSS(_STYLE)]))


def html(docs: Path = DOCS) -> str:
    """Return the manual as one HTML page: title, contents, chapters."""
    parser = MarkdownIt("commonmark").enable("table")
    headings: list[str] = []
    chapters = [_chapter(parser, docs, name, headings) for name in CHAPTERS]
    contents = "".join(headings)
    title = (
        '<section class="title"><h1 class="title">Ex Nihilo</h1><p>Player\'s manual</p>'
        '<img src="../hardware/panel.svg" alt="The panel"></section>'
    )
    return (
        '<html lang="en"><head><title>Ex Nihilo: player\'s manual</title></head><body>'
        f'{title}<nav><h1 class="title">Contents</h1><ul>{contents}</ul></nav>'
        f"{''.join(chapters)}</body></html>"
    )


def _chapter(parser: MarkdownIt, docs: Path, name: str, headings: list[str]) -> str:
    """Return a chapter's HTML and add its headings to the contents."""
    text = _LINK.sub(r"\1", parser.render((docs / name).read_text("utf-8")))
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    folder = name.rpartition("/")[0]
    text = re.sub(r'<img src="([^"]+)"', rf'<img src="{folder or "."}/\1"', text)

    def numbered(found: re.Match[str]) -> str:
        anchor = f"h{len(headings)}"
        headings.append(f'<li class="{found[1]}"><a href="#{anchor}">{found[2]}</a></li>')
        return f'<{found[1]} id="{anchor}">{found[2]}</{found[1]}>'

    return f"<section>{_with_blocks(_HEADING.sub(numbered, text))}</section>"


def _with_blocks(text: str) -> str:
    """Keep what belongs to a heading with a picture on one page."""
    first, *rest = re.split(r"(?=<h2 )", text)
    blocks = (f'<div class="block">{one}</div>' if "<img" in one else one for one in rest)
    return first + "".join(blocks)
