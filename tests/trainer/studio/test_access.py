"""The page for everybody: axe's findings, and every control by keyboard."""

import pytest
from playwright.sync_api import Page

from tests.trainer.browser import findings
from tests.trainer.studio.conftest import Server, Visit


@pytest.fixture
def page(shared: Server, visit: Visit) -> Page:
    page = visit.open(shared)
    page.press("#loop-list", "Home")
    page.evaluate(
        "() => document.querySelectorAll('details').forEach((one) => one.open = true)"
    )
    return page


def test_axe_finds_nothing_serious(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": 1280, "height": 800})
        assert findings(page) == []
        page.set_viewport_size({"width": 420, "height": 860})
        for part in ("Loops", "Map", "Train"):
            page.click(f"#tabs button:has-text('{part}')")
            assert findings(page) == []
    page.keyboard.press("?")
    assert findings(page) == []


VISIBLE = """() => [...document.querySelectorAll(
  'button, input, select, textarea, a[href], summary, [tabindex="0"]')]
  .filter((one) => !one.disabled && one.checkVisibility({ checkVisibilityCSS: true }))"""


def test_tab_reaches_every_control(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    count = len(page.evaluate(f"({VISIBLE})().map(() => 1)"))
    page.evaluate("() => { window.reached = new Set(); document.activeElement.blur(); }")
    for _ in range(count + 5):
        page.keyboard.press("Tab")
        page.evaluate("() => window.reached.add(document.activeElement)")
    missed = page.evaluate(
        f"({VISIBLE})().filter((one) => !window.reached.has(one))"
        ".map((one) => one.outerHTML.slice(0, 100))"
    )
    assert missed == []


def test_nothing_is_wider_than_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 420, "height": 860})
    for part in ("Loops", "Map", "Train"):
        page.click(f"#tabs button:has-text('{part}')")
        wide = "() => [document.body, ...document.querySelectorAll('main > section')]"
        assert (
            page.evaluate(
                f"({wide})().filter((one) => one.scrollWidth > one.clientWidth + 1)"
                ".map((one) => one.id)"
            )
            == []
        )
