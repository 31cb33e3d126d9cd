import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from trainer.__main__ import main
from trainer.data.dataset import read_dataset
from trainer.data.demo_loops import write_demo_loops
from trainer.data.project_file import load


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def loops(tmp_path: Path) -> Path:
    write_demo_loops(tmp_path / "loops", 5, 2)
    return tmp_path / "loops"


@pytest.fixture
def project(loops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["encode", str(loops), "--project", str(tmp_path / "mine")]) == 0
    assert "revision 1" in capsys.readouterr().err
    return tmp_path / "mine"


def encode(loops: Path, project: Path, out: Path) -> dict[str, np.ndarray]:
    """Encode with the project; return the onsets by name."""
    assert main(["encode", str(loops), "--project", str(project), "-o", str(out)]) == 0
    dataset = read_dataset(out)
    return dict(zip(dataset.names, dataset.onset, strict=True))


def test_edits_survive_encoding_again_and_renaming(
    loops: Path, project: Path, tmp_path: Path
) -> None:
    kick = next(loops.rglob("kick*.wav"))
    assert main(["dataset", "edit", str(project), kick.name, "--steps", "x---" * 8]) == 0
    rows = encode(loops, project, tmp_path / "d.npz")
    assert np.flatnonzero(rows[f"kick/{kick.name}"]).tolist() == list(range(0, 32, 4))
    kick.rename(loops / "renamed_120bpm.wav")
    rows = encode(loops, project, tmp_path / "d.npz")
    assert np.flatnonzero(rows["renamed_120bpm.wav"]).tolist() == list(range(0, 32, 4))
    assert main(["dataset", "undo", str(project)]) == 0
    rows = encode(loops, project, tmp_path / "d.npz")
    assert np.flatnonzero(rows["renamed_120bpm.wav"]).tolist() != list(range(0, 32, 4))


def test_a_dropped_loop_stays_out_until_it_is_taken(
    loops: Path, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dataset", "drop", str(project), "snare*"]) == 0
    assert len(encode(loops, project, tmp_path / "d.npz")) == 4
    assert "by the project" in capsys.readouterr().err
    snare = next(loops.rglob("snare*.wav")).name
    assert main(["dataset", "edit", str(project), snare, "--take"]) == 0
    assert len(encode(loops, project, tmp_path / "d.npz")) == 5


def test_a_chosen_tempo_is_used(
    loops: Path, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "hat/" + next(loops.rglob("hat*.wav")).name
    assert main(["dataset", "edit", str(project), name, "--bpm", "60", "--bars", "1"]) == 0
    assert main(["encode", str(loops), "--project", str(project), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)[name]
    assert (found["bpm"], found["bars"], found["source"]) == (60, 1, "project")


def test_rotation_voice_and_note_are_recorded_and_shown(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--rotate", "4", "--voice", "2", "--note", "lovely"]
    assert main(["dataset", "edit", str(project), "bass*", *options]) == 0
    (loop,) = [one for one in load(project).loops.values() if "bass" in one.name]
    assert (loop.corrections.rotation, loop.corrections.voice) == (4, 2)
    assert np.array_equal(loop.grid().onset, np.roll(loop.detected.grid.onset, 4))
    assert main(["dataset", "show", str(project)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 5
    assert any("bass" in line and line.endswith("lovely") for line in shown)
    assert main(["dataset", "edit", str(project), "bass*", "--voice", "0"]) == 0
    (loop,) = [one for one in load(project).loops.values() if "bass" in one.name]
    assert loop.corrections.voice is None


def test_velocity_and_timing_of_steps_are_corrected(
    loops: Path, project: Path, tmp_path: Path
) -> None:
    kick = "kick/" + next(loops.rglob("kick*.wav")).name
    edit = ["dataset", "edit", str(project), kick]
    assert main([*edit, "--steps", "x---" * 8, "--rotate", "4"]) == 0
    assert main([*edit, "--velocity", "1=0.3,9=0.625", "--offset", "9=-0.25"]) == 0
    out = tmp_path / "d.npz"
    rows = encode(loops, project, out)
    assert np.flatnonzero(rows[kick]).tolist() == list(range(0, 32, 4))
    dataset = read_dataset(out)
    row = dataset.names.index(kick)
    assert dataset.velocity[row, [0, 8]].tolist() == pytest.approx([0.3, 0.625])
    assert dataset.offset[row, 8] == -0.25
    assert main([*edit, "--on", "2"]) == 0
    encode(loops, project, out)
    assert read_dataset(out).offset[row, 8] == -0.25


def test_merged_projects_keep_the_corrections_of_both(
    loops: Path, project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(project, other)
    assert main(["dataset", "edit", str(project), "kick*", "--note", "one"]) == 0
    assert main(["dataset", "edit", str(other), "kick*", "--note", "two"]) == 0
    assert main(["dataset", "edit", str(other), "hat*", "--note", "two"]) == 0
    both = tmp_path / "both"
    assert main(["dataset", "merge", str(project), str(other), "-o", str(both)]) == 0
    notes = {one.name[:3]: one.corrections.note for one in load(both).loops.values()}
    assert (notes["kic"], notes["hat"], notes["bas"]) == ("one", "two", "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["drop", "{project}", "nobody*"], 1, "no loop of the project"),
        (["drop", "{project}", "*", "--duplicates"], 2, "dataset files"),
        (["edit", "{project}", "*", "--note", "x"], 1, "5 loops have this name"),
        (["edit", "{project}", "kick*", "--bpm", "5"], 2, "not within 20..400"),
        (["edit", "{project}", "kick*", "--on", "1", "-o", "{project}/x"], 2, "in place"),
        (["edit", "{project}", "kick*", "--velocity", "1=2"], 2, "within 0..1"),
        (["edit", "{project}", "kick*", "--velocity", "33=1"], 2, "from 1 to 32"),
        (["edit", "{project}", "kick*", "--offset", "x"], 2, "write STEP=VALUE"),
        (["edit", "{project}", "kick*", "--off", "2", "--offset", "2=0"], 1, "no onset"),
        (["undo", "{project}"], 1, "nothing to undo"),
        (["undo", "{loops}"], 1, "not a project"),
        (["merge", "{project}", "{loops}/d.npz", "-o", "{loops}/x"], 2, "with each other"),
    ],
)
def test_a_mistake_gives_one_line_and_changes_nothing(
    arguments: list[str],
    code: int,
    message: str,
    project: Path,
    loops: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = (project / "project.json").read_bytes()
    paths = [part.format(project=project, loops=loops) for part in arguments]
    assert main(["dataset", *paths]) == code
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert (project / "project.json").read_bytes() == before


def test_a_dataset_file_that_is_changed_in_place_leaves_a_copy(
    loops: Path, tmp_path: Path
) -> None:
    path = tmp_path / "d.npz"
    assert main(["encode", str(loops), "-o", str(path)]) == 0
    before = read_dataset(path)
    assert main(["dataset", "drop", str(path), "kick/*"]) == 0
    assert len(read_dataset(path)) == len(before) - 1
    assert read_dataset(tmp_path / "d.backup.npz").names == before.names
    assert main(["dataset", "edit", str(path), before.names[0], "--note", "x"]) == 2
