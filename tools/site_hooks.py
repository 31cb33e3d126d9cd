"""What the documentation site needs beyond `docs/`: guides beside their code, a PDF.

A page of the site has the path that it has in the checkout, without `docs/`. Links are written
as they hold in the checkout; these hooks turn them into links of the site.
"""

import logging
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from hardware.manual.pdf import manual

ROOT = Path(__file__).parents[1]
DOCS = "docs/"
BESIDE = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "firmware/portable/README.md",
    "hardware/LICENSE",
    "hardware/README.md",
    "hardware/build.md",
    "hardware/panel.svg",
    "hardware/power.md",
    "hardware/stack.svg",
    "pd/README.md",
    "pd/vcv/README.md",
    "pd/vcv/plugin/README.md",
)
"""Files outside `docs/` that are part of the site."""

MANUAL, PRINTED = "manual/index.md", "ex-nihilo-manual.pdf"
"""The manual's first page, which links to the manual for print beside it."""

_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s#]+)")
_log = logging.getLogger("mkdocs.plugins.site")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files that stand outside `docs/`, and the manual for print."""
    for path in BESIDE:
        files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    printed = f"{posixpath.dirname(MANUAL)}/{PRINTED}"
    files.append(File.generated(config, printed, content=manual()))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Turn the checkout's links into the site's."""
    source = page.file.src_uri
    here = source if source in BESIDE else DOCS + source
    text = _LINK.sub(lambda link: site_link(here, link[1]), markdown)
    return (
        f"{text}\n\nThe whole manual as a PDF: [to print]({PRINTED})."
        if source == MANUAL
        else text
    )


def site_link(here: str, target: str) -> str:
    """Return the link of the site for one in the checkout, from the file `here`."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
    if not path.startswith(DOCS) and path not in BESIDE:
        _log.warning("%s links to %s, which is not part of the site", here, target)
    start = posixpath.dirname(here.removeprefix(DOCS)) or "."
    return posixpath.relpath(path.removeprefix(DOCS), start)
