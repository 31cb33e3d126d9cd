"""The site builds, strictly, offline and always the same."""

import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS, PAGES, name_of
from tests.test_boundaries import ROOT
from tools.pages import generated
from tools.site_hooks import BESIDE, MANUAL, PRINTED, site_link

GENERATED = dict(generated())


def build(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": "1735689600",
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", out],
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    done = build(ROOT, out)
    assert done.returncode == 0, done.stderr
    return out


def test_the_same_pages_give_the_same_bytes(site: Path, tmp_path: Path) -> None:
    assert build(ROOT, tmp_path / "again").returncode == 0

    def content(folder: Path) -> dict[str, bytes]:
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    assert content(site) == content(tmp_path / "again")


def test_the_manual_can_be_printed_from_its_first_page(site: Path) -> None:
    first = site / MANUAL.replace(".md", ".html")
    assert f'href="{PRINTED}"' in first.read_text("utf-8")
    assert (first.parent / PRINTED).read_bytes().startswith(b"%PDF")


def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    for name in ("docs", "tools", "mkdocs.yml", *BESIDE):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, target)
    page = tmp_path / "docs" / "faq.md"
    page.write_text(page.read_text("utf-8") + "\n[nowhere](no-such-page.md)\n", "utf-8")
    assert build(tmp_path, tmp_path / "out").returncode != 0


def test_no_page_loads_anything_from_the_network(site: Path) -> None:
    loaded = re.compile(
        r"""<(?:script|img|link[^>]*sheet)[^>]*(?:src|href)=["']?(http[^"' >]+)"""
    )
    assert not [
        url for page in site.rglob("*.html") for url in loaded.findall(page.read_text("utf-8"))
    ]


def test_every_page_can_be_found_by_search(site: Path) -> None:
    index = (site / "search" / "search_index.js").read_text("utf-8")
    pages = [path.relative_to(site).as_posix() for path in site.rglob("*.html")]
    missing = [
        page for page in pages if f'"location":"{page}"' not in index and page != "404.html"
    ]
    assert missing == []


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_a_generated_page_is_current(name: str) -> None:
    assert (DOCS / name).read_bytes() == GENERATED[name], "run: make docs"


@pytest.mark.parametrize(
    ("here", "target", "link"),
    [
        ("docs/faq.md", "osc.md", "osc.md"),
        ("docs/how-to/module.md", "../../hardware/build.md", "../hardware/build.md"),
        ("hardware/build.md", "../docs/deploy.md", "../deploy.md"),
        ("hardware/build.md", "stack.svg", "stack.svg"),
        ("CONTRIBUTING.md", "docs/glossary.md", "glossary.md"),
    ],
)
def test_links_of_the_checkout_become_links_of_the_site(
    here: str, target: str, link: str
) -> None:
    assert site_link(here, target) == link


def test_a_link_out_of_the_site_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        site_link("docs/faq.md", "../firmware/errors.py")
    assert "firmware/errors.py" in caplog.text


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere_in_the_checkout(page: Path) -> None:
    for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
