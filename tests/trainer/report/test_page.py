"""The report in a real Chromium, opened as a file: it shows and plays its kit by itself."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, Page, expect

from firmware.bundle.bundle import read_bundle
from firmware.bundle.exact_decoder import ExactDecoder
from tests.trainer.browser import findings
from trainer.report import page as report_page

KBYTES_MAX = 200
RANDOM_PLACES = 40


@pytest.fixture
def page(chromium: Browser, kit: Path) -> Iterator[Page]:
    """Open the report without a network; nothing else is asked for, and no script fails."""
    context = chromium.new_context(viewport={"width": 420, "height": 860}, offline=True)
    page = context.new_page()
    wrong: list[str] = []
    address = (kit / "report.html").as_uri()
    page.on("request", lambda one: wrong.append(one.url) if one.url != address else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.add_init_script(
        """window.analysers = [];
        window.AnalyserNode = class extends AnalyserNode {
          constructor(...given) {
            super(...given);
            window.analysers.push(this);
          }
        };"""
    )
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    yield page
    context.close()
    assert [one for one in wrong if not one.startswith("data:text/javascript")] == []


def test_it_plays(page: Page) -> None:
    page.click("#play")
    expect(page.locator(".steps .now").first).to_be_attached()
    page.wait_for_function(
        """() => {
          const samples = new Float32Array(2048);
          window.analysers[0].getFloatTimeDomainData(samples);
          return samples.some((sample) => Math.abs(sample) > 0.01);
        }"""
    )
    page.click("#play")
    expect(page.locator("#play")).to_have_text("Play")


def test_it_shows_what_the_module_would_play(page: Page, kit: Path) -> None:
    bundle, random = read_bundle(kit), Random(4)
    for voice, (described, model) in enumerate(
        zip(bundle.manifest.voices, bundle.models, strict=True)
    ):
        decoder = ExactDecoder(described, model)
        for _ in range(RANDOM_PLACES):
            page.locator(f"#map{voice + 1}").focus()
            for _ in range(random.randrange(1, 4)):
                arrow = random.choice(["Left", "Right", "Up", "Down"])
                page.keyboard.press(f"{random.choice(['', 'Shift+'])}Arrow{arrow}")
            x, y, shown = page.evaluate(SHOWN, voice)
            expected = [
                n + 1 for n, level in enumerate(decoder.decode((x, y)).onset) if level > 0.5
            ]
            assert shown == f"Steps that sound: {', '.join(map(str, expected)) or 'none'}"


SHOWN = """(voice) => {
  const place = document.querySelector(`#map${voice + 1}`).dataset.place.split(' ');
  const steps = document.querySelector(`#steps${voice + 1}`).getAttribute('aria-label');
  return [...place.map(Number), steps];
}"""


def test_a_press_near_a_dot_is_its_loop(page: Page, kit: Path) -> None:
    x, y = read_bundle(kit).manifest.voices[0].training_points[0]
    box = page.locator("#map1").bounding_box()
    assert box
    page.mouse.click(box["x"] + (x + 0.01) * box["width"], box["y"] + (1 - y) * box["height"])
    expect(page.locator("#place1")).to_contain_text(f"x {x:.2f}, y {y:.2f}: ")


def test_the_threshold_is_shown(page: Page) -> None:
    page.locator("#threshold1").fill("1")
    expect(page.locator("#steps1")).to_have_attribute("aria-label", "Steps that sound: none")


@pytest.mark.parametrize("width", [420, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 860})
    page.evaluate(
        "() => document.querySelectorAll('details').forEach((one) => one.open = true)"
    )
    assert findings(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_kit_that_fails_its_check_points_is_refused(
    chromium: Browser, kit: Path, tmp_path: Path
) -> None:
    bundle = read_bundle(kit)
    first, *others = bundle.manifest.voices
    wrong = replace(
        first.check_points[3], expected=(0.123, *first.check_points[3].expected[1:])
    )
    points = (*first.check_points[:3], wrong, *first.check_points[4:])
    manifest = replace(bundle.manifest, voices=(replace(first, check_points=points), *others))
    packed = report_page.packed(manifest, bundle.models, [[], []])
    text = (kit / "report.html").read_text("utf-8")
    spoilt = tmp_path / "report.html"
    spoilt.write_text(re.sub(r'(id="kit">)[^<]*', rf"\1{packed}", text), "utf-8")
    page = chromium.new_page()
    page.goto(spoilt.as_uri())
    expect(page.locator("#player-state")).to_contain_text("computes other values")
    expect(page.locator("#play")).to_be_disabled()
    page.close()


def test_it_is_small_and_whole(kit: Path) -> None:
    text = (kit / "report.html").read_text("utf-8")
    assert len(text) < KBYTES_MAX * 1000
    for names in (report_page.SHARED, report_page.OWN, report_page.AUDIO):
        script = report_page.script(names)
        assert "</script" not in script
        assert "import " not in script.replace("imports", "")
        assert "export " not in script
