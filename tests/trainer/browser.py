"""A real Chromium, for the tests of pages."""

import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give a browser. It ends with the module, since it occupies the thread's event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Wait until all colours have faded over to those of the present scheme and part."""
    page.wait_for_function("() => document.getAnimations().length === 0")


def findings(page: Page) -> list[str]:
    """Return what axe finds to be serious in a page as it stands."""
    settle(page)
    violations = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in violations
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
