"""The picture of the studio: its page in a browser, with the demo's loops and kit, playing."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

WIDTH, HEIGHT = 1440, 900
_SIDES = ("Width", "Height")
POSITIONS = ((0.32, 0.35), (0.5, 0.55), (0.68, 0.4))
"""Where the three voices are on the map."""


def studio_picture(loops: Path, kit: Path) -> bytes:
    """Show the page with a loop in its editor, three voices on the map and a training."""
    with TemporaryDirectory() as folder:
        project = Path(folder, "demo")
        encode = (sys.executable, "-m", "trainer", "encode", loops, "--project", project)
        subprocess.run(encode, check=True, capture_output=True)
        shutil.copytree(kit, project / "kit")
        with _server(project) as address:
            return _shot(address)


def _shot(address: str) -> bytes:
    # Only this picture needs a browser.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=arguments
        )
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark"
        )
        page.goto(address)
        _arrange(page)
        shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
        browser.close()
    out = BytesIO()
    shot.quantize(192).save(out, "png", optimize=True)
    return out.getvalue()


def _arrange(page: Any) -> None:
    """Put the voices on the map, open a loop and play until the second bar."""
    from playwright.sync_api import expect  # noqa: PLC0415

    page.wait_for_selector("body[data-ready]")
    expect(page.locator("article.training.playing")).to_have_count(1)
    field = page.locator("#map")
    width, height = (field.evaluate(f"one => one.client{side}") for side in _SIDES)
    for number, (x, y) in enumerate(POSITIONS, 1):
        page.get_by_role("button", name=f"Voice {number}", exact=True).click()
        field.click(position={"x": x * width, "y": (1 - y) * height})
    page.get_by_role("button", name="Voice 1", exact=True).click()
    page.locator("#loop-list .loop").nth(2).click()
    page.click("#play")
    expect(page.locator("#where")).to_have_text(re.compile("^[2-9]"))
    page.mouse.move(WIDTH - 1, HEIGHT - 1)


@contextmanager
def _server(project: Path) -> Iterator[str]:
    """Serve a project's studio, with the lists and settings of a new user; give its address."""
    own = {f"XDG_{name}_HOME": str(project.parent / name) for name in ("DATA", "CONFIG")}
    command = (sys.executable, "-m", "trainer", "studio", "--no-open", project)
    with subprocess.Popen(
        command, env=os.environ | own, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            for line in server.stderr or ():
                if found := re.search(r" is at (http://\S+)", line):
                    yield found[1]
                    return
        finally:
            server.terminate()
