"""A page with a kit that plays, and how tests ask and touch it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.trainer.studio.conftest import Server, Visit

INSTRUMENT = "const { patch, patternOf, player, moveTo } = await import('/page/instrument.js');"


def ask(page: Page, expression: str) -> Any:
    """Evaluate an expression within the page's instrument."""
    return page.evaluate(f"async () => {{ {INSTRUMENT} return {expression}; }}")


@pytest.fixture
def page(shared: Server, visit: Visit) -> Page:
    (shared.project / "studio.json").unlink(missing_ok=True)
    page = visit.open(shared)
    expect(page.locator("article.training.playing")).to_have_count(1)
    return page


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    box = page.locator("#map").bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + (1 - y) * box["height"]
