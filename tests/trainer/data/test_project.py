from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.audio.grid import Grid
from trainer.audio.tempo import Hint
from trainer.data.project import (
    LONGEST_UNDO,
    NONE,
    Corrections,
    Detected,
    Loop,
    Project,
    ProjectError,
    Step,
    correct,
    merged,
    record,
    undone,
    with_onsets,
)

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def loop(name: str = "a.wav", seed: int = 0, steps: int = 32, *, stranger: str = "") -> Loop:
    rng = np.random.default_rng(seed)
    onset = rng.random(steps) < 0.4
    grid = Grid(onset, np.where(onset, 0.5, 0.0), np.where(onset, 0.1, 0.0))
    return Loop(name, f"/loops/{name}", Detected(120, steps / 16, "name", 1.0, grid, stranger))


def edit(project: Project, digest: str, steps: dict[int, Step]) -> Project:
    return correct(
        project,
        "edit",
        [digest],
        lambda one: replace(one.corrections, steps=steps, step_count=32),
    )


corrections = st.builds(
    Corrections,
    hint=st.builds(Hint, bpm=st.none() | st.floats(40, 300), bars=st.none() | st.just(2.0)),
    steps=st.dictionaries(
        st.integers(0, 31), st.builds(Step, onset=st.just(True), velocity=st.floats(0.1, 1))
    ),
    step_count=st.just(32),
    rotation=st.integers(-31, 31),
    left_out=st.sampled_from([None, True, False]),
    voice=st.sampled_from([None, 1, 2, 3]),
    note=st.text(max_size=5),
)


@given(corrections, st.lists(st.sampled_from(["encode", "rename", "move", "merge"])))
def test_corrections_survive(chosen: Corrections, events: list[str]) -> None:
    """Whatever happens to files and datasets, what a person decided stays."""
    project = record(Project(), [(A, loop()), (B, loop("b.wav", 1))])
    project = correct(project, "edit", [A], lambda _: chosen)
    for number, event in enumerate(events):
        if event == "encode":
            project = record(project, [(A, loop("a.wav", number)), (B, loop("b.wav", number))])
        elif event == "rename":
            project = record(project, [(A, loop(f"new{number}.wav"))])
        elif event == "move":
            project = record(project, [(A, replace(loop(), path=f"/else/{number}.wav"))])
        else:
            project = merged(record(Project(), [(A, loop()), (C, loop("c.wav"))]), project)
    assert project.loops[A].corrections == chosen
    assert project.loops[B].corrections == NONE


def test_a_corrected_step_replaces_the_detected_one() -> None:
    project = record(Project(), [(A, loop())])
    silent = int(np.flatnonzero(~loop().detected.grid.onset)[0])
    sounding = int(np.flatnonzero(loop().detected.grid.onset)[0])
    steps = {silent: Step(onset=True, velocity=0.8, offset=-0.2), sounding: Step(onset=False)}
    grid = edit(project, A, steps).loops[A].grid()
    assert (grid.onset[silent], grid.velocity[silent], grid.offset[silent]) == (True, 0.8, -0.2)
    assert (grid.onset[sounding], grid.velocity[sounding]) == (False, 0)
    others = np.setdiff1d(np.arange(32), [silent, sounding])
    assert np.array_equal(grid.velocity[others], loop().detected.grid.velocity[others])


def test_corrected_steps_are_kept_but_not_applied_to_a_grid_of_another_size() -> None:
    project = edit(record(Project(), [(A, loop())]), A, {0: Step(onset=True, velocity=1)})
    again = record(project, [(A, loop(steps=64))])
    assert np.array_equal(again.loops[A].grid().onset, loop(steps=64).detected.grid.onset)
    back = record(again, [(A, loop())])
    assert back.loops[A].grid().onset[0]


@given(st.integers(0, 1), st.integers(-40, 40), st.integers(0, 2**32 - 1))
def test_an_edited_window_sounds_as_edited(window: int, rotation: int, code: int) -> None:
    wanted = np.array([code >> bit & 1 for bit in range(32)], bool)
    turned = replace(loop(steps=64), corrections=Corrections(rotation=rotation))
    after = replace(turned, corrections=with_onsets(turned, window, wanted))
    part = slice(32 * window, 32 * window + 32)
    assert np.array_equal(after.grid().onset[part], wanted)
    other = slice(32 * (1 - window), 32 * (1 - window) + 32)
    assert np.array_equal(after.grid().onset[other], turned.grid().onset[other])
    assert (after.grid().velocity > 0).tolist() == after.grid().onset.tolist()


@pytest.mark.parametrize(
    ("stranger", "left_out", "taken"),
    [
        ("", None, True),
        ("noise", None, False),
        ("noise", False, True),
        ("", True, False),
    ],
)
def test_a_person_decides_what_is_taken(
    stranger: str, left_out: bool | None, taken: bool
) -> None:
    one = replace(loop(stranger=stranger), corrections=Corrections(left_out=left_out))
    assert one.taken is taken


def test_changes_are_undone_latest_first() -> None:
    project = record(Project(), [(A, loop()), (B, loop("b.wav"))])
    first = correct(project, "leave out", [A, B], lambda _: Corrections(left_out=True))
    second = correct(first, "note", [A], lambda one: replace(one.corrections, note="x"))
    back, action = undone(second)
    assert action == "note"
    assert back.loops[A].corrections == Corrections(left_out=True)
    back, action = undone(back)
    assert action == "leave out"
    assert all(one.corrections == NONE for one in back.loops.values())
    with pytest.raises(ProjectError, match="nothing to undo"):
        undone(back)


def test_the_undo_log_has_an_end() -> None:
    project = record(Project(), [(A, loop())])
    for number in range(LONGEST_UNDO + 5):
        project = correct(project, str(number), [A], lambda _: Corrections(note="x"))
    assert len(project.undo) == LONGEST_UNDO
    assert project.undo[-1].action == str(LONGEST_UNDO + 4)


def test_an_unknown_loop_cannot_be_corrected() -> None:
    with pytest.raises(ProjectError, match="no such loop"):
        correct(Project(), "edit", [A], lambda _: NONE)


def test_of_two_corrections_the_first_projects_stand() -> None:
    one = correct(
        record(Project(), [(A, loop())]), "note", [A], lambda _: Corrections(note="one")
    )
    other = correct(
        record(Project(), [(A, loop())]), "note", [A], lambda _: Corrections(note="two")
    )
    assert merged(one, other).loops[A].corrections.note == "one"
    assert merged(other, one).loops[A].corrections.note == "two"
