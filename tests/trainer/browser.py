"""What a real browser shows, for the tests of pages."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}


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
