import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from firmware.errors import UserError
from firmware.storage.file_lock import FileLock
from tests.trainer.data.test_project import A, B, corrections, loop
from trainer.data import project_file
from trainer.data.project import Corrections, Project, ProjectError, correct, record
from trainer.data.project_file import NAME, is_project, load, to_json, update


def started(folder: Path) -> Project:
    return update(folder, lambda one: record(one, [(A, loop()), (B, loop("b.wav", 1))]))


def test_a_folder_without_a_file_is_an_empty_project(tmp_path: Path) -> None:
    assert to_json(load(tmp_path)) == to_json(Project())
    assert not is_project(tmp_path)
    started(tmp_path)
    assert is_project(tmp_path)
    assert is_project(tmp_path / NAME)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=corrections)
def test_what_is_written_is_read_back(chosen: Corrections, tmp_path: Path) -> None:
    started(tmp_path)
    after = update(tmp_path, lambda one: correct(one, "edit", [A], lambda _: chosen))
    found = load(tmp_path)
    assert to_json(found) == to_json(after)
    assert found.loops[A].corrections == chosen
    assert np.array_equal(found.loops[A].grid().onset, after.loops[A].grid().onset)


def test_the_revision_counts_changes(tmp_path: Path) -> None:
    assert started(tmp_path).revision == 1
    assert update(tmp_path, lambda one: one).revision == 1
    note = Corrections(note="x")
    assert update(tmp_path, lambda one: correct(one, "n", [A], lambda _: note)).revision == 2
    assert load(tmp_path).revision == 2


def test_a_change_that_fails_leaves_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(tmp_path)
    before = (tmp_path / NAME).read_bytes()

    def full(path: Path, data: bytes) -> None:
        raise UserError("disk full")

    monkeypatch.setattr(project_file, "write_whole", full)
    with pytest.raises(UserError, match="disk full"):
        update(tmp_path, lambda one: record(one, [(A, loop("c.wav"))]))
    assert (tmp_path / NAME).read_bytes() == before


def _newer(content: dict) -> None:
    content["version"] = 2


def _short(content: dict) -> None:
    content["loops"][A]["detected"]["velocity"].pop()


def _outside(content: dict) -> None:
    step = {"onset": True, "velocity": 1, "offset": 0}
    content["loops"][A]["corrections"]["steps"] = {"32": step}


def _unknown(content: dict) -> None:
    content["loops"][A]["colour"] = "red"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_newer, "newer than this trainer"),
        (_short, "differ in length"),
        (_outside, "outside its loop"),
        (_unknown, "colour"),
    ],
)
def test_a_damaged_file_is_refused(
    damage: Callable[[dict], None], message: str, tmp_path: Path
) -> None:
    started(tmp_path)
    content = json.loads((tmp_path / NAME).read_text())
    damage(content)
    (tmp_path / NAME).write_text(json.dumps(content))
    with pytest.raises(ProjectError, match=message):
        load(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "exnihilo dataset"}'])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(ProjectError, match="not a project file"):
        load(tmp_path)
    with pytest.raises(ProjectError):
        started(tmp_path)
    assert (tmp_path / NAME).read_text() == text


_WRITER = """
import sys
from pathlib import Path
from tests.trainer.data.test_project import A, loop
from trainer.data.project import Corrections, correct
from trainer.data.project_file import update
print("ready", flush=True)
for number in range(10_000):
    note = Corrections(note=f"{sys.argv[2]} {number} " + "x" * 5000)
    update(Path(sys.argv[1]), lambda one: correct(one, "note", [A], lambda _: note))
"""


def test_a_killed_writer_leaves_a_whole_file_and_no_lock(tmp_path: Path) -> None:
    """Two write at once; both are killed at some moment, three times."""
    started(tmp_path)
    revision = load(tmp_path).revision
    for attempt in range(3):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, str(tmp_path), name], stdout=subprocess.PIPE
            )
            for name in ("one", "two")
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline()
        until = time.monotonic() + 60
        while load(tmp_path).revision < revision + 5 + attempt and time.monotonic() < until:
            pass
        for writer in writers:
            writer.kill()
            writer.communicate()
        found = update(tmp_path, lambda one: replace(one, undo=()))
        assert found.revision > revision
        assert len(found.loops[A].corrections.note) > 5000
        revision = found.revision


def test_what_was_written_is_given_before_another_process_may_change_it(
    tmp_path: Path,
) -> None:
    given: list[Project] = []

    def written(project: Project) -> None:
        assert load(tmp_path).revision == project.revision
        with pytest.raises(BlockingIOError):
            FileLock(tmp_path / ".project.lock", wait=False)
        given.append(project)

    after = update(tmp_path, lambda one: record(one, [(A, loop())]), written=written)
    assert [one.revision for one in given] == [after.revision]
    update(tmp_path, lambda one: one, written=written)
    assert len(given) == 1
