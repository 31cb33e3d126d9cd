"""What a musician does, in a real browser: what the page shows, and what the project holds."""

import base64
import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from firmware.bundle.bundle import read_bundle
from tests.trainer.studio.conftest import TRAINED_MS, Start, Visit
from tests.trainer.studio.kits import copied
from trainer.audio.tempo import NO_HINT
from trainer.data.project import Loop
from trainer.data.project_file import load

pytestmark = pytest.mark.timeout(2 * TRAINED_MS // 1000)

DROP = """async (files) => {
  const data = new DataTransfer();
  for (const [name, text] of files) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], name));
  }
  window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
}"""


def drop(page: Page, *paths: Path) -> None:
    """Drop files on the page."""
    page.evaluate(DROP, [[p.name, base64.b64encode(p.read_bytes()).decode()] for p in paths])


def expect_sound(page: Page) -> None:
    """Wait until the page can be heard."""
    page.wait_for_function(
        """async () => {
          const { player } = await import('/page/instrument.js');
          if (!player.analyser) return false;
          const samples = new Float32Array(2048);
          player.analyser.getFloatTimeDomainData(samples);
          return samples.some((sample) => Math.abs(sample) > 0.01);
        }"""
    )


def test_from_loops_to_a_kit_on_a_module(
    start: Start, visit: Visit, demo_loops: Path, tmp_path: Path
) -> None:
    server = start("--project", tmp_path / "new", "--local", tmp_path / "module")
    page = visit.open(server)
    expect(page.locator("#loops-empty")).to_be_visible()
    drop(page, *sorted(demo_loops.rglob("*.wav")))
    expect(page.locator("#loop-count")).to_have_text("28")
    assert len(load(server.project).loops) == 28

    page.click("#draft")
    expect(page.locator("#jobs .job")).to_be_visible()
    expect(page.locator("article.training.playing")).to_have_count(1, timeout=TRAINED_MS)
    page.click("#play")
    expect_sound(page)
    page.click("#play")

    page.click("#push")
    expect(page.locator("#push-state")).to_contain_text("verified")
    current = tmp_path / "module" / "current"
    trained = read_bundle(server.project / "trainings" / "1")
    assert read_bundle(current.resolve()).models == trained.models
    server.kill()
    expect(page.locator("#lost")).to_be_visible()


def test_a_correction_is_in_the_project_and_undone(
    start: Start, visit: Visit, project: Path
) -> None:
    server = start(project)
    page = visit.open(server)
    page.press("#loop-list", "Home")
    name = page.inner_text("#editor-name")
    digest, before = next(
        (d, one) for d, one in load(project).loops.items() if one.name == name
    )
    page.focus("#editor-steps")
    page.press("#editor-steps", "ArrowRight")
    page.press("#editor-steps", "Enter")
    expect(page.locator("#filter-edited b")).to_have_text("1")
    after = load(project).loops[digest]
    assert bool(after.grid().onset[1]) != bool(before.grid().onset[1])
    server.kill()

    page = visit.open(start(project))
    expect(page.locator("#filter-edited b")).to_have_text("1")
    page.keyboard.press("Control+z")
    expect(page.locator("#filter-edited b")).to_have_text("0")
    assert load(project).loops[digest].corrections == before.corrections
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#filter-edited b")).to_have_text("1")
    assert load(project).loops[digest].corrections == after.corrections


def test_a_tempo_is_settled_by_hand_and_taken_back(
    start: Start, visit: Visit, project: Path
) -> None:
    page = visit.open(start(project))
    page.press("#loop-list", "Home")
    name = page.inner_text("#editor-name")
    found = page.input_value("#editor-bpm")
    steps = len(loop_named(project, name).grid().onset)
    page.click("#editor-half")
    expect(page.locator("#editor-facts")).to_contain_text(f"{float(found) / 2:g} bpm")
    page.wait_for_function(STEPS_OF, arg=[name, steps // 2])
    halved = loop_named(project, name)
    assert halved.corrections.hint.bpm == float(found) / 2
    assert halved.detected.source == "project"
    page.fill("#editor-bpm", found)
    page.press("#editor-bpm", "Enter")
    page.wait_for_function(STEPS_OF, arg=[name, steps])
    page.select_option("#editor-meter", "3/4")
    expect(page.locator("#editor-facts")).to_contain_text("3/4")
    page.click("#editor-found")
    expect(page.locator("#editor-facts")).not_to_contain_text("3/4")
    page.wait_for_function(STEPS_OF, arg=[name, steps])
    assert loop_named(project, name).corrections.hint == NO_HINT


STEPS_OF = """async ([name, count]) => {
  const { state } = await import('/page/store.js');
  return state.byName.get(name).steps.length === count;
}"""


def loop_named(project: Path, name: str) -> Loop:
    return next(one for one in load(project).loops.values() if one.name == name)


def test_moved_files_are_found_again(
    start: Start, visit: Visit, demo_loops: Path, tmp_path: Path
) -> None:
    loops = Path(shutil.copytree(demo_loops, tmp_path / "loops"))
    server = start(loops, "--project", tmp_path / "mine")
    page = visit.open(server)
    expect(page.locator("#loop-count")).to_have_text("28")
    page.press("#loop-list", "Home")
    moved = Path(loop_named(server.project, page.inner_text("#editor-name")).path)
    new = loops / "elsewhere" / "renamed.wav"
    new.parent.mkdir()
    moved.rename(new)
    page.keyboard.press("Enter")
    expect(page.locator(".note", has_text="has moved").first).to_be_visible()
    page.click("#search-again")
    expect(page.locator("#editor-name")).to_have_text("elsewhere/renamed.wav")
    page.keyboard.press("Escape")
    with page.expect_response("**/audio") as answer:
        page.click("#editor-play")
    assert answer.value.ok
    assert {one.path for one in load(server.project).loops.values()} >= {str(new)}
    expect(page.locator("#loop-count")).to_have_text("28")


def test_two_hands_on_one_project_lose_nothing(
    start: Start, visit: Visit, project: Path
) -> None:
    page = visit.open(start(project))
    page.press("#loop-list", "Home")
    # As if another program had changed the project before this page heard of it.
    page.evaluate("async () => { (await import('/page/store.js')).state.revision -= 1; }")
    page.click("#editor-right")
    expect(page.locator(".note.conflict")).to_be_visible()
    assert all(one.corrections.rotation == 0 for one in load(project).loops.values())
    page.click(".note.conflict button:has-text('Make it now')")
    expect(page.locator("#filter-edited b")).to_have_text("1")
    assert sum(one.corrections.rotation for one in load(project).loops.values()) == 1


def test_a_training_is_stopped_in_any_phase(start: Start, visit: Visit, project: Path) -> None:
    page = visit.open(start(project))
    page.click("#train")
    expect(page.locator("#live-maps canvas").first).to_be_visible(timeout=TRAINED_MS)
    page.click("#play")
    expect_sound(page)  # the map that is only forming plays
    page.click("#jobs button:has-text('Stop')")
    expect(page.locator("#jobs .job")).to_have_count(0)
    expect(page.locator("#train")).to_be_enabled()
    assert not (project / "trainings" / "1" / "manifest.json").exists()


def test_candidates_stars_names_and_notes(
    start: Start, visit: Visit, project: Path, kit: Path
) -> None:
    copied(kit, project / "trainings" / "1")
    server = start(project)
    page = visit.open(server)
    card = page.locator("article.training")
    expect(card).to_have_class("training playing")
    first = page.evaluate(PATTERN)
    card.locator("[aria-label='Candidates of voice 1'] button:not(.own)").first.click()
    expect(card.locator("button:has-text('Put what plays')")).to_be_visible()
    assert page.evaluate(PATTERN) != first
    page.click("#push")
    expect(page.locator("#push-state")).to_contain_text("not in the kit")
    card.locator("button:has-text('Put what plays')").click()
    expect(card.locator("button:has-text('Put what plays')")).to_have_count(
        0, timeout=TRAINED_MS
    )
    expect(card.locator("[aria-label='Candidates of voice 1'] .own")).to_have_attribute(
        "aria-pressed", "true"
    )
    card.locator("button.star").click()
    expect(card.locator("button.star")).to_have_attribute("aria-pressed", "true")
    card.locator("input.name").fill("<img src=x onerror=alert(1)>")
    card.locator("input.name").press("Enter")
    card.locator("summary").click()
    card.locator("textarea").fill("the good one")
    with page.expect_response("**/remark"):
        card.locator("textarea").blur()
    expect(page.locator("#push")).to_contain_text("<img")
    server.kill()
    saved = json.loads((project / "trainings.json").read_text())["trainings"]["trainings/1"]
    assert (saved["star"], saved["note"]) == (True, "the good one")
    page = visit.open(start(project))
    expect(page.locator("article.training input.name")).to_have_value(saved["name"])


PATTERN = """async () => {
  const { patternOf } = await import('/page/instrument.js');
  return Array.from(patternOf(0));
}"""
