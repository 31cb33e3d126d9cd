"""Two trainings side by side."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from firmware.bundle.bundle import read_bundle
from firmware.bundle.exact_decoder import ExactDecoder
from firmware.bundle.latent_map import LatentMap, render_map
from firmware.bundle.manifest import MANIFEST, manifest_bytes
from tests.trainer.studio.conftest import Start, Visit
from tests.trainer.studio.kits import copied
from tests.trainer.studio.playing import ask, page

__all__ = ["page"]

SOUNDING = "Array.from(patternOf(0).slice(0, 32), (level) => level > patch.threshold[0])"


def other_way_round(kit: Path, folder: Path) -> Path:
    """Copy a kit with its two voices exchanged."""
    copied(kit, folder)
    manifest = read_bundle(folder).manifest
    swapped = replace(manifest, name="other", voices=manifest.voices[::-1])
    (folder / MANIFEST).write_bytes(manifest_bytes(swapped))
    (folder / "training.npz").unlink()
    return folder


def drawn(kit: Path) -> LatentMap:
    """Draw the first voice's map as the module decodes it."""
    bundle = read_bundle(kit)
    decoder = ExactDecoder(bundle.manifest.voices[0], bundle.models[0])
    return render_map(lambda place: np.array(decoder.decode(place).onset), 2)


def test_b_swaps_two_trainings_at_the_same_rhythm(
    start: Start, visit: Visit, project: Path, kit: Path
) -> None:
    copied(kit, project / "trainings" / "1")
    other_way_round(kit, project / "trainings" / "2")
    page = visit.open(start(project))
    playing = page.locator("article.training.playing input.name")
    beside = page.locator("article.training:not(.playing)")
    expect(playing).to_have_count(1)
    first = playing.input_value()
    second = beside.locator("input.name").input_value()
    assert {first, second} == {"kit", "other"}
    beside.locator("button:has-text('A/B')").click()
    expect(page.locator(".differs")).to_contain_text(f"Beside {first}: ")
    folders = {"kit": project / "trainings" / "1", "other": project / "trainings" / "2"}
    for name in (second, first, second):
        wanted = np.array(ask(page, SOUNDING))
        assert wanted.any()
        page.keyboard.press("b")
        expect(playing).to_have_value(name)
        page.wait_for_function(LANDED, arg=wanted.tolist())
        off = int((np.array(ask(page, SOUNDING)) != wanted).sum())
        cells = drawn(folders[name]).sounding(0.5).reshape(-1, 32)
        assert off == (cells != wanted).sum(axis=1).min()


LANDED = """async (wanted) => {
  const { mapOf, patch, soundingOf } = await import('/page/instrument.js');
  const { nearestCell } = await import('/page/core.js');
  const { x, y } = nearestCell(mapOf(0), wanted, patch.threshold[0]);
  return patch.x[0] === x && patch.y[0] === y;
}"""


def test_what_differs_is_said_in_words(page: Page) -> None:
    words = page.evaluate(
        """async () => {
          const { differences } = await import('/page/differences.js');
          const training = (metrics, patterns) => ({ patterns, voices: [{ metrics }] });
          const a = training({ effective: 300, f1: 0.95, jump: 0.05 }, 60);
          const b = training({ effective: 450, f1: 0.95, jump: 0.01 }, 72);
          return [differences(a, b), differences(a, a)];
        }"""
    )
    assert words == [
        "smoother under the hand, more different rhythms, 12 more patterns to learn from.",
        "no difference worth a word.",
    ]
