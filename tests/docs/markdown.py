"""The documentation's pages, and their parts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.test_boundaries import ROOT
from tools.site_hooks import BESIDE

DOCS = ROOT / "docs"
PAGES = sorted(
    [
        *DOCS.rglob("*.md"),
        *(ROOT / name for name in BESIDE if name.endswith(".md")),
        ROOT / "README.md",
    ]
)
_FENCE = re.compile(
    r"^( *)(?:<!-- (.*?) -->\n\1)?```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """A fenced block: its language, its mark (of how to run it), its text."""

    language: str
    mark: str
    text: str


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    for found in _FENCE.finditer(page.read_text("utf-8")):
        indent = len(found[1])
        text = "\n".join(line[indent:] for line in found[4].splitlines())
        yield Block(found[3], found[2] or "", text)


def prose(page: Path) -> str:
    """Return a page's sentences: without code, tables, headings, links' targets."""
    text = _FENCE.sub("\n\n", page.read_text("utf-8"))
    text = re.sub(r"^(?:    .*|\|.*|#.*|!\[.*|<!--.*)$", "", text, flags=re.MULTILINE)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"`[^`]*`", "code", text)


def without_code(page: Path) -> str:
    """Return a page's text, with its tables and headings, but without code and addresses."""
    text = _FENCE.sub("\n\n", page.read_text("utf-8"))
    text = re.sub(r"`[^`]*`|^    .*", "", text, flags=re.MULTILINE)
    return re.sub(r"\]\([^)]*\)", "]", text)
