"""What a page asks to change in loops."""

from typing import Any

import numpy as np
import pytest

from trainer.audio.grid import Grid
from trainer.audio.tempo import Hint
from trainer.data.project import Corrections, Detected, Loop, Project, Step
from trainer.studio.documents import loops_document
from trainer.studio.edits import (
    ConflictError,
    EditError,
    at_revision,
    edit_of,
    redo,
    sets_tempo,
    undo,
)

ONE, TWO = "1" * 64, "2" * 64


def loop(name: str, **corrections: Any) -> Loop:
    onset = np.arange(32) % 4 == 0
    grid = Grid(onset, onset * 0.5, onset * 0.1)
    detected = Detected(120, 2, "name", 1.0, grid)
    return Loop(name, f"/{name}", detected, Corrections(**corrections))


def project(**corrections: Any) -> Project:
    return Project({ONE: loop("a.wav", **corrections), TWO: loop("b.wav")}, revision=7)


def edited(what: str, value: Any, before: Project | None = None, *digests: str) -> Project:
    change = edit_of({"loops": list(digests or (ONE,)), "set": {what: value}})
    return change(before or project())


@pytest.mark.parametrize(
    ("what", "value", "field", "after"),
    [
        ("left_out", True, "left_out", True),
        ("voice", 2, "voice", 2),
        ("voice", None, "voice", None),
        ("note", "loud", "note", "loud"),
        ("rotate", -1, "rotation", 31),
        ("tempo", {"bpm": 90, "meter": "3/4"}, "hint", Hint(90, None, "3/4")),
        ("tempo", None, "hint", Hint(None, None, None)),
    ],
)
def test_one_thing_is_set(what: str, value: Any, field: str, after: Any) -> None:
    changed = edited(what, value)
    assert getattr(changed.loops[ONE].corrections, field) == after
    assert changed.loops[TWO] is not None
    assert undo(changed).loops[ONE].corrections == Corrections()
    assert getattr(redo(undo(changed)).loops[ONE].corrections, field) == after
    assert sets_tempo({"set": {what: value}}) == (what == "tempo")


@pytest.mark.parametrize("rotation", [0, 3])
def test_steps_are_numbered_as_the_loop_is_played(rotation: int) -> None:
    steps = {"5": {"onset": True, "velocity": 0.9, "offset": -0.2}, "4": {"onset": False}}
    changed = edited("steps", steps, project(rotation=rotation))
    grid = changed.loops[ONE].grid()
    assert (grid.onset[5], grid.velocity[5], grid.offset[5]) == (True, 0.9, -0.2)
    assert (grid.onset[4], grid.velocity[4], grid.offset[4]) == (False, 0, 0)
    document = loops_document(changed, [ONE])["loops"][0]
    assert document["corrected"] == [4, 5]
    assert edited("original", True, changed).loops[ONE].corrections == Corrections()


def test_a_new_step_is_as_loud_as_the_others() -> None:
    assert edited("steps", {"1": {"onset": True}}).loops[ONE].corrections.steps == {
        1: Step(onset=True, velocity=0.5)
    }


def test_several_loops_are_one_change() -> None:
    changed = edited("left_out", True, None, ONE, TWO)
    assert [one.taken for one in changed.loops.values()] == [False, False]
    assert loops_document(changed)["undo"] == "leave out or take of 2 loops"
    assert all(one.taken for one in undo(changed).loops.values())


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"loops": [], "set": {"note": ""}},
        {"loops": "1", "set": {"note": ""}},
        {"loops": [1], "set": {"note": ""}},
        {"loops": [ONE] * 20_001, "set": {"note": ""}},
        {"loops": [ONE], "set": {}},
        {"loops": [ONE], "set": {"note": "", "voice": 1}},
        {"loops": [ONE], "set": {"path": "/etc/passwd"}},
    ],
)
def test_a_malformed_edit_is_refused(request_: dict[str, Any]) -> None:
    with pytest.raises(EditError):
        edit_of(request_)


@pytest.mark.parametrize(
    ("what", "value"),
    [
        *(
            ("steps", value)
            for value in ({}, [], {"32": {"onset": True}}, {"-1": {}}, {"0": 1})
        ),
        *(("steps", {"0": {"onset": True, "velocity": value}}) for value in ("1", True)),
        *(("steps", {"x": {"onset": True}}), ("steps", {"0": {"onset": 1}})),
        *(
            ("rotate", 33),
            ("rotate", "x"),
            ("rotate", None),
            ("rotate", float("inf")),
            ("left_out", 1),
            ("left_out", None),
        ),
        *(("voice", 0), ("voice", 4), ("voice", "x"), ("note", 3), ("note", "x" * 2001)),
        *(("tempo", 120), ("tempo", {"bpm": "x"}), ("tempo", {"meter": 3})),
        ("tempo", {"bpm": 120, "meter": "9/4"}),
    ],
)
def test_a_value_out_of_range_is_refused(what: str, value: Any) -> None:
    with pytest.raises(EditError):
        edited(what, value)


def test_what_is_beyond_is_brought_within() -> None:
    steps = edited("steps", {"0": {"onset": True, "velocity": 9, "offset": 9}}).loops[ONE]
    assert steps.corrections.steps == {0: Step(onset=True, velocity=1.0, offset=0.5)}


def test_an_edit_of_another_revision_is_a_conflict() -> None:
    change = edit_of({"loops": [ONE], "set": {"note": "x"}})
    assert at_revision(7, change)(project()).loops[ONE].corrections.note == "x"
    with pytest.raises(ConflictError, match="revision 7, this page showed 6"):
        at_revision(6, change)(project())
