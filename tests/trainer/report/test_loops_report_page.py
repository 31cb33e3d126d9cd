"""The page of analysed loops in a real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.trainer.report.test_loops_report import loop
from trainer.data.encode import Encoded, Encoding
from trainer.report.loops_report import report

Open = Callable[[tuple[Encoded, ...]], Page]


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the report of loops, offline; it fails on any error of its script."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def show(loops: tuple[Encoded, ...]) -> Page:
        path = tmp_path / "loops.html"
        path.write_text(report(Encoding(loops)), "utf-8")
        page.goto(path.as_uri())
        return page

    yield show
    context.close()
    assert errors == []


def drawn(page: Page, number: int, name: str) -> str:
    path = page.locator(f"#l{number} path.{name}")
    expect(path).to_have_count(1)
    return path.get_attribute("d") or ""


@pytest.mark.parametrize("steps", [4, 16, 32, 64])
def test_the_drawing_has_a_line_and_a_box_for_each_hit(opened: Open, steps: int) -> None:
    one = loop("a.wav", steps, seed=3)
    page = opened((one,))
    grid = one.transcription.grid
    hits = np.flatnonzero(grid.onset)
    assert drawn(page, 0, "cell").count("M") == steps
    assert drawn(page, 0, "step").count("M") == len(hits)
    assert drawn(page, 0, "beat").count("M") == (steps - 1) // 4
    assert drawn(page, 0, "bar").count("M") == (steps - 1) // 16
    places = [float(x) for x in re.findall(r"M([\d.]+) 3v", drawn(page, 0, "hit"))]
    width = 640 / steps
    expected = (hits + grid.offset[hits]) % steps * width
    assert places == pytest.approx(list(expected), abs=0.005 * width + 0.06)
    heights = [float(h) for h in re.findall(r"v-([\d.]+)h", drawn(page, 0, "step"))]
    assert heights == pytest.approx(list(grid.velocity[hits] * 34), abs=0.25)


def test_the_waveform_is_mirrored_about_its_middle(opened: Open) -> None:
    one = loop("a.wav")
    numbers = re.findall(r"([\d.]+) (-?[\d.]+)", drawn(opened((one,)), 0, "wave"))
    x, y = np.array(numbers, float).T
    count = one.transcription.outline.size
    assert x[:count] == pytest.approx(x[count:][::-1])
    assert y[:count] + y[count:][::-1] == pytest.approx(np.full(count, 56), abs=0.11)
    assert x[[0, count - 1]].tolist() == [0, 640]
    assert (28 - y[:count]) / 26 == pytest.approx(one.transcription.outline / 255, abs=0.003)


def test_only_what_is_in_view_is_drawn(opened: Open) -> None:
    page = opened(tuple(loop(f"{n}.wav", seed=n) for n in range(400)))
    expect(page.locator("#l0 path")).to_have_count(6)
    expect(page.locator("#l399 path")).to_have_count(0)
    page.locator("#l399").scroll_into_view_if_needed()
    expect(page.locator("#l399 path")).to_have_count(6)
    expect(page.locator("#l0 path")).to_have_count(0)


def test_loops_are_found_by_name_and_by_warning(opened: Open) -> None:
    names = ("Kick 1.wav", "Snare.wav", "kick 2.wav")
    page = opened(tuple(loop(name, 32, *["odd"] * (name == names[2])) for name in names))
    headings = page.locator("article h2 span")
    page.fill("input[type=search]", "KICK")
    expect(headings).to_have_text([names[0], names[2]])
    page.check("input[type=checkbox]")
    expect(headings).to_have_text([names[2]])
    page.uncheck("input[type=checkbox]")
    page.fill("input[type=search]", "")
    expect(headings).to_have_text(list(names))
