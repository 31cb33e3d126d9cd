"""A server that ends as by a power cut amid a step: nothing that was there is lost."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from firmware.bundle.bundle import read_bundle
from tests.firmware.waiting import wait_until
from tests.trainer.studio.conftest import TRAINED_MS, Server, Start, Visit
from tests.trainer.studio.kits import copied
from tests.trainer.studio.test_journeys import drop
from trainer.data.demo_loops import write_demo_loops
from trainer.data.project_file import load

pytestmark = pytest.mark.timeout(2 * TRAINED_MS // 1000)
ENDED_S = 240.0
NEW_LOOPS = 6


@dataclass(frozen=True)
class Work:
    """A page of a studio that has loops, a correction, a training and a module."""

    page: Page
    server: Server
    folder: Path

    @property
    def project(self) -> Path:
        return self.server.project

    @property
    def card(self) -> Locator:
        return self.page.locator("article.training").last

    def new_loops(self) -> list[Path]:
        folder = self.folder / "new"
        if not folder.exists():
            write_demo_loops(folder, NEW_LOOPS, 77, lambda _event: None)
        return sorted(folder.rglob("*.wav"))


def start_drop(work: Work) -> None:
    with work.page.expect_response("**/api/files?**"):
        drop(work.page, *work.new_loops())


def end_drop(work: Work) -> None:
    drop(work.page, *work.new_loops())
    expect(work.page.locator("#filter-all b")).to_have_text(str(28 + NEW_LOOPS))
    assert len(load(work.project).loops) == 28 + NEW_LOOPS


def start_correct(work: Work) -> None:
    work.page.press("#loop-list", "End")
    with work.page.expect_request("**/api/edit"):
        work.page.click("#editor-left")


def end_correct(work: Work) -> None:
    before = sum(bool(one.corrections.rotation) for one in load(work.project).loops.values())
    work.page.press("#loop-list", "End")
    with work.page.expect_response("**/api/edit"):
        work.page.click("#editor-out")
    after = load(work.project).loops.values()
    assert [one.corrections.left_out for one in after].count(True) == 1
    assert sum(bool(one.corrections.rotation) for one in after) == before


def start_train(work: Work) -> None:
    work.page.click("#draft")
    expect(work.page.locator("#live-maps canvas").first).to_be_visible(timeout=TRAINED_MS)


def end_train(work: Work) -> None:
    assert [path.name for path in (work.project / "trainings").iterdir()] == ["1"]
    work.page.click("#draft")
    expect(work.page.locator("article.training")).to_have_count(2, timeout=TRAINED_MS)
    assert read_bundle(work.project / "trainings" / "2").manifest.loops == 28


def start_compare(work: Work) -> None:
    with work.page.expect_request("**/remark"):
        work.card.locator("button.star").click()


def end_compare(work: Work) -> None:
    star = work.card.locator("button.star")
    if star.get_attribute("aria-pressed") == "true":
        star.click()
        expect(star).to_have_attribute("aria-pressed", "false")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    saved = json.loads((work.project / "trainings.json").read_text())["trainings"]
    assert saved["trainings/1"]["star"]
    assert saved["trainings/1"]["note"] == "mine"


def choose(work: Work) -> None:
    """Play the other candidate, and write it into the kit."""
    work.card.locator("[aria-label='Candidates of voice 1'] button:not(.own)").first.click()
    work.card.locator("button:has-text('Put what plays')").click()


def start_save(work: Work) -> None:
    choose(work)
    expect(work.page.locator("#jobs .job")).to_be_visible()


def end_save(work: Work) -> None:
    before = read_bundle(work.project / "trainings" / "1").models
    choose(work)
    expect(work.card.locator("button:has-text('Put what plays')")).to_have_count(
        0, timeout=TRAINED_MS
    )
    assert read_bundle(work.project / "trainings" / "1").models[0] != before[0]


def start_push(work: Work) -> None:
    work.page.click("#push")
    expect(work.page.locator("#push-bar")).to_be_visible()


def end_push(work: Work) -> None:
    current = work.folder / "module" / "current"
    models = read_bundle(work.project / "trainings" / "1").models
    if current.exists():
        assert read_bundle(current.resolve()).models == models
    work.page.click("#push")
    expect(work.page.locator("#push-state")).to_contain_text("verified")
    assert read_bundle(current.resolve()).models == models


STEPS: dict[str, tuple[Callable[[Work], None], Callable[[Work], None]]] = {
    "drop": (start_drop, end_drop),
    "correct": (start_correct, end_correct),
    "train": (start_train, end_train),
    "compare": (start_compare, end_compare),
    "save": (start_save, end_save),
    "push": (start_push, end_push),
}


def children(pid: int) -> set[int]:
    """Return the processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return {int(one) for task in tasks for one in (task / "children").read_text().split()}


@pytest.mark.parametrize("step", STEPS)
def test_nothing_is_lost_and_the_step_is_made_again(
    step: str, start: Start, visit: Visit, project: Path, kit: Path, tmp_path: Path
) -> None:
    begin, finish = STEPS[step]
    copied(kit, project / "trainings" / "1")
    server = start(project, "--local", tmp_path / "module")
    work = Work(visit.open(server), server, tmp_path)
    expect(work.card).to_have_class("training playing")
    work.card.locator("summary").click()
    work.card.locator("textarea").fill("mine")
    with work.page.expect_response("**/remark"):
        work.card.locator("textarea").blur()
    work.page.press("#loop-list", "Home")
    with work.page.expect_response("**/api/edit"):
        work.page.click("#editor-right")
    corrected = {
        key: one for key, one in load(project).loops.items() if one.corrections.rotation
    }
    assert len(corrected) == 1

    begin(work)
    started = children(server.process.pid)
    server.kill()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), ENDED_S)

    again = start(project, "--local", tmp_path / "module")
    work = Work(visit.open(again), again, tmp_path)
    found = load(project).loops
    assert all(found[key].corrections == one.corrections for key, one in corrected.items())
    assert len(found) >= 28
    read_bundle(project / "trainings" / "1")
    expect(work.card).to_have_class("training playing")
    finish(work)
